/* SPDX-License-Identifier: MIT */
/* Questions that one command answers, asked of the bundled registry. */
#include <stdlib.h>

#include "tests/oracles/csv_rows.h"
#include "tests/support/cli_tool.h"

static int use_bundled_registry(void **state)
{
	size_t size;
	char *csv = read_file(BUNDLED_CSV, &size);

	(void)state;
	write_file(text("%s/bundled.csv", scratch_dir()), csv, size);
	free(csv);
	expect("ianareg compile -o s.db bundled.csv", 0, "", NULL);
	return 0;
}

TEST(what_is_19220)
{
	expect("ianareg lookup 19220", 0,
	       "cora\t19220\ttcp\tAssigned\t\tClient Connection Management and Data Exchange Service\t[Softvise_GmbH]\t"
	       "[Ronny_Kr\xc3\xbcger]\t2016-11-10\t\t\t\t\t\tregistry\n"
	       "cora-disc\t19220\tudp\tAssigned\t\tDiscovery for Client Connection Management and Data Exchange "
	       "Service\t[Softvise_GmbH]\t[Ronny_Kr\xc3\xbcger]\t2016-11-10\t\t\t\t\t\tregistry\n",
	       "");
}

TEST(what_was_iceedcp_tx)
{
	expect("ianareg lookup iceedcp_tx/tcp | cut -f 1-5,14", 0,
	       "iceedcp-tx\t31948\ttcp\tAssigned\ticeedcp_tx\t\n"
	       "iceedcp_tx\t31948\ttcp\tAssigned\t\tThis entry is an alias to \"iceedcp-tx\".\n",
	       "");
}

TEST(is_19790_udp_free)
{
	expect("ianareg lookup 19790/udp | cut -f 1-4", 0, "\t19790\tudp\tReserved\n", "");
}

TEST(what_is_at_27018_and_may_i_use_it)
{
	expect("ianareg lookup 27018 | cut -f 1-4,13", 0,
	       "\t27018-27344\t\tUnassigned\tUnauthorized Use Known on ports 27018 and 27019\n", "");
}

TEST(who_holds_keysrvr)
{
	expect("ianareg lookup keysrvr | cut -f 2,3,6-8", 0,
	       "19283\ttcp\tKey Server for SASSAFRAS\t[Mark_Valence]\t[Mark_Valence]\n"
	       "19283\tudp\tKey Server for SASSAFRAS\t[Mark_Valence]\t[Mark_Valence]\n",
	       "");
}

TEST(what_else_has_the_holder_of_keysrvr)
{
	expect("ianareg search mark_valence | cut -f 1 | uniq", 0, "keysrvr\nkeyshadow\n", "");
}

TEST(what_did_rfc_8314_register)
{
	static const char *const spellings[] = {"RFC 8314", "rfc8314", "'[RFC8314]'", "8314"};

	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
		expect(text("ianareg search %s | cut -f 1-3,6", spellings[i]), 0,
		       "submissions\t465\ttcp\tMessage Submission over TLS protocol\n"
		       "imaps\t993\ttcp\tIMAP over TLS protocol\n"
		       "pop3s\t995\ttcp\tPOP3 over TLS protocol\n",
		       "");
}

/* Names and protocols of rows that have a name and no port, in the order of the CSV, which is the canonical one. */
static char *names_without_a_port(void)
{
	char *csv = read_file(BUNDLED_CSV, NULL), *names, *cells[CSV_CELL_MAX];
	size_t size;
	FILE *stream = open_memstream(&names, &size);

	assert_non_null(stream);
	for (char *at = split_csv_row(csv, cells); (at = split_csv_row(at, cells));)
		if (*cells[0] && !*cells[1])
			fprintf(stream, "%s\t%s\n", cells[0], cells[2]);
	assert_int_equal(fclose(stream), 0);
	free(csv);
	return names;
}

TEST(which_services_have_no_port)
{
	char *names = names_without_a_port();

	assert_non_null(strstr(names, "airplay\ttcp\n"));
	expect("ianareg search --without-port | cut -f 1,3", 0, names, "");
	free(names);
}

TEST_PROGRAM(.set_up = use_bundled_registry);
