/* SPDX-License-Identifier: MIT */
/* Port mentions: port numbers in the prose of the registry, as "Unauthorized Use Known on ports 27018 and 27019". */
#ifndef IANAREG_QUERY_PORT_MENTIONS_H
#define IANAREG_QUERY_PORT_MENTIONS_H

#include <stdbool.h>

struct port_mention {
	unsigned first, last; /* first <= last <= 65535 */
};

/*
 * The next port or range of ports that `*text` names, which then points after it; false at the end of the text.
 * Ports are numbers that stand after "on", "port" or "ports", however far: 6003, 6003-6009, "6003 to 6009". What is
 * part of a word, of a decimal or of a date ([RFC4146], 2.6003, 2006-04-25) is none.
 */
bool next_port_mention(const char **text, struct port_mention *ports);

/* The text from after its first "on", "port" or "ports": where to begin; the end of the text if there is none. */
const char *after_port_word(const char *text);

#endif
