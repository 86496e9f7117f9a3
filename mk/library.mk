# SPDX-License-Identifier: MIT
# libianareg: a static and a shared library, their header, pkg-config file, manual page and example. It is made of the
# rooms that cannot end the process, and needs libc alone; `make CC=musl-gcc B=build/musl build/musl/libianareg.a` makes
# one for programs that are linked with musl.

INCLUDEDIR ?= $(PREFIX)/include
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
OBJCOPY ?= objcopy
LIBRARY_ABI := 0
LIBRARY_SRC := $(wildcard src/library/*.c src/snapshot/*.c) $(addprefix src/query/,row_index.c row_info.c row_walk.c)
LIBRARY_OBJ := $(LIBRARY_SRC:%.c=$(B)/library/%.o)
LIBRARY := $(B)/libianareg.a $(B)/libianareg.so.$(LIBRARY_ABI) $(B)/libianareg.so
# What tests compile programs with, beside the compiler that is used.
TEST_TOOLS += g++ musl-tools:musl-gcc
LIBRARY_LINK := -Wl,-z,defs,-z,now,-z,relro -Wl,--version-script=src/library/exports.map
EXAMPLES := examples/port_info.c examples/port_info.go

.PHONY: library install-library uninstall-library
library: $(LIBRARY) ## build libianareg alone, static and shared

all: library
install: install-library
uninstall: uninstall-library

# Without link-time optimisation: what is hidden is made local below, which only machine code can be.
$(B)/library/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call QUIET,CC)$(call COMPILE,-fPIC -fvisibility=hidden) -fno-lto -c -o $@ $<

# One object whose only global symbols are the header's: a program's own next_name() and the library's do not meet.
# LDFLAGS are for what is linked whole.
$(B)/library/ianareg.o: $(LIBRARY_OBJ)
	$(call QUIET,LD)$(CC) $(CFLAGS) -fno-lto -r -nostdlib -o $@ $^ && $(OBJCOPY) --localize-hidden $@

$(B)/libianareg.a: $(B)/library/ianareg.o
	$(call QUIET,AR)rm -f $@ && $(AR) rcs $@ $<

$(B)/libianareg.so.$(LIBRARY_ABI): $(LIBRARY_OBJ) src/library/exports.map
	$(call QUIET,LD)$(call LINK,-shared $(LIBRARY_LINK)) -Wl,-soname,$(@F) -o $@ $(LIBRARY_OBJ)

$(B)/libianareg.so: $(B)/libianareg.so.$(LIBRARY_ABI)
	@ln -sf $(<F) $@

# The paths are those of this installation; those below PREFIX move with it, as pkg-config --define-prefix has it.
pc_path = $(call sed_text,$(patsubst $(PREFIX)/%,$${prefix}/%,$(1)))
PC_PATHS = s|@PREFIX@|$(call sed_text,$(PREFIX))|; s|@LIBDIR@|$(call pc_path,$(LIBDIR))|; \
	s|@INCLUDEDIR@|$(call pc_path,$(INCLUDEDIR))|; s|@VERSION@|$(VERSION)|

install-library: library
	install -d '$(DESTDIR)$(LIBDIR)' '$(DESTDIR)$(INCLUDEDIR)' '$(DESTDIR)$(PKGCONFIGDIR)' '$(DESTDIR)$(DOCDIR)/examples'
	install -m 0644 include/ianareg.h '$(DESTDIR)$(INCLUDEDIR)/ianareg.h'
	install -m 0644 $(B)/libianareg.a '$(DESTDIR)$(LIBDIR)/libianareg.a'
	install -m 0644 $(B)/libianareg.so.$(LIBRARY_ABI) '$(DESTDIR)$(LIBDIR)/libianareg.so.$(LIBRARY_ABI)'
	ln -sf libianareg.so.$(LIBRARY_ABI) '$(DESTDIR)$(LIBDIR)/libianareg.so'
	sed '$(PC_PATHS)' src/library/ianareg.pc.in >'$(DESTDIR)$(PKGCONFIGDIR)/ianareg.pc'
	chmod 0644 '$(DESTDIR)$(PKGCONFIGDIR)/ianareg.pc'
	install -m 0644 $(EXAMPLES) '$(DESTDIR)$(DOCDIR)/examples'

uninstall-library:
	rm -f '$(DESTDIR)$(INCLUDEDIR)/ianareg.h' '$(DESTDIR)$(LIBDIR)/libianareg.a' \
		'$(DESTDIR)$(LIBDIR)/libianareg.so.$(LIBRARY_ABI)' '$(DESTDIR)$(LIBDIR)/libianareg.so' \
		'$(DESTDIR)$(PKGCONFIGDIR)/ianareg.pc' $(EXAMPLES:%='$(DESTDIR)$(DOCDIR)/%')
	-rmdir '$(DESTDIR)$(DOCDIR)/examples' 2>/dev/null
