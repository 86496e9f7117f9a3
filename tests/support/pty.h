/* SPDX-License-Identifier: MIT */
/* What a command shows on a terminal of a given width. Every failure here fails the test. */
#ifndef IANAREG_TESTS_SUPPORT_PTY_H
#define IANAREG_TESTS_SUPPORT_PTY_H

struct screen {
	int status; /* exit status, or 128 + signal */
	char *text; /* all that was written, stderr included; lines end in \n alone */
};

/*
 * What `sh -c command` writes to a terminal of 24 lines, whose keyboard it has as its stdin. TERM is xterm and NO_COLOR
 * is 1: a command that is to show colours says `NO_COLOR=`. free_screen() it.
 */
struct screen screen_of(const char *command, unsigned short columns);
void free_screen(struct screen *screen);

#endif
