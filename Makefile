# SPDX-License-Identifier: MIT
# ianareg: build, test, install. `make help` lists the targets.

PREFIX ?= /usr
BINDIR ?= $(PREFIX)/bin
CC ?= cc
CLANG_FORMAT ?= clang-format
B := build
VERSION := 0.1.0

# Where this compiler's libc looks for modules: lib/<multiarch> on Debian, else lib or lib64 beside it.
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
LIBDIR ?= $(PREFIX)/lib/$(or $(MULTIARCH),$(shell $(CC) -print-multi-os-directory 2>/dev/null))
# Compiled into the module and the tool; /usr/lib and /var/lib/misc/*.db are what confined programs may read.
VENDORDIR ?= $(PREFIX)/lib/ianareg
SITE_SNAPSHOT ?= /var/lib/misc/ianareg.db
VENDOR_SNAPSHOT = $(VENDORDIR)/ianareg.db
# Where update keeps what it fetched last.
CACHE_DIR ?= /var/cache/ianareg
DOCDIR ?= $(PREFIX)/share/doc/ianareg
MANDIR ?= $(PREFIX)/share/man
BASH_COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions
FISH_COMPLETIONS ?= $(PREFIX)/share/fish/vendor_completions.d
# The registry's CSV that comes with the tool, for `update --offline`.
DATADIR ?= $(PREFIX)/share/ianareg
BUNDLED_REGISTRY = $(DATADIR)/service-names-port-numbers.csv
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d

WARN := -Wall -Wextra -Wconversion -Wshadow -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef $(WERROR)
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2
OPT ?= -O2
CFLAGS ?= $(OPT) -g
BASE := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Isrc -I. -MMD -MP $(WARN) $(SAN)
BASE += -DSITE_SNAPSHOT='"$(SITE_SNAPSHOT)"' -DVENDOR_SNAPSHOT='"$(VENDOR_SNAPSHOT)"' -DIANAREG_VERSION='"$(VERSION)"'
BASE += -DBUNDLED_REGISTRY='"$(BUNDLED_REGISTRY)"' -DCACHE_DIR='"$(CACHE_DIR)"'
ifeq ($(SAN),)
BASE += $(HARDEN)
endif
ifeq ($(V),)
QUIET = @echo "  $(1) $@" &&
endif
# Steps that call make again use both cores unless the caller said otherwise.
SUBMAKE = $(MAKE) --no-print-directory $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
SO_FLAGS := -fPIC -fno-plt -falign-functions=64 -fvisibility=hidden -ffunction-sections -fdata-sections
# One mapping for code and constants: two system calls and two page faults less in every process that looks something up.
SO_LAYOUT := -shared -Wl,-z,defs,-z,now,-z,relro,-z,nodelete,-z,noseparate-code -Wl,--gc-sections
SO_LINK := $(SO_LAYOUT) -Wl,-soname,libnss_ianareg.so.2 -Wl,--version-script=nss/exports.map

