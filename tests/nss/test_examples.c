/* SPDX-License-Identifier: MIT */
/* The registry's own examples of each rule, through the module. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/module.h"

/* The entry is found at its port, and by the service name and each alias with its protocol. */
static void expect_example(const char *answer)
{
	const char *rest = answer;
	char name[64], protocol[8];
	unsigned port;
	int used;

	assert_int_equal(sscanf(answer, "%63s %u/%7s%n", name, &port, protocol, &used), 3);
	assert_string_equal(module_by_port(port, protocol), answer);
	do {
		assert_string_equal(module_by_name(name, protocol), answer);
		rest += used;
	} while (sscanf(rest, "%63s%n", name, &used) == 1);
}

TEST(the_winner_of_auth_113_is_auth_over_ident)
{
	expect_example("auth 113/tcp ident");
}

TEST(the_winner_of_submissions_465_is_submissions_over_urd)
{
	expect_example("submissions 465/tcp urd");
}

TEST(the_winner_of_biff_512_udp_is_biff_over_comsat)
{
	expect_example("biff 512/udp comsat");
}

TEST(the_winner_of_doom_666_is_doom_over_mdqs)
{
	expect_example("doom 666/tcp mdqs");
	expect_example("doom 666/udp mdqs");
}

TEST(the_winner_of_kerberos_iv_750_is_kerberos_iv_over_loadav)
{
	expect_example("kerberos-iv 750/udp loadav");
}

TEST(the_winner_of_l2tp_1701_is_l2tp_over_l2f)
{
	expect_example("l2tp 1701/tcp l2f");
	expect_example("l2tp 1701/udp l2f");
}

TEST(the_winner_of_nfs_2049_is_nfs_over_shilp)
{
	expect_example("nfs 2049/tcp shilp");
	expect_example("nfs 2049/udp shilp");
	expect_example("nfs 2049/sctp");
}

TEST(http_80_carries_www_and_www_http)
{
	expect_example("http 80/tcp www www-http");
	expect_example("http 80/udp www www-http");
	expect_example("http 80/sctp");
}

TEST(iceedcp_tx_folds_into_its_name_with_a_hyphen)
{
	expect_example("iceedcp-tx 31948/tcp iceedcp_tx");
	expect_example("iceedcp-tx 31948/udp iceedcp_tx");
}

TEST(odd_names_of_the_registry_are_aliases_found_by_their_exact_bytes)
{
	expect_example("914c-g 211/tcp 914c/g");
	expect_example("sql-net 66/udp sql*net");
	expect_example("whoispp 63/tcp whois++");
	expect_example("z39-50 210/udp z39.50");
}

TEST(dnp_sec_answers_for_sctp)
{
	expect_example("dnp-sec 19999/tcp");
	expect_example("dnp-sec 19999/sctp");
}

TEST(cora_is_at_19220_for_tcp_and_cora_disc_for_udp)
{
	expect_example("cora 19220/tcp");
	expect_example("cora-disc 19220/udp");
	assert_string_equal(module_by_port(19220, NULL), "cora 19220/tcp");
	assert_string_equal(module_by_name("cora", "udp"), "not found");
}

TEST(every_port_of_x11_answers)
{
	for (unsigned port = 6000; port <= 6063; port++) {
		assert_string_equal(module_by_port(port, "tcp"), text("x11 %u/tcp", port));
		assert_string_equal(module_by_port(port, "udp"), text("x11 %u/udp", port));
		assert_string_equal(module_by_port(port, "sctp"), "not found");
	}
	assert_string_equal(module_by_name("x11", "udp"), "x11 6000/udp");
	assert_string_equal(module_by_name("X11", NULL), "x11 6000/tcp");
}

TEST(boe_cms_without_protocol_answers_for_tcp_and_udp)
{
	expect_example("boe-cms 6400/tcp");
	expect_example("boe-cms 6400/udp");
	assert_string_equal(module_by_port(6400, "sctp"), "not found");
}

TEST(http_alt_is_8080_by_name_and_answers_at_all_its_ports)
{
	assert_string_equal(module_by_name("http-alt", "tcp"), "http-alt 8080/tcp");
	assert_string_equal(module_by_name("http-alt", "udp"), "http-alt 8080/udp");
	assert_string_equal(module_by_name("http-alt", NULL), "http-alt 8080/tcp");
	assert_string_equal(module_by_port(591, "tcp"), "http-alt 591/tcp");
	assert_string_equal(module_by_port(8008, "udp"), "http-alt 8008/udp");
}

