/* SPDX-License-Identifier: MIT */
/* dlopen() of modules. */
#include <dlfcn.h>
#include <stdio.h>

#include "bench/entry_points.h"

static void *symbol_of(void *library, const char *module, const char *function)
{
	char name[64];

	snprintf(name, sizeof name, "_nss_%s_%s", module, function);
	return dlsym(library, name);
}

bool entry_points_load(struct entry_points *module, const char *library, const char *name)
{
	void *const handle = dlopen(library, RTLD_NOW);

	if (!handle)
		return false;
	*(void **)&module->by_port = symbol_of(handle, name, "getservbyport_r");
	*(void **)&module->by_name = symbol_of(handle, name, "getservbyname_r");
	*(void **)&module->set = symbol_of(handle, name, "setservent");
	*(void **)&module->next = symbol_of(handle, name, "getservent_r");
	*(void **)&module->end = symbol_of(handle, name, "endservent");
	return module->by_port && module->by_name && module->set && module->next && module->end;
}

static void *variable_of(const char *library, const char *name)
{
	void *const handle = dlopen(library, RTLD_NOW | RTLD_NOLOAD);

	return handle ? dlsym(handle, name) : NULL;
}

void entry_points_empty_misses(const char *library, bool misses)
{
	bool *const variable = variable_of(library, "empty_finds_nothing");

	if (variable)
		*variable = misses;
}

void entry_points_empty_entries(const char *library, unsigned count)
{
	unsigned *const variable = variable_of(library, "empty_entries");

	if (variable)
		*variable = count;
}
