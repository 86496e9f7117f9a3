# SPDX-License-Identifier: MIT
# Lookup cost against registry size, a line a peer: gnuplot -e 'data="..."; picture="..."' plot.gp
# Columns as plot_data.h has them, a line a size of the registry. The picture brings its own background, for pages that are light and pages that are dark.
set terminal svg noenhanced size 900,540 font "Helvetica,Arial,sans-serif,14" background rgb "#fcfcfb" linewidth 1
set output picture
set encoding utf8
set datafile missing "nan"

ink = "#1f2328"
faint = "#d8dbdf"
array colours[5] = ["#0b6e4f", "#2ca58d", "#b3261e", "#8a4fbf", "#b26a00"]
array names[5] = ["ianareg by port", "ianareg by name", "files by port", "nss_db by port", "tinycdb by port"]

set label 9 "Cost of a lookup against the size of the registry" at graph 0, 1.1 left font ",18" \
	textcolor rgb ink
set label 10 "direct calls, uniform keys, medians; lower is better; both axes are logarithmic" at graph 0, 1.045 left \
	font ",12" textcolor rgb "#57606a"
set logscale xy
set xrange [800:400000]
set yrange [10:100000000]
set lmargin 9
set rmargin 17
set tmargin 4.2
set bmargin 5.2
set border 3 linecolor rgb "#8c959f"
set tics nomirror textcolor rgb ink
set grid ytics linetype 1 linewidth 0.6 linecolor rgb faint
set ytics ("10 ns" 10, "100 ns" 100, "1 µs" 1e3, "10 µs" 1e4, "100 µs" 1e5, "1 ms" 1e6, "10 ms" 1e7, "100 ms" 1e8)
unset mxtics
unset key

# The sizes that were measured are the only marks of the axis.
stats data using 1 nooutput name "sizes"
array entries[sizes_records]
stats data using (entries[int(column(0)) + 1] = $1, $1) nooutput name "read"
array said[4] = ["a tenth", "today", "five times", "the limit of the port space"]
thousands(n) = n < 1000 ? sprintf("%d", n) : sprintf("%d,%03d", int(n) / 1000, int(n) % 1000)
set xtics ()
do for [i = 1:sizes_records] {
	set xtics add (sprintf("%s\n%s", thousands(entries[i]), said[i]) entries[i])
	set arrow 20 + i from entries[i], graph 0 to entries[i], graph 1 nohead linewidth 0.6 linecolor rgb faint back
}
set xlabel "entries (port and protocol)" offset 0, -0.6 textcolor rgb ink

# The two lines of ianareg lie close to each other: their labels keep a distance.
plot for [i = 1:5] data using 1:(column(i + 1)) with linespoints linewidth (i <= 2 ? 3 : 2) pointtype 7 pointsize 0.6 \
		linecolor rgb colours[i] notitle, \
	data every ::3::3 using 1:2:(names[1]) with labels left offset 1, -0.5 textcolor rgb colours[1] notitle, \
	data every ::3::3 using 1:3:(names[2]) with labels left offset 1, 0.5 textcolor rgb colours[2] notitle, \
	for [i = 3:5] data every ::3::3 using 1:(column(i + 1)):(names[i]) with labels left offset 1, 0 \
		textcolor rgb colours[i] notitle
