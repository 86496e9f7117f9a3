# SPDX-License-Identifier: MIT
# ianareg: build and run. mk/tests.mk has the tests, mk/install.mk the installation, mk/library.mk libianareg and
# bench/bench.mk the bench. `make help` lists the targets. CC, CPPFLAGS, CFLAGS, LDFLAGS are the user's and come last.

VERSION := 0.1.0
B := build

# Paths of the installation; some are compiled into the module and the tool. /usr/lib and /var/lib/misc/*.db are what
# confined programs may read.
PREFIX ?= /usr
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib/$(LIBC_SUBDIR)
VENDORDIR ?= $(PREFIX)/lib/ianareg
DATADIR ?= $(PREFIX)/share/ianareg
SITE_SNAPSHOT ?= /var/lib/misc/ianareg.db
CACHE_DIR ?= /var/cache/ianareg
VENDOR_SNAPSHOT = $(VENDORDIR)/ianareg.db
BUNDLED_REGISTRY = $(DATADIR)/service-names-port-numbers.csv
# Where this compiler's libc looks for modules: lib/<multiarch> on Debian, else lib or lib64 beside it.
LIBC_SUBDIR = $(or $(shell $(CC) -print-multiarch 2>/dev/null),$(shell $(CC) -print-multi-os-directory 2>/dev/null))

CC ?= cc
PKG_CONFIG ?= pkg-config
OPT ?= -O2
CFLAGS ?= $(OPT) -g
WARN := -Wall -Wextra -Wconversion -Wshadow -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
# The user's level of _FORTIFY_SOURCE wins, and without optimisation there is none.
FORTIFIED = $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS))$(findstring -O0,$(CFLAGS))
HARDEN = -fstack-protector-strong $(if $(FORTIFIED),,-D_FORTIFY_SOURCE=2)
BASE = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Isrc -Iinclude -I. -I$(B)/generated -MMD -MP $(WARN) $(WERROR) \
	$(if $(SAN),,$(HARDEN)) -DIANAREG_VERSION='"$(VERSION)"' -DSITE_SNAPSHOT='"$(SITE_SNAPSHOT)"' \
	-DVENDOR_SNAPSHOT='"$(VENDOR_SNAPSHOT)"' -DBUNDLED_REGISTRY='"$(BUNDLED_REGISTRY)"' -DCACHE_DIR='"$(CACHE_DIR)"'
COMPILE = $(CC) $(BASE) $(SAN) $(1) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(SAN) $(1) $(CFLAGS) $(LDFLAGS)
LINK_PROGRAM = $(call LINK,-pie $(FULL_RELRO))
FULL_RELRO := -Wl,-z,now,-z,relro
SO_FLAGS := -fPIC -fno-plt -falign-functions=64 -fvisibility=hidden -ffunction-sections -fdata-sections
# One mapping for code and constants: two system calls and two page faults less in every process with a lookup.
SO_LAYOUT := -shared -Wl,-z,defs,-z,now,-z,relro,-z,nodelete,-z,noseparate-code -Wl,--gc-sections
TOOL_LIBS = -lcsv $(shell $(PKG_CONFIG) --libs jansson) -ldl

SNAPSHOT_SRC := $(wildcard src/snapshot/*.c)
NSS_SRC := $(wildcard nss/*.c)
TOOL_SRC := $(filter-out $(SNAPSHOT_SRC) src/library/%,$(wildcard src/*/*.c src/cli/*/*.c))
SO_OBJ := $(patsubst %.c,$(B)/so/%.o,$(SNAPSHOT_SRC) $(NSS_SRC))
TOOL_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(SNAPSHOT_SRC) $(TOOL_SRC))

SO := $(B)/libnss_ianareg.so.2
TOOL := $(B)/ianareg
DB := $(B)/ianareg.db
REGISTRY := data/service-names-port-numbers.csv
# What compiles the bundled registry: a native tool where $(TOOL) is of another architecture. The bytes are the same.
DB_TOOL ?= $(TOOL)

ifeq ($(V),)
QUIET = @echo "  $(1) $@" &&
endif
# Steps that call make again use both cores unless the caller said otherwise.
SUBMAKE = $(MAKE) --no-print-directory $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
in_quotes = '$(subst ','\'',$(1))'

.PHONY: all module run deps compdb format bundle clean help FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(SO) $(TOOL) $(DB) ## build the module, the tool, libianareg and the bundled snapshot under build/
module: $(SO) ## build the module alone

# A change of flags or paths rebuilds what they are compiled into.
FORCE:
$(B)/flags: FORCE
	@mkdir -p $(@D); printf '%s\n' $(call in_quotes,$(COMPILE) $(LINK)) | cmp -s - $@ || \
		printf '%s\n' $(call in_quotes,$(COMPILE) $(LINK)) >$@

$(B)/so/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call QUIET,CC)$(call COMPILE,$(SO_FLAGS)) -c -o $@ $<

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call QUIET,CC)$(call COMPILE,-fPIE) -c -o $@ $<

$(SO): $(SO_OBJ) nss/exports.map
	$(call QUIET,LD)$(call LINK,$(SO_LAYOUT)) -Wl,-soname,$(@F) -Wl,--version-script=nss/exports.map -o $@ $(SO_OBJ)

$(TOOL): $(TOOL_OBJ)
	$(call QUIET,LD)$(LINK_PROGRAM) -o $@ $(TOOL_OBJ) $(TOOL_LIBS)

# The preferences are data; the tool carries them as a string, so that a compile needs no file beside it.
$(B)/generated/compiler/preferences.inc: data/preferences
	@mkdir -p $(@D)
	$(call QUIET,GEN)sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $< >$@

$(B)/obj/src/compiler/preferences.o: $(B)/generated/compiler/preferences.inc

$(DB): $(DB_TOOL) $(REGISTRY)
	@start=$$(date +%s%N); $(call in_quotes,$(DB_TOOL)) compile -o $@ $(REGISTRY) && \
	echo "compiled $(REGISTRY) in $$(( ($$(date +%s%N) - start) / 1000000 )) ms"

include mk/library.mk mk/tests.mk mk/install.mk bench/bench.mk

-include $(patsubst %.o,%.d,$(SO_OBJ) $(TOOL_OBJ) $(LIBRARY_OBJ) $(ROOMS_OBJ) $(TEST_OBJ) $(BENCH_OBJ))

deps: ## install what the build lacks (root), or name it
	@CC=$(call in_quotes,$(CC)) PKG_CONFIG=$(call in_quotes,$(PKG_CONFIG)) sh mk/deps.sh

run: deps ## build, then ask getent through the module, touching nothing of the system
	@$(SUBMAKE) all
	@sh mk/run.sh $(B)

bundle: $(TOOL) ## renew the bundled facts: make bundle PUBLISHED=path/of/service-names-port-numbers.csv
	@sh mk/bundle.sh $(TOOL) '$(PUBLISHED)' $(REGISTRY)

compdb: ## write compile_commands.json for editors
	@sh mk/compdb.sh $(call in_quotes,$(filter-out -MMD -MP,$(COMPILE))) $(SNAPSHOT_SRC) $(TOOL_SRC) $(NSS_SRC) \
		$(LIBRARY_SRC) $(TEST_SRC) $(HELP_SRC) $(BENCH_SRC) >compile_commands.json

format: ## lay the code out as .clang-format says
	git ls-files '*.c' '*.h' | xargs $(or $(CLANG_FORMAT),clang-format) -i

clean: ## remove build/
	rm -rf build compile_commands.json

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(filter %Makefile %.mk,$(MAKEFILE_LIST))
