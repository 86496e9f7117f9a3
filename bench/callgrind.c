/* SPDX-License-Identifier: MIT */
/* Instructions by callgrind: the difference between many passes and one, so that what is not a lookup's drops out. */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/text.h"
#include "bench/valgrind.h"

enum { PASSES = 11 };

static double read_total(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[1024];
	double total = -1;

	if (!file)
		err(1, "%s", path);
	while (fgets(line, sizeof line, file))
		if (sscanf(line, "totals: %lf", &total) == 1)
			break;
	fclose(file);
	if (total < 0)
		errx(1, "%s says no total", path);
	return total;
}

/* Of the entry point and all that it calls. */
static double instructions_of(const struct valgrind_work *work, unsigned passes)
{
	const char *out = text_of("%s/callgrind.out", work->b->build_dir);
	const char *const tool[] = {
		"--tool=callgrind",
		text_of("--toggle-collect=_nss_%s_getservby%s_r", work->module, work->by_name ? "name" : "port"),
		text_of("--callgrind-out-file=%s", out)};
	const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nothing < 0)
		err(1, "/dev/null");
	valgrind_wait(valgrind_start(work, passes, tool, nothing, nothing));
	close(nothing);
	return read_total(out);
}

double callgrind_per_lookup(const struct valgrind_work *work)
{
	return (instructions_of(work, PASSES) - instructions_of(work, 1)) / ((PASSES - 1) * work->count);
}
