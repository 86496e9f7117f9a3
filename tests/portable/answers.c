/* SPDX-License-Identifier: MIT */
/* Every answer of a snapshot, asked of the module's entry points, as text: the same on every kind of machine. */
#include <arpa/inet.h>
#include <netdb.h>
#include <nss.h>
#include <stdio.h>
#include <stdlib.h>

#include "snapshot/snapshot_file.h"

NSS_DECLARE_MODULE_FUNCTIONS(ianareg)

static void print(const char *how, enum nss_status status, const struct servent *answer)
{
	printf("%s %d", how, status);
	if (status == NSS_STATUS_SUCCESS) {
		printf(" %s %u/%s", answer->s_name, ntohs((uint16_t)answer->s_port), answer->s_proto);
		for (char **alias = answer->s_aliases; *alias; alias++)
			printf(" %s", *alias);
	}
	putchar('\n');
}

static void ask_by_keys_of(const struct servent *entry)
{
	struct servent answer;
	char buffer[2048];
	int reason;

	print("port", _nss_ianareg_getservbyport_r(entry->s_port, NULL, &answer, buffer, sizeof buffer, &reason),
	      &answer);
	print("port/protocol",
	      _nss_ianareg_getservbyport_r(entry->s_port, entry->s_proto, &answer, buffer, sizeof buffer, &reason),
	      &answer);
	print("name", _nss_ianareg_getservbyname_r(entry->s_name, NULL, &answer, buffer, sizeof buffer, &reason),
	      &answer);
	for (char **alias = entry->s_aliases; *alias; alias++)
		print("alias",
		      _nss_ianareg_getservbyname_r(*alias, entry->s_proto, &answer, buffer, sizeof buffer, &reason),
		      &answer);
}

int main(int argc, char **argv)
{
	struct snapshot_file file;
	struct snapshot_fault fault;
	struct servent entry;
	char buffer[2048];
	int reason;

	if (argc != 2 || setenv(SNAPSHOT_VARIABLE, argv[1], 1) != 0 ||
	    snapshot_file_open(argv[1], &file) != SNAPSHOT_OK)
		return 1;
	puts(snapshot_status_text(snapshot_check(&file.snapshot, &fault)));
	while (_nss_ianareg_getservent_r(&entry, buffer, sizeof buffer, &reason) == NSS_STATUS_SUCCESS) {
		print("entry", NSS_STATUS_SUCCESS, &entry);
		ask_by_keys_of(&entry);
	}
	return 0;
}
