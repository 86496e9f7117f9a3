/* SPDX-License-Identifier: MIT */
/* The tests' HTTP server as a program, for shells: http_server DIRECTORY prints its port, and ends with its input. */
#include <stdio.h>
#include <unistd.h>

#include "tests/support/http_server.h"

int main(int argc, char **argv)
{
	struct http_server server;
	char byte;

	if (argc != 2 || http_server_start(argv[1], &server) != 0) {
		fputs("usage: http_server DIRECTORY\n", stderr);
		return 1;
	}
	printf("%u\n", server.port);
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	printf("%u requests, %llu bytes in, %llu bytes out\n", atomic_load(&server.log->requests),
	       atomic_load(&server.log->bytes_in), atomic_load(&server.log->bytes_out));
	http_server_stop(&server);
	return 0;
}
