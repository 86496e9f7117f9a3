# SPDX-License-Identifier: MIT
# The bench: the module and the tool beside their peers, as ratios.

# Standalone programs of libc alone, which the bench traces.
BENCH_ALONE := one_lookup traced_lookups
BENCH_SRC := $(filter-out bench/empty_module.c $(BENCH_ALONE:%=bench/%.c),$(wildcard bench/*.c))
BENCH_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(BENCH_SRC) $(BENCH_ALONE:%=bench/%.c))

.PHONY: bench bench-plot

# BENCH="warm cold" runs these sections only, BENCH="--quick" or "--pairs 101" all of them so.
bench: deps ## measured beside every peer, as ratios: BENCH="warm cold" only these sections (root, minutes)
	@sh mk/deps.sh --try valgrind iproute2:ss iptables nftables:nft busybox python3 netbase:/etc/services
	@sh bench/peers.sh $(B)/bench/peers
	@$(SUBMAKE) all $(B)/bench/ianareg-bench $(BENCH_ALONE:%=$(B)/bench/%) $(B)/bench/libnss_empty.so.2 \
		$(B)/bench/services
	@$(B)/bench/ianareg-bench --build $(B) --registry $(REGISTRY) $(BENCH)

# Of the last run of the bench, if it was of all sections or of growth. The picture and its numbers are committed.
bench-plot: deps ## draw data/bench.svg of what make bench measured (build/bench/bench.json, else it measures)
	@sh mk/deps.sh gnuplot-nox:gnuplot
	@test -e $(B)/bench/bench.json || $(SUBMAKE) bench
	@$(SUBMAKE) $(B)/bench/ianareg-bench
	@sh bench/plot.sh $(B)/bench/ianareg-bench $(B)/bench/bench.json data/bench.svg data/bench.json

$(B)/bench/dir:
	@mkdir -p $(@D) && touch $@

$(B)/bench/ianareg-bench: $(BENCH_SRC:%.c=$(B)/obj/%.o) | $(B)/bench/dir
	$(call QUIET,LD)$(call LINK,-pie) -o $@ $^ $(shell $(PKG_CONFIG) --libs jansson) -lpthread -ldl -lm

$(BENCH_ALONE:%=$(B)/bench/%): $(B)/bench/%: $(B)/obj/bench/%.o | $(B)/bench/dir
	$(call QUIET,LD)$(LINK_PROGRAM) -o $@ $<

# Laid out as the module is, so that it differs in what it does alone.
$(B)/bench/libnss_empty.so.2: bench/empty_module.c $(B)/flags | $(B)/bench/dir
	$(call QUIET,LD)$(call COMPILE,-fPIC $(SO_LAYOUT)) -Wl,-soname,$(@F) -o $@ $<

$(B)/bench/services: $(DB) | $(B)/bench/dir
	$(call QUIET,EXPORT)$(TOOL) export --format services --snapshot $< -o $@