SNAPSHOT_SRC := $(wildcard src/snapshot/*.c)
TOOL_SRC := $(filter-out $(SNAPSHOT_SRC),$(wildcard src/*/*.c src/cli/*/*.c))
NSS_SRC := $(wildcard nss/*.c)
TEST_SRC := $(filter-out tests/support/%,$(wildcard tests/*/test_*.c tests/cli/*/test_*.c))
MAN_PAGES := $(notdir $(wildcard man/*.[1-8]))
HELP_SRC := $(filter-out tests/support/test_main.c,$(wildcard tests/support/*.c)) tests/oracles/excerpt.c tests/oracles/csv_rows.c

ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TSAN := -fsanitize=thread

SO := $(B)/libnss_ianareg.so.2
TOOL := $(B)/ianareg
DB := $(B)/ianareg.db
REGISTRY := data/service-names-port-numbers.csv
TESTS := $(TEST_SRC:tests/%.c=$(B)/tests/%)
FAULT_TESTS := $(B)/tests/publish/test_faults

SO_OBJ := $(patsubst %.c,$(B)/so/%.o,$(SNAPSHOT_SRC) $(NSS_SRC))
TOOL_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(SNAPSHOT_SRC) $(TOOL_SRC))
# Tests call the rooms, the entry points included, directly: everything but the tool's main().
LIB_OBJ := $(filter-out $(B)/obj/src/cli/main.o,$(TOOL_OBJ)) $(patsubst %.c,$(B)/obj/%.o,$(NSS_SRC) $(HELP_SRC))

TOOL_LIBS = -lcsv $(shell pkg-config --libs jansson) -ldl
TEST_LIBS = $(shell pkg-config --libs cmocka) -lpthread

# What some tests use, PACKAGE:COMMAND where those differ; without it they are skipped.
TEST_TOOLS := strace systemd:systemd-analyze curl openssl netbase:/etc/services mandoc fish zsh
# Where systemd runs, installing nscd would start it, and it would cache for the whole machine.
TEST_TOOLS += $(if $(wildcard /run/systemd/system),,nscd)

# make V=1 shows the commands.
.PHONY: all run check check-built deps help compdb asan tsan valgrind layers differential faults portable bench bench-plot soak golden bundle format install uninstall clean
.PHONY: install-units install-manual uninstall-manual install-completions uninstall-completions
.DELETE_ON_ERROR:
.SECONDARY:

all: $(SO) $(TOOL) $(DB) ## build the module, the tool and the bundled snapshot under build/

# Any change of flags or paths rebuilds what they are compiled into.
in_quotes = '$(subst ','\'',$(1))'
FLAGS_NOW := $(call in_quotes,$(CC) $(CFLAGS) $(BASE) $(LDFLAGS))
$(shell mkdir -p $(B); printf '%s\n' $(FLAGS_NOW) | cmp -s - $(B)/flags || printf '%s\n' $(FLAGS_NOW) >$(B)/flags)

$(B)/so/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call QUIET,CC)$(CC) $(CFLAGS) $(BASE) $(SO_FLAGS) -c -o $@ $<

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call QUIET,CC)$(CC) $(CFLAGS) $(BASE) -fPIE -c -o $@ $<

$(SO): $(SO_OBJ) nss/exports.map
	$(call QUIET,LD)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) $(SO_LINK) -o $@ $(SO_OBJ)

$(TOOL): $(TOOL_OBJ)
	$(call QUIET,LD)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -pie -Wl,-z,now,-z,relro -o $@ $(TOOL_OBJ) $(TOOL_LIBS)

# The preferences are data: the tool carries them so that a compile needs no file beside it.
$(B)/obj/src/compiler/preferences.o: data/preferences

$(DB): $(TOOL) $(REGISTRY)
	@start=$$(date +%s%N); $(TOOL) compile -o $@ $(REGISTRY) && \
	echo "compiled $(REGISTRY) in $$(( ($$(date +%s%N) - start) / 1000000 )) ms"

$(B)/tests/%: $(B)/obj/tests/%.o $(B)/obj/tests/support/test_main.o $(LIB_OBJ)
	@mkdir -p $(@D)
	$(call QUIET,LD)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) $(WRAP) -pie -o $@ $< $(B)/obj/tests/support/test_main.o $(LIB_OBJ) $(TOOL_LIBS) $(TEST_LIBS)

# libc's functions that a test replaces, by their names in objects built with _FILE_OFFSET_BITS=64.
WRAPPED := time clock_gettime mmap64 mremap stat64 open64
$(B)/tests/nss/test_mapping: WRAP = $(WRAPPED:%=-Wl,--wrap=%)

-include $(shell find $(B) -name '*.d' -type f 2>/dev/null)

deps: ## install what the build lacks (root), or name it
	@sh mk/deps.sh

run: deps ## build, then ask getent through the module, touching nothing of the system
	@$(SUBMAKE) all
	@sh mk/run.sh $(B)

check: deps ## build and pass every test
	@sh mk/deps.sh --try $(TEST_TOOLS)
	@$(SUBMAKE) check-built

check-built: all layers $(TESTS)
	@sh tests/check.sh $(B) $(TESTS)

asan: deps ## the whole suite under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(SUBMAKE) check-built B=build/asan OPT=-O1 \
		SAN='$(ASAN)'

tsan: deps ## the tests with threads under ThreadSanitizer
	@$(SUBMAKE) build/tsan/libnss_ianareg.so.2 build/tsan/tests/nss/test_threads B=build/tsan OPT=-O1 SAN='$(TSAN)'
	@setarch -R sh tests/check.sh build/tsan build/tsan/tests/nss/test_threads

valgrind: ## the suite under valgrind's memcheck
	@sh mk/deps.sh valgrind
	@sh mk/deps.sh --try $(TEST_TOOLS)
	@$(SUBMAKE) all $(TESTS)
	@VALGRIND=1 sh tests/check.sh $(B) $(TESTS)

layers: $(SO) ## check the arrows between rooms, what the module needs and what it exports
	@SAN="$(SAN)" sh tests/layers.sh $(SO)

differential: deps ## every key against glibc's files backend (minutes)
	@$(SUBMAKE) all $(B)/tests/oracles/test_differential
	@DIFFERENTIAL=full sh tests/check.sh $(B) $(B)/tests/oracles/test_differential

faults: deps ## kill commands, and let them fail, at every system call that touches a file (minutes)
	@sh mk/deps.sh strace
	@$(SUBMAKE) all $(FAULT_TESTS)
	@FAULTS=full TMPDIR="$${TMPDIR:-/tmp}" sh tests/check.sh $(B) $(FAULT_TESTS)

portable: all ## the bundled snapshot read by 32-bit and big-endian programs under qemu
	@sh tests/portable.sh $(DB) $(B)/portable

# BENCH="warm cold" runs these sections only, BENCH="--quick" or "--pairs 101" all of them so.
bench: deps ## measured beside every peer, as ratios: BENCH="warm cold" only these sections (root, minutes)
	@sh mk/deps.sh --try valgrind
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

# The module looks for a new snapshot at every lookup, so that a soak sees as many as it can.
$(B)/swift/reload.o: nss/reload.c $(B)/flags
	@mkdir -p $(@D)
	$(call QUIET,CC)$(CC) $(CFLAGS) $(BASE) -DRELOAD_PERIOD_MS=0u -fPIE -c -o $@ $<

$(B)/soak-swift: $(B)/swift/reload.o $(filter-out $(B)/obj/nss/reload.o,$(LIB_OBJ))
$(B)/soak: $(LIB_OBJ)
$(B)/soak $(B)/soak-swift: $(B)/obj/tests/soak/soak.o
	$(call QUIET,LD)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -pie -o $@ $^ $(TOOL_LIBS) $(TEST_LIBS)

soak: deps ## 8 threads and forks look up while 100,000 snapshots are published; shorter under ASan and TSan (minutes)
	@$(SUBMAKE) $(B)/soak $(B)/soak-swift
	@$(SUBMAKE) build/asan/soak-swift B=build/asan OPT=-O1 SAN='$(ASAN)'
	@$(SUBMAKE) build/tsan/soak-swift B=build/tsan OPT=-O1 SAN='$(TSAN)'
	$(B)/soak-swift
	$(B)/soak
	build/asan/soak-swift 10000
	setarch -R build/tsan/soak-swift 5000

# The directory was a program once.
$(B)/bench/dir:
	@test -d $(@D) || rm -f $(@D)
	@mkdir -p $(@D) && touch $@

# Programs by themselves, of libc alone: what they do is watched from outside.
BENCH_ALONE := one_lookup traced_lookups
BENCH_SRC := $(filter-out bench/empty_module.c $(BENCH_ALONE:%=bench/%.c),$(wildcard bench/*.c))

$(B)/bench/ianareg-bench: $(BENCH_SRC:%.c=$(B)/obj/%.o) | $(B)/bench/dir
	$(call QUIET,LD)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -pie -o $@ $^ $(shell pkg-config --libs jansson) -lpthread -ldl -lm

$(BENCH_ALONE:%=$(B)/bench/%): $(B)/bench/%: $(B)/obj/bench/%.o | $(B)/bench/dir
	$(call QUIET,LD)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -pie -Wl,-z,now -o $@ $<

# Laid out as the module is, so that it differs in what it does alone.
$(B)/bench/libnss_empty.so.2: bench/empty_module.c $(B)/flags | $(B)/bench/dir
	$(call QUIET,LD)$(CC) $(CFLAGS) $(BASE) -fPIC $(SO_LAYOUT) -Wl,-soname,libnss_empty.so.2 -o $@ $<

$(B)/bench/services: $(DB) | $(B)/bench/dir
	$(call QUIET,EXPORT)$(TOOL) export --format services --snapshot $< -o $@

$(B)/http_server: $(B)/obj/tests/support/http/http_server_main.o $(B)/obj/tests/support/http_server.o
	$(call QUIET,LD)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -pie -o $@ $^

golden: $(TOOL) ## renew the golden files; review the diff
	@sh tests/golden.sh $(TOOL)

bundle: $(TOOL) ## renew the bundled facts: make bundle PUBLISHED=path/of/service-names-port-numbers.csv
	@sh mk/bundle.sh $(TOOL) '$(PUBLISHED)' $(REGISTRY)

compdb: ## write compile_commands.json for editors
	@sh mk/compdb.sh $(call in_quotes,$(CC) $(CFLAGS) $(filter-out -MMD -MP,$(BASE))) $(SNAPSHOT_SRC) $(TOOL_SRC) $(NSS_SRC) \
		$(TEST_SRC) $(HELP_SRC) $(wildcard bench/*.c tests/portable/*.c tests/support/http/*.c tests/soak/*.c) >compile_commands.json

format: ## lay the code out as .clang-format says
	git ls-files '*.c' '*.h' | xargs $(CLANG_FORMAT) -i

# A path as what sed puts in a pattern's place. A backslash, or a quote, would want other care in each file it goes into.
HARD := \ ' "
HARD_PATHS = $(foreach c,$(HARD),$(findstring $(c),$(PREFIX)$(BINDIR)$(SITE_SNAPSHOT)$(VENDOR_SNAPSHOT)$(DOCDIR)$(CACHE_DIR)))
sed_text = $(if $(strip $(HARD_PATHS)),$(error no path of the installation may hold a backslash or a quote))$(subst |,\|,$(subst &,\&,$(1)))

# Pages name the paths of this installation.
PAGE_PATHS = s|/var/lib/misc/ianareg\.db|$(call sed_text,$(SITE_SNAPSHOT))|; \
	s|/usr/lib/ianareg/ianareg\.db|$(call sed_text,$(VENDOR_SNAPSHOT))|; \
	s|/usr/share/doc/ianareg|$(call sed_text,$(DOCDIR))|; s|/var/cache/ianareg|$(call sed_text,$(CACHE_DIR))|; \
	s|/usr/lib/sysusers\.d|$(call sed_text,$(SYSUSERSDIR))|

install-manual:
	@for page in $(MAN_PAGES); do \
		dir='$(DESTDIR)$(MANDIR)'/man$${page##*.}; \
		install -d "$$dir" && sed '$(PAGE_PATHS)' "man/$$page" >"$$dir/$$page" && chmod 0644 "$$dir/$$page" || exit 1; \
	done

uninstall-manual:
	@for page in $(MAN_PAGES); do rm -f '$(DESTDIR)$(MANDIR)'/man$${page##*.}/"$$page"; done

install-completions:
	install -d '$(DESTDIR)$(BASH_COMPLETIONS)' '$(DESTDIR)$(ZSH_COMPLETIONS)' '$(DESTDIR)$(FISH_COMPLETIONS)'
	install -m 0644 data/completions/ianareg.bash '$(DESTDIR)$(BASH_COMPLETIONS)/ianareg'
	install -m 0644 data/completions/_ianareg '$(DESTDIR)$(ZSH_COMPLETIONS)/_ianareg'
	install -m 0644 data/completions/ianareg.fish '$(DESTDIR)$(FISH_COMPLETIONS)/ianareg.fish'

uninstall-completions:
	rm -f '$(DESTDIR)$(BASH_COMPLETIONS)/ianareg' '$(DESTDIR)$(ZSH_COMPLETIONS)/_ianareg' \
		'$(DESTDIR)$(FISH_COMPLETIONS)/ianareg.fish'

# The paths in units are those of this installation.
UNITS := ianareg-update.service ianareg-update.timer ianareg-site.service ianareg-site.path ianareg-.service.d/sandbox.conf
UNIT_PATHS = -e 's|@BINDIR@|$(call sed_text,$(BINDIR))|' \
	-e 's|@SITEDIR@|'"$$(dirname '$(call sed_text,$(SITE_SNAPSHOT))')"'|'

install-units:
	set -e; for unit in $(UNITS); do sed $(UNIT_PATHS) "data/systemd/$$unit" | \
		install -D -m 0644 /dev/stdin '$(DESTDIR)$(UNITDIR)'/"$$unit"; done

install: all install-manual install-completions install-units ## install under DESTDIR, PREFIX, LIBDIR, BINDIR; edits no configuration and enables nothing
	install -d '$(DESTDIR)$(LIBDIR)' '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(VENDORDIR)' '$(DESTDIR)$(DATADIR)' '$(DESTDIR)$(DOCDIR)'
	install -m 0644 $(SO) '$(DESTDIR)$(LIBDIR)/libnss_ianareg.so.2'
	install -m 0755 $(TOOL) '$(DESTDIR)$(BINDIR)/ianareg'
	install -m 0644 $(DB) '$(DESTDIR)$(VENDOR_SNAPSHOT)'
	install -m 0644 $(REGISTRY) '$(DESTDIR)$(BUNDLED_REGISTRY)'
	install -m 0644 nsswitch.conf.example data/ianareg.conf.example '$(DESTDIR)$(DOCDIR)'
	install -m 0644 data/lookup.schema.json '$(DESTDIR)$(DATADIR)/lookup.schema.json'
	install -D -m 0644 data/sysusers.d/ianareg.conf '$(DESTDIR)$(SYSUSERSDIR)/ianareg.conf'
	$(if $(DESTDIR),,ldconfig)
	@echo 'Installed. To use it system-wide, let /etc/nsswitch.conf say:   services: files ianareg'
	@echo 'To have an account that update runs curl as:   systemd-sysusers'
	@echo 'To have the registry updated once a month:   systemctl enable --now ianareg-update.timer'

uninstall: uninstall-manual uninstall-completions ## remove exactly what install put there
	rm -f '$(DESTDIR)$(LIBDIR)/libnss_ianareg.so.2' '$(DESTDIR)$(BINDIR)/ianareg' '$(DESTDIR)$(VENDOR_SNAPSHOT)' \
		'$(DESTDIR)$(BUNDLED_REGISTRY)' '$(DESTDIR)$(DATADIR)/lookup.schema.json' \
		'$(DESTDIR)$(SYSUSERSDIR)/ianareg.conf' \
		'$(DESTDIR)$(DOCDIR)/nsswitch.conf.example' '$(DESTDIR)$(DOCDIR)/ianareg.conf.example' \
		$(foreach unit,$(UNITS),'$(DESTDIR)$(UNITDIR)/$(unit)')
	-rmdir '$(DESTDIR)$(VENDORDIR)' '$(DESTDIR)$(DATADIR)' '$(DESTDIR)$(DOCDIR)' \
		'$(DESTDIR)$(UNITDIR)/ianareg-.service.d' 2>/dev/null
	$(if $(DESTDIR),,ldconfig)

clean: ## remove build/
	rm -rf build compile_commands.json

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile
