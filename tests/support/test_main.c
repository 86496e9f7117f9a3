/* SPDX-License-Identifier: MIT */
/* Run the registered tests of a program, each group of them with its fixtures, in the order of definition. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"

extern const struct registered_test *const __start_registered_tests[] __attribute__((weak));
extern const struct registered_test *const __stop_registered_tests[] __attribute__((weak));

static int compare_orders(const void *a, const void *b)
{
	const struct registered_test *const *x = a, *const *y = b;

	return ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}

static void be_skipped(void **state)
{
	(void)state;
	skip();
}

static const struct test_group *group_of(const struct registered_test *test)
{
	static const struct test_group none = {0};

	return test->group ? test->group : &test_program ? &test_program : &none;
}

/* Whether the group of that test has an earlier one. */
static bool is_run_before(const struct registered_test *const *tests, size_t which)
{
	for (size_t i = 0; i < which; i++)
		if (group_of(tests[i]) == group_of(tests[which]))
			return true;
	return false;
}

/* All of the tests that are the group's. */
static int run_group(const struct test_group *group, const struct registered_test *const *tests, size_t test_count)
{
	const char *missing = group->missing ? group->missing() : NULL;
	struct CMUnitTest *units = calloc(test_count, sizeof *units);
	size_t count = 0;
	int failed;

	if (!units)
		return 1;
	for (size_t i = 0; i < test_count; i++)
		if (group_of(tests[i]) == group)
			units[count++] = (struct CMUnitTest){
				.name = tests[i]->name,
				.test_func = missing ? be_skipped : tests[i]->function,
				.setup_func = missing ? NULL : group->set_up_each,
				.teardown_func = missing ? NULL : group->tear_down_each,
			};
	if (missing)
		printf("note: %s is not installed: %zu tests are skipped\n", missing, count);
	failed = _cmocka_run_group_tests(group->name ? group->name : "tests", units, count,
					 missing ? NULL : group->set_up, missing ? NULL : group->tear_down);
	free(units);
	return failed;
}

int main(int argc, char **argv)
{
	const size_t count = (size_t)(__stop_registered_tests - __start_registered_tests);
	const struct registered_test **tests = calloc(count + 1, sizeof *tests);
	int failed = 0;

	if (argc > 1 && &test_program && test_program.command)
		return test_program.command(argc, argv);
	if (!tests || !count) {
		fputs("no test is registered\n", stderr);
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		tests[i] = __start_registered_tests[i];
	qsort(tests, count, sizeof *tests, compare_orders);
	for (size_t first = 0; first < count; first++)
		if (!is_run_before(tests, first))
			failed += run_group(group_of(tests[first]), tests + first, count - first);
	free(tests);
	return failed;
}