TEST(epp_on_two_ports_is_700_by_name)
{
	assert_string_equal(module_by_name("epp", "tcp"), "epp 700/tcp");
	assert_string_equal(module_by_port(3044, "tcp"), "epp 3044/tcp");
}

TEST(names_of_the_registry_are_found_in_capitals)
{
	assert_string_equal(module_by_name("CORA", "tcp"), "cora 19220/tcp");
	assert_string_equal(module_by_name("ICEEDCP_TX", "udp"), "iceedcp-tx 31948/udp iceedcp_tx");
	assert_string_equal(module_by_name("ethernet/ip-1", "tcp"), "EtherNet-IP-1 2222/tcp EtherNet/IP-1");
}

TEST(the_registrys_reserved_unassigned_and_deregistered_ports_are_not_found)
{
	static const unsigned ports[] = {0, 4, 585, 1023, 1024, 65535};

	for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
		assert_string_equal(module_by_port(ports[i], NULL), "not found");
	assert_string_equal(module_by_name("Reserved", NULL), "not found");
	assert_string_equal(module_by_name("Unassigned", "tcp"), "not found");
}

/* Keys as libc hands them to the module */

static enum nss_status status_of_port(int port_be, const char *protocol)
{
	struct servent servent;
	char buffer[1024];
	int error;

	return _nss_ianareg_getservbyport_r(port_be, protocol, &servent, buffer, sizeof buffer, &error);
}

TEST(a_port_is_asked_in_network_order)
{
	assert_int_equal(status_of_port(htons(19220), "tcp"), NSS_STATUS_SUCCESS);
	assert_int_equal(status_of_port(htons(80), "tcp"), NSS_STATUS_SUCCESS);
	assert_int_equal(status_of_port(htons(465), "tcp"), NSS_STATUS_SUCCESS);
	if (htons(1) != 1) /* 465 with its bytes changed over is 53505, which nobody has */
		assert_int_equal(status_of_port(465, "tcp"), NSS_STATUS_NOTFOUND);
}

TEST(a_negative_port_is_not_found)
{
	assert_int_equal(status_of_port(-1, NULL), NSS_STATUS_NOTFOUND);
	assert_int_equal(status_of_port(-1, "tcp"), NSS_STATUS_NOTFOUND);
	assert_int_equal(status_of_port(INT32_MIN, "tcp"), NSS_STATUS_NOTFOUND);
	assert_int_equal(status_of_port(INT32_MIN | htons(80), "tcp"), NSS_STATUS_NOTFOUND);
	assert_int_equal(status_of_port((int16_t)htons(443), "tcp"),
			 (int16_t)htons(443) < 0 ? NSS_STATUS_NOTFOUND : NSS_STATUS_SUCCESS);
}

TEST(a_port_past_16_bits_is_not_found_though_its_low_bits_are_one)
{
	assert_int_equal(status_of_port(65536, NULL), NSS_STATUS_NOTFOUND);
	assert_int_equal(status_of_port(0x10000 | htons(80), "tcp"), NSS_STATUS_NOTFOUND);
	assert_int_equal(status_of_port(0x40000000 | htons(80), NULL), NSS_STATUS_NOTFOUND);
	assert_int_equal(status_of_port(INT32_MAX, NULL), NSS_STATUS_NOTFOUND);
}

TEST(empty_keys_are_not_found)
{
	assert_string_equal(module_by_name("", NULL), "not found");
	assert_string_equal(module_by_name("", ""), "not found");
	assert_string_equal(module_by_name("http", ""), "not found");
	assert_string_equal(module_by_port(80, ""), "not found");
}

TEST(unknown_protocols_of_getaddrinfo_are_not_found)
{
	assert_string_equal(module_by_name("http", "udplite"), "not found");
	assert_string_equal(module_by_name("http", "TCP"), "not found");
	assert_string_equal(module_by_port(80, "udplite"), "not found");
	assert_string_equal(module_by_name("domain", "dccp"), "not found");
}

TEST(a_huge_name_is_just_not_found)
{
	static char name[1 << 20];

	memset(name, 'x', sizeof name - 1);
	assert_string_equal(module_by_name(name, "tcp"), "not found");
	memcpy(name, "http", 4);
	assert_string_equal(module_by_name(name, NULL), "not found");
}

static struct compiled registry;

static int see_registry(void **state)
{
	(void)state;
	registry = use_registry();
	return 0;
}

static int leave_registry(void **state)
{
	(void)state;
	free_compiled(&registry);
	return 0;
}

TEST_PROGRAM(.set_up = see_registry, .tear_down = leave_registry);
