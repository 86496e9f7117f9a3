/* SPDX-License-Identifier: MIT */
/*
 * What a lookup may cost once the snapshot is mapped: no system call and no memory. Asked of the module that is
 * installed, the shared object, not of the objects it is made of.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/module.h"

static __typeof__(_nss_ianareg_getservbyname_r) *getservbyname_of_module;
static __typeof__(_nss_ianareg_getservbyport_r) *getservbyport_of_module;
static __typeof__(_nss_ianareg_getservent_r) *getservent_of_module;
static __typeof__(_nss_ianareg_setservent) *setservent_of_module;
static __typeof__(_nss_ianareg_endservent) *endservent_of_module;

/* Calls of the allocator in this process, the module's and libc's among them. */
static atomic_ulong allocation_count;

#ifndef __SANITIZE_ADDRESS__
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size)
{
	allocation_count++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocation_count++;
	return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	allocation_count++;
	return __libc_realloc(memory, size);
}

void free(void *memory)
{
	allocation_count += memory != NULL;
	__libc_free(memory);
}
#endif

/* Every kind of lookup, found and not; the number of those that did not end as they must. */
static unsigned look_everything_up(unsigned rounds)
{
	static const char *const protocols[] = {"tcp", "udp", "sctp", "dccp", NULL, "udplite", ""};
	static const char *const names[] = {"http", "WWW-HTTP", "iceedcp_tx", "cora", "no-such-service", ""};
	struct servent servent;
	char buffer[1024];
	unsigned wrong = 0;
	int error;

	for (unsigned round = 0; round < rounds; round++)
		for (unsigned p = 0; p < sizeof protocols / sizeof *protocols; p++) {
			for (unsigned n = 0; n < sizeof names / sizeof *names; n++) {
				enum nss_status status = getservbyname_of_module(names[n], protocols[p], &servent,
										 buffer, sizeof buffer, &error);

				wrong += status != NSS_STATUS_SUCCESS && status != NSS_STATUS_NOTFOUND;
				wrong += n == 0 && p == 0 && status != NSS_STATUS_SUCCESS;
			}
			for (unsigned port = round % 7; port < 65536; port += 1009) {
				enum nss_status status = getservbyport_of_module(
					htons((uint16_t)port), protocols[p], &servent, buffer, sizeof buffer, &error);

				wrong += status != NSS_STATUS_SUCCESS && status != NSS_STATUS_NOTFOUND;
			}
		}
	wrong += getservbyname_of_module("http", "tcp", &servent, buffer, 3, &error) != NSS_STATUS_TRYAGAIN;
	return wrong;
}

/* All entries; their number, or 0 where something went wrong. */
static unsigned enumerate_everything(void)
{
	struct servent servent;
	char buffer[1024];
	unsigned count = 0;
	int error;

	if (setservent_of_module(0) != NSS_STATUS_SUCCESS)
		return 0;
	while (getservent_of_module(&servent, buffer, sizeof buffer, &error) == NSS_STATUS_SUCCESS)
		count++;
	return endservent_of_module() == NSS_STATUS_SUCCESS ? count : 0;
}

static void lookups_make_no_system_call(const void *unused)
{
	(void)unused;
	must(look_everything_up(1) == 0 && enumerate_everything() > 10000);
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);

	/* From here on any system call but write(2) and exit(2) itself ends this process by SIGKILL. */
	unsigned wrong = look_everything_up(20);

	wrong += enumerate_everything() <= 10000;
	syscall(SYS_exit, wrong ? 1 : 0);
}

static bool seccomp_is_permitted(void)
{
	int status;
	const pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (!child)
		syscall(SYS_exit, prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(once_mapped_lookups_and_enumerations_make_no_system_call)
{
	if (getenv("VALGRIND") || !seccomp_is_permitted())
		skip(); /* valgrind makes system calls of its own */
	in_child(lookups_make_no_system_call, NULL);
}

/* Proof that the test above can fail. */
TEST(a_system_call_under_seccomp_ends_the_process)
{
	int status;

	if (getenv("VALGRIND") || !seccomp_is_permitted())
		skip();

	const pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (!child) {
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
		syscall(SYS_getppid);
		syscall(SYS_exit, 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

TEST(once_mapped_lookups_and_enumerations_allocate_nothing)
{
	if (instrumented())
		skip(); /* they bring an allocator of their own */
	assert_int_equal(look_everything_up(1), 0);

	const unsigned long before = allocation_count;
	const unsigned wrong = look_everything_up(20), count = enumerate_everything();
	const unsigned long after = allocation_count;

	assert_int_equal(wrong, 0);
	assert_true(count > 10000);
	assert_int_equal(after - before, 0);
}

static void count_first_lookup(const void *path)
{
	unsigned long before;

	must(setenv("IANAREG_SNAPSHOT", path, 1) == 0);
	before = allocation_count;
	must(look_everything_up(1) == 0);
	must(allocation_count == before);
	free(strdup("a proof that allocations are counted"));
	must(allocation_count == before + 2);
}

TEST(the_first_lookup_allocates_nothing_either)
{
	if (instrumented())
		skip();
	in_child(count_first_lookup, getenv("IANAREG_SNAPSHOT"));
}

static void *symbol_of(void *module, const char *name)
{
	void *symbol = dlsym(module, name);

	if (!symbol)
		fail_msg("%s", dlerror());
	return symbol;
}

static int set_up(void **state)
{
	struct compiled compiled = use_registry();
	const char *path = text("%s/libnss_ianareg.so.2", build_dir());
	void *module = dlopen(path[0] == '/' ? path : text("./%s", path), RTLD_NOW);

	(void)state;
	if (!module)
		fail_msg("%s", dlerror());
	getservbyname_of_module = symbol_of(module, "_nss_ianareg_getservbyname_r");
	getservbyport_of_module = symbol_of(module, "_nss_ianareg_getservbyport_r");
	getservent_of_module = symbol_of(module, "_nss_ianareg_getservent_r");
	setservent_of_module = symbol_of(module, "_nss_ianareg_setservent");
	endservent_of_module = symbol_of(module, "_nss_ianareg_endservent");
	free_compiled(&compiled);
	return 0;
}

TEST_PROGRAM(.set_up = set_up);
