# SPDX-License-Identifier: MIT
# Tests. `make check` is the newcomer's command: it installs what is missing. `make test`, for packagers, does not.

TEST_SRC := $(filter-out tests/support/%,$(wildcard tests/*/test_*.c tests/cli/*/test_*.c))
HELP_SRC := $(wildcard tests/support/*.c) tests/oracles/excerpt.c tests/oracles/csv_rows.c
TESTS := $(TEST_SRC:tests/%.c=$(B)/tests/%)
FAULT_TESTS := $(B)/tests/publish/test_faults
TEST_MAIN := $(B)/obj/tests/support/test_main.o
TEST_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(TEST_SRC) $(HELP_SRC) tests/soak/soak.c)
TEST_LIBS = $(shell $(PKG_CONFIG) --libs cmocka) -lpthread
# Tests call the rooms, the entry points included, directly: everything but the programs' main().
ROOMS_OBJ := $(filter-out $(B)/obj/src/cli/main.o,$(TOOL_OBJ)) $(NSS_SRC:%.c=$(B)/obj/%.o) \
	$(patsubst %.c,$(B)/obj/%.o,$(wildcard src/library/*.c))
LIB_OBJ := $(ROOMS_OBJ) $(filter-out $(TEST_MAIN),$(HELP_SRC:%.c=$(B)/obj/%.o))

# What some tests use, PACKAGE:COMMAND where those differ; without it they are skipped.
TEST_TOOLS += strace systemd:systemd-analyze curl openssl netbase:/etc/services mandoc fish zsh
# Where systemd runs, installing nscd would start it, and it would cache for the whole machine.
TEST_TOOLS += $(if $(wildcard /run/systemd/system),,nscd)

ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TSAN := -fsanitize=thread
COVERAGE := --coverage -fprofile-update=atomic

.PHONY: check test check-built check-covered layers asan tsan valgrind coverage differential faults portable soak golden

check: deps ## build and pass every test, after installing what the build lacks (root)
	@sh mk/deps.sh --try $(TEST_TOOLS)
	@$(SUBMAKE) check-built

test: ## the same for packagers: installs nothing; tests whose tools are missing are skipped by name
	@$(SUBMAKE) check-built

check-built: all layers $(TESTS)
	@sh tests/check.sh $(B) $(TESTS)

$(B)/tests/%: $(B)/obj/tests/%.o $(TEST_MAIN) $(LIB_OBJ)
	@mkdir -p $(@D)
	$(call QUIET,LD)$(call LINK,-pie $(WRAPPED:%=-Wl,--wrap=%)) -o $@ $^ $(TOOL_LIBS) $(TEST_LIBS)

# libc's functions that a test replaces, by their names in objects built with _FILE_OFFSET_BITS=64.
$(B)/tests/nss/test_mapping: WRAPPED = time clock_gettime mmap64 mremap stat64 open64
$(B)/tests/publish/test_publish: WRAPPED = write read fsync linkat renameat renameat2 unlinkat flock openat64

# test_places has a site and a vendor of its own.
PLACES_OBJ := $(B)/places/snapshot_file.o
$(PLACES_OBJ): src/snapshot/snapshot_file.c $(B)/flags
	@mkdir -p $(@D)
	$(call QUIET,CC)$(call COMPILE,-fPIE -USITE_SNAPSHOT -DSITE_SNAPSHOT='"site.db"' -UVENDOR_SNAPSHOT \
		-DVENDOR_SNAPSHOT='"vendor.db"') -c -o $@ $<
$(B)/tests/nss/test_places: $(B)/obj/tests/nss/test_places.o $(TEST_MAIN) $(PLACES_OBJ) \
	$(filter-out $(B)/obj/src/snapshot/snapshot_file.o,$(LIB_OBJ))
	@mkdir -p $(@D)
	$(call QUIET,LD)$(call LINK,-pie) -o $@ $^ $(TOOL_LIBS) $(TEST_LIBS)

$(B)/http_server: $(B)/obj/tests/support/http/http_server_main.o $(B)/obj/tests/support/http_server.o
	$(call QUIET,LD)$(call LINK,-pie) -o $@ $^

layers: $(SO) ## check the arrows between rooms, what the module needs and what it exports
	@SAN="$(SAN)" sh tests/layers.sh $(SO)

asan: deps ## the whole suite under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(SUBMAKE) check-built B=build/asan OPT=-O1 SAN='$(ASAN)'

tsan: deps ## the tests with threads under ThreadSanitizer
	@$(SUBMAKE) build/tsan/libnss_ianareg.so.2 build/tsan/tests/nss/test_threads B=build/tsan OPT=-O1 SAN='$(TSAN)'
	@setarch -R sh tests/check.sh build/tsan build/tsan/tests/nss/test_threads

valgrind: ## the suite under valgrind's memcheck
	@sh mk/deps.sh valgrind
	@sh mk/deps.sh --try $(TEST_TOOLS)
	@$(SUBMAKE) all $(TESTS)
	@VALGRIND=1 sh tests/check.sh $(B) $(TESTS)

coverage: deps ## lines and branches that the suite reaches, by room, to build/coverage/coverage/index.html (minutes)
	@sh mk/deps.sh gcovr
	@$(SUBMAKE) check-covered B=build/coverage OPT=-O0 SAN='$(COVERAGE)' || echo 'note: failed tests count, too'
	@sh tests/coverage.sh build/coverage

# Not the campaigns under strace, which take too long in such a build. Tests that link the static library fail in it.
check-covered: all $(filter-out $(FAULT_TESTS),$(TESTS))
	@sh tests/check.sh $(B) $(filter-out $(FAULT_TESTS),$(TESTS))

differential: deps ## every key against glibc's files backend (minutes)
	@$(SUBMAKE) all $(B)/tests/oracles/test_differential
	@DIFFERENTIAL=full sh tests/check.sh $(B) $(B)/tests/oracles/test_differential

faults: deps ## kill commands, and let them fail, at every system call that touches a file (minutes)
	@sh mk/deps.sh strace
	@$(SUBMAKE) all $(FAULT_TESTS)
	@FAULTS=full TMPDIR="$${TMPDIR:-/tmp}" sh tests/check.sh $(B) $(FAULT_TESTS)

portable: all ## the bundled snapshot read by 32-bit and big-endian programs under qemu
	@sh tests/portable.sh $(DB) $(B)/portable

# The module looks for a new snapshot at every lookup, so that a soak sees as many as it can.
$(B)/swift/reload.o: nss/reload.c $(B)/flags
	@mkdir -p $(@D)
	$(call QUIET,CC)$(call COMPILE,-DRELOAD_PERIOD_MS=0u -fPIE) -c -o $@ $<

$(B)/soak-swift: $(B)/swift/reload.o $(filter-out $(B)/obj/nss/reload.o,$(LIB_OBJ))
$(B)/soak: $(LIB_OBJ)
$(B)/soak $(B)/soak-swift: $(B)/obj/tests/soak/soak.o
	$(call QUIET,LD)$(call LINK,-pie) -o $@ $^ $(TOOL_LIBS) $(TEST_LIBS)

soak: deps ## 8 threads and forks look up while 100,000 snapshots are published; shorter under ASan and TSan (minutes)
	@$(SUBMAKE) $(B)/soak $(B)/soak-swift
	@$(SUBMAKE) build/asan/soak-swift B=build/asan OPT=-O1 SAN='$(ASAN)'
	@$(SUBMAKE) build/tsan/soak-swift B=build/tsan OPT=-O1 SAN='$(TSAN)'
	$(B)/soak-swift
	$(B)/soak
	build/asan/soak-swift 10000
	setarch -R build/tsan/soak-swift 5000

golden: $(TOOL) ## renew the golden files; review the diff
	@sh tests/golden.sh $(TOOL)
