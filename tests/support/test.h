/* SPDX-License-Identifier: MIT */
/*
 * Tests register themselves: TEST(name) { ... } defines a test of cmocka and adds it to its program, which test_main.c
 * runs in the order of definition. A program that needs fixtures, or that can be run as a command, says so with
 * TEST_PROGRAM(.set_up = ...).
 */
#ifndef IANAREG_TESTS_SUPPORT_TEST_H
#define IANAREG_TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Tests that share fixtures; all are optional. */
struct test_group {
	const char *name;
	CMFixtureFunction set_up, tear_down; /* once round all tests of the group */
	CMFixtureFunction set_up_each, tear_down_each; /* round each of its tests */
	const char *(*missing)(void); /* what this machine lacks: then each test is skipped; NULL: nothing is missing */
	int (*command)(int argc, char **argv); /* instead of the tests if there are arguments; of TEST_PROGRAM alone */
};

struct registered_test {
	const char *name;
	CMUnitTestFunction function;
	const struct test_group *group; /* NULL: the program's */
	int order; /* of definition */
};

/* In one source file of a program at most. */
#define TEST_PROGRAM(...) const struct test_group test_program = {__VA_ARGS__}
extern const struct test_group test_program __attribute__((weak));

/* The linker gathers the pointers of a section whose name is an identifier between __start_ and __stop_ symbols. */
#define REGISTER_TEST(test_group, test_name)                                                                           \
	static const struct registered_test test_name##_registered = {#test_name, test_name, test_group, __COUNTER__}; \
	static const struct registered_test *const test_name##_pointer                                                 \
		__attribute__((section("registered_tests"), used)) = &test_name##_registered

#define TEST_IN(test_group, test_name)        \
	static void test_name(void **state);  \
	REGISTER_TEST(test_group, test_name); \
	static void test_name(void **state __attribute__((unused)))

#define TEST(test_name) TEST_IN(NULL, test_name)

/* Name the case of a table that is tried next: a comment of TAP, which stands before the failure if it fails. */
static inline void begin_case(const char *sentence)
{
	printf("# case: %s\n", sentence);
}

#endif
