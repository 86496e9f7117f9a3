# SPDX-License-Identifier: MIT
# Installation under DESTDIR, PREFIX and the directories below. It edits no configuration and enables nothing.

DOCDIR ?= $(PREFIX)/share/doc/ianareg
MANDIR ?= $(PREFIX)/share/man
BASH_COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
# Debian's zsh reads vendor-completions; zsh as it is published reads site-functions.
ZSH_COMPLETIONS ?= $(firstword $(wildcard $(PREFIX)/share/zsh/vendor-completions) $(PREFIX)/share/zsh/site-functions)
FISH_COMPLETIONS ?= $(PREFIX)/share/fish/vendor_completions.d
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
MAN_PAGES := $(notdir $(wildcard man/*.[1-8]))

# Only root can, and only an installation in place needs it.
LDCONFIG = @[ -n '$(DESTDIR)' ] || [ "$$(id -u)" -ne 0 ] || ldconfig

.PHONY: install install-module install-manual install-completions install-units
.PHONY: uninstall uninstall-manual uninstall-completions

# A path as the replacement of sed's s command. A backslash or a quote would need another escape in each file.
HARD := \ ' "
PATHS = $(PREFIX)$(BINDIR)$(SITE_SNAPSHOT)$(VENDOR_SNAPSHOT)$(DOCDIR)$(CACHE_DIR)
HARD_PATHS = $(strip $(foreach c,$(HARD),$(findstring $(c),$(PATHS))))
refuse_hard_paths = $(if $(HARD_PATHS),$(error no path of the installation may hold a backslash or a quote))
sed_text = $(refuse_hard_paths)$(subst |,\|,$(subst &,\&,$(1)))

# Pages name the paths of this installation.
PAGE_PATHS = s|/var/lib/misc/ianareg\.db|$(call sed_text,$(SITE_SNAPSHOT))|; \
	s|/usr/lib/ianareg/ianareg\.db|$(call sed_text,$(VENDOR_SNAPSHOT))|; \
	s|/usr/share/doc/ianareg|$(call sed_text,$(DOCDIR))|; s|/var/cache/ianareg|$(call sed_text,$(CACHE_DIR))|; \
	s|/usr/lib/sysusers\.d|$(call sed_text,$(SYSUSERSDIR))|

install-manual:
	@for page in $(MAN_PAGES); do \
		dir='$(DESTDIR)$(MANDIR)'/man$${page##*.}; \
		install -d "$$dir" && sed '$(PAGE_PATHS)' "man/$$page" >"$$dir/$$page" && chmod 0644 "$$dir/$$page" || exit 1; \
	done

uninstall-manual:
	@for page in $(MAN_PAGES); do rm -f '$(DESTDIR)$(MANDIR)'/man$${page##*.}/"$$page"; done

install-completions:
	install -d '$(DESTDIR)$(BASH_COMPLETIONS)' '$(DESTDIR)$(ZSH_COMPLETIONS)' '$(DESTDIR)$(FISH_COMPLETIONS)'
	install -m 0644 data/completions/ianareg.bash '$(DESTDIR)$(BASH_COMPLETIONS)/ianareg'
	install -m 0644 data/completions/_ianareg '$(DESTDIR)$(ZSH_COMPLETIONS)/_ianareg'
	install -m 0644 data/completions/ianareg.fish '$(DESTDIR)$(FISH_COMPLETIONS)/ianareg.fish'

uninstall-completions:
	rm -f '$(DESTDIR)$(BASH_COMPLETIONS)/ianareg' '$(DESTDIR)$(ZSH_COMPLETIONS)/_ianareg' \
		'$(DESTDIR)$(FISH_COMPLETIONS)/ianareg.fish'

# The paths in units are those of this installation.
UNITS := ianareg-update.service ianareg-update.timer ianareg-site.service ianareg-site.path \
	ianareg-.service.d/sandbox.conf
UNIT_PATHS = -e 's|@BINDIR@|$(call sed_text,$(BINDIR))|' \
	-e 's|@SITEDIR@|'"$$(dirname '$(call sed_text,$(SITE_SNAPSHOT))')"'|'

install-units:
	set -e; for unit in $(UNITS); do sed $(UNIT_PATHS) "data/systemd/$$unit" | \
		install -D -m 0644 /dev/stdin '$(DESTDIR)$(UNITDIR)'/"$$unit"; done

install-module: $(SO) ## install the module alone, as a second architecture needs it
	install -d '$(DESTDIR)$(LIBDIR)'
	install -m 0644 $(SO) '$(DESTDIR)$(LIBDIR)/libnss_ianareg.so.2'

install: ## install under DESTDIR, PREFIX, LIBDIR, BINDIR; edits no configuration and enables nothing
install: all install-module install-manual install-completions install-units
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(VENDORDIR)' '$(DESTDIR)$(DATADIR)' '$(DESTDIR)$(DOCDIR)'
	install -m 0755 $(TOOL) '$(DESTDIR)$(BINDIR)/ianareg'
	install -m 0644 $(DB) '$(DESTDIR)$(VENDOR_SNAPSHOT)'
	install -m 0644 $(REGISTRY) '$(DESTDIR)$(BUNDLED_REGISTRY)'
	install -m 0644 nsswitch.conf.example data/ianareg.conf.example README.md LICENSE '$(DESTDIR)$(DOCDIR)'
	install -m 0644 data/lookup.schema.json '$(DESTDIR)$(DATADIR)/lookup.schema.json'
	install -D -m 0644 data/sysusers.d/ianareg.conf '$(DESTDIR)$(SYSUSERSDIR)/ianareg.conf'
	$(LDCONFIG)
	@echo 'Installed. To use it system-wide, let /etc/nsswitch.conf say:   services: files ianareg'
	@echo 'To have an account that update runs curl as:   systemd-sysusers'
	@echo 'To have the registry updated once a month:   systemctl enable --now ianareg-update.timer'

uninstall: uninstall-manual uninstall-completions ## remove exactly what install put there
	rm -f '$(DESTDIR)$(LIBDIR)/libnss_ianareg.so.2' '$(DESTDIR)$(BINDIR)/ianareg' '$(DESTDIR)$(VENDOR_SNAPSHOT)' \
		'$(DESTDIR)$(BUNDLED_REGISTRY)' '$(DESTDIR)$(DATADIR)/lookup.schema.json' \
		'$(DESTDIR)$(SYSUSERSDIR)/ianareg.conf' \
		'$(DESTDIR)$(DOCDIR)/nsswitch.conf.example' '$(DESTDIR)$(DOCDIR)/ianareg.conf.example' \
		'$(DESTDIR)$(DOCDIR)/README.md' '$(DESTDIR)$(DOCDIR)/LICENSE' \
		$(foreach unit,$(UNITS),'$(DESTDIR)$(UNITDIR)/$(unit)')
	-rmdir '$(DESTDIR)$(VENDORDIR)' '$(DESTDIR)$(DATADIR)' '$(DESTDIR)$(DOCDIR)' \
		'$(DESTDIR)$(UNITDIR)/ianareg-.service.d' 2>/dev/null
	$(LDCONFIG)
