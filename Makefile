# SPDX-License-Identifier: GPL-2.0-or-later
#
# footbridge.  `make help` lists the targets.

VERSION = 0.1.0

# The sources, from the ground up: a module knows only those in front of it
# (tests/layers checks that).
GROUND    = plugin/utf8.c plugin/error.c plugin/lock.c plugin/nameless.c
WORDS     = plugin/list.c plugin/ip.c plugin/name.c plugin/mac.c plugin/span.c \
	    plugin/version.c plugin/vlan.c \
	    plugin/json.c plugin/place.c plugin/writer.c plugin/table.c ipam/range.c plugin/result.c \
	    plugin/args.c plugin/conf.c
KERNEL    = plugin/confine.c plugin/sysctl.c plugin/program.c plugin/netns.c plugin/nl.c plugin/link.c plugin/addr.c \
	    plugin/route.c plugin/neigh.c plugin/membership.c plugin/nft.c
STORE     = ipam/mark.c ipam/index.c ipam/lease.c ipam/sticky.c
EFFECTS   = plugin/effect.c ipam/heal.c ipam/hostlocal.c plugin/delegate.c plugin/masq.c \
	    plugin/record.c plugin/veth.c plugin/ethtable.c plugin/crossing.c plugin/segment.c plugin/spoof.c plugin/inside.c \
	    plugin/takeover.c
RESIDENTS = plugin/bridge.c plugin/loopback.c plugin/residents.c
DOOR      = plugin/startup.c plugin/call.c plugin/main.c
TOOLS     = plugin/file.c plugin/command.c plugin/progress.c plugin/near.c plugin/known.c plugin/frame.c plugin/review.c plugin/lint.c \
	    plugin/survey.c plugin/restore.c plugin/listing.c plugin/peer.c plugin/graph.c \
	    plugin/conflist.c plugin/netconf.c plugin/firewall.c plugin/diagnosis.c plugin/doctor.c \
	    plugin/status.c plugin/check.c plugin/gc.c plugin/chain.c \
	    plugin/mounts.c plugin/container.c plugin/run.c plugin/named.c plugin/namespaces.c \
	    plugin/tool.c
PLUGIN    = $(GROUND) $(WORDS) $(KERNEL) $(STORE) $(EFFECTS) $(RESIDENTS) $(DOOR)
SOURCES   = $(PLUGIN) $(TOOLS)

# The names of the plugins, which are one executable; `footbridge` has the tools beside them.
PLUGINS   = bridge host-local loopback

# Each kind of build has a folder of its own.
BUILD     = build$(if $(FUZZ),/fuzz,$(if $(COVERAGE),/cov,$(if $(SANITIZE),/asan,$(if $(STATIC),/static))))
OBJECTS   = $(SOURCES:%.c=$(BUILD)/obj/%.o)
MAINS     = %/main.o %/tool.o
TARGETS   = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
UNITS     = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))

# Where `make install` puts things, below DESTDIR.
PREFIX    = /usr/local
CNI_BIN   = /opt/cni/bin
SBIN      = $(PREFIX)/sbin
DOC       = $(PREFIX)/share/doc/footbridge
COMPLETE  = $(PREFIX)/share/bash-completion/completions
MANUALS   = $(PREFIX)/share/man
PAGES     = footbridge.8 footbridge-bridge.5 footbridge-host-local.5

LIBS      = libcjson
# asked once, not for each object
LIBS_CFLAGS := $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
LIBS_LDLIBS := $(shell pkg-config --libs $(LIBS) 2>/dev/null || echo $(LIBS:lib%=-l%))
WARNINGS  = -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Werror
HARDEN    = -fPIE -fstack-protector-strong -fstack-clash-protection
HARDEN_LD = -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed
ifdef FUZZ
CC       := $(firstword $(shell command -v clang-14 clang))
CFLAGS   ?= -O1 -g -fno-omit-frame-pointer
HARDEN    = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
HARDEN_LD =
else ifdef COVERAGE
# Counted in a file that each process maps before it gives anything up: neither landlock
# nor SIGKILL is in its way.
CC       := $(firstword $(shell command -v clang-14 clang))
CFLAGS   ?= -O1 -g
HARDEN    = -fprofile-instr-generate=$(abspath $(BUILD))/profile/%c%4m.profraw \
	    -fcoverage-mapping -mllvm -runtime-counter-relocation -Wno-unused-command-line-argument
HARDEN_LD =
else ifdef SANITIZE
CFLAGS   ?= -O1 -g -fno-omit-frame-pointer
HARDEN   += -fsanitize=address,undefined -fno-sanitize-recover=all
else
# Small is fast here, where a call runs each line about once.  The tables for
# unwinding are a fifth of it, and nothing unwinds; debuggers read those of -g.  What
# nobody calls (the tools do, in their own executable) is left out.
CFLAGS   ?= -Os -g
COMPACT   = -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections $(PACKED)
HARDEN_LD += -Wl,--gc-sections
# glibc fortifies only what is optimised.  This stands behind a distribution's own level,
# and in -Wp, since compilers put what is given so behind all of -D and -U.
FORTIFIED = -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=$(if $(findstring clang,$(CC)),2,3)
FORTIFY   = $(if $(filter-out -O0,$(filter -O%,$(CFLAGS))),$(FORTIFIED))
endif
# Sizes and times have 64 bits everywhere: with the 32 that are some machines' default, files
# with large inode numbers cannot be looked at.
WIDE      = -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
COMPILE   = $(CC) -std=c11 -D_GNU_SOURCE $(WIDE) -DFOOTBRIDGE_VERSION='"$(VERSION)"' -Iinclude \
	    $(WARNINGS) $(HARDEN) $(COMPACT) $(LIBS_CFLAGS) $(CPPFLAGS) $(CFLAGS) \
	    $(FORTIFY)
LINK      = $(CC) $(HARDEN) $(HARDEN_LD) $(CFLAGS) $(LDFLAGS)
ifdef STATIC
# One file that needs nothing of the machine it runs on, and so starts faster.
ARCHIVES  = $(BUILD)/lib/archives
LDLIBS    = -L$(BUILD)/lib -lcjson
# musl's libc, where there is Debian's compiler for it, starts in a third of the time.
# That one has no kernel headers and links no static PIE by itself.
ifeq ($(origin CC),default)
CC       := $(or $(shell command -v musl-gcc),$(CC))
endif
ifneq ($(findstring musl-gcc,$(CC)),)
MUSL      = /usr/lib/$(shell $(CC) -dumpmachine | sed 's/gnu/musl/')
COMPACT  += -isystem $(BUILD)/lib/include
HARDEN_LD += -static -Wl,-pie,--no-dynamic-linker,-z,text -nostartfiles \
	    $(MUSL)/rcrt1.o $(MUSL)/crti.o $(MUSL)/crtn.o
else
HARDEN_LD += -static-pie
endif
else
# libc first: most of the names that the dynamic linker looks up are there
LDLIBS    = -lc $(LIBS_LDLIBS)
endif

# gcc for x86 would begin each table at a multiple of 32 bytes, for loops that nothing here has.
PACKED   := $(shell $(CC) -Werror -malign-data=abi -S -o /dev/null -x c /dev/null 2>/dev/null && \
	      echo -malign-data=abi)

Q := $(if $(V),,@)

# What the compiler is told, as of the last time: what it makes is made anew where that is
# another now.  Nothing is written, and nothing runs, where it is the same.
TOLD     := $(strip $(COMPILE) $(LINK) $(LDLIBS))
FLAGS     = $(BUILD)/flags

all: $(BUILD)/footbridge $(PLUGINS:%=$(BUILD)/bin/%)

ifneq ($(TOLD),$(strip $(file <$(FLAGS))))
$(FLAGS): FORCE
endif
$(FLAGS):
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(TOLD))' >$@

$(BUILD)/footbridge: $(filter-out %/main.o,$(OBJECTS)) $(ARCHIVES)
	@echo "  LINK    $@"
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LDLIBS)

$(BUILD)/bin/bridge: $(PLUGIN:%.c=$(BUILD)/obj/%.o) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LDLIBS)

# make deps STATIC=1 installs what this needs.
$(BUILD)/lib/archives: tests/archives tests/package $(FLAGS)
	$(Q)tests/archives $(@D) $(CC) $(HARDEN) $(CPPFLAGS) $(CFLAGS) $(FORTIFY)
	$(Q)touch $@

$(filter-out %/bridge,$(PLUGINS:%=$(BUILD)/bin/%)): $(BUILD)/bin/bridge
	$(Q)ln -f $< $@

$(BUILD)/obj/%.o: %.c Makefile $(FLAGS) | $(ARCHIVES)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

# A unit test is linked with everything but a main(); `link with: FLAGS` in its first
# lines adds to that.
$(BUILD)/unit/%: tests/unit/%.c $(FLAGS) $(filter-out $(MAINS),$(OBJECTS))
	@mkdir -p $(@D)
	@echo "  UNIT    $*"
	$(Q)$(COMPILE) -MMD -MP -MF $@.d -o $@ $(filter %.c %.o,$^) $(HARDEN_LD) $(LDFLAGS) \
		$(shell sed -n 's/.*link with: \(-.*\)/\1/p;10q' $<) $(LDLIBS) -lcmocka

# The benchmark: its driver, and the program that stands for the least possible, which
# is linked with the same libraries whether it calls them or not.
BENCH     = stats book launch start world lane arena trace packet part target report main
BENCH_OBJ = $(BENCH:%=$(BUILD)/obj/tests/bench/%.o)
FLOOR_OBJ = $(BUILD)/obj/tests/bench/floor.o

$(BUILD)/bench/bench: $(BENCH_OBJ)
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(LINK) -o $@ $^ $(LDLIBS) -lm

$(BUILD)/bench/floor/bridge: $(FLOOR_OBJ)
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(LINK) -Wl,--no-as-needed -o $@ $^ $(LDLIBS)

# What a start costs, by the way it is linked: a program that does nothing, and the plugins.
# What cannot be linked here is not measured.
STARTS    = $(if $(STATIC),,$(addsuffix /bridge,$(addprefix $(BUILD)/bench/starts/, \
	    glibc cjson nftnl archive musl lazy fixed)))
STARTED   = $(BUILD)/obj/tests/bench/nothing.o
%/glibc/bridge %/archive/bridge %/musl/bridge: LDLIBS =
%/nftnl/bridge: LDLIBS += -lmnl -lnftnl
%/archive/bridge: LDFLAGS += -static-pie
%/musl/bridge: LINK = musl-gcc -static
%/lazy/bridge %/fixed/bridge: STARTED = $(PLUGIN:%.c=$(BUILD)/obj/%.o)
%/lazy/bridge: LDFLAGS += -Wl,-z,lazy
%/fixed/bridge: LDFLAGS += -no-pie

$(STARTS): $(BUILD)/obj/tests/bench/nothing.o $(PLUGIN:%.c=$(BUILD)/obj/%.o)
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	-$(Q)$(LINK) -Wl,--no-as-needed -o $@ $(STARTED) $(LDLIBS)

# what the tests of the driver are of
$(BUILD)/unit/bench: $(filter-out %/main.o,$(BENCH_OBJ))

-include $(BENCH_OBJ:.o=.d) $(FLOOR_OBJ:.o=.d)
-include $(OBJECTS:.o=.d) $(UNITS:%=$(BUILD)/unit/%.d)

# A fuzz target is linked with what it does not include itself, and with cJSON's
# source where that can be had, so that it is covered, too.
$(BUILD)/lib.a: $(filter-out $(MAINS),$(OBJECTS))
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/cjson/cJSON.o: tests/fuzz/cjson $(FLAGS)
	$(Q)tests/fuzz/cjson $(@D) $(CC) $(HARDEN) $(CFLAGS)

$(BUILD)/target/%: tests/fuzz/%.c tests/fuzz/fuzz.h tests/fuzz/kernel.h $(BUILD)/lib.a $(BUILD)/cjson/cJSON.o
	@mkdir -p $(@D)
	@echo "  FUZZ    $*"
	$(Q)$(COMPILE) -fsanitize=fuzzer -o $@ $< $(wildcard $(BUILD)/cjson/cJSON.o) \
		$(BUILD)/lib.a $(LDLIBS)

targets: $(TARGETS:%=$(BUILD)/target/%)

# What tests/faults breaks things with, never sanitized itself, nor of another libc.
TOOL = $(if $(STATIC),gcc,$(CC)) -std=c11 -D_GNU_SOURCE -Iinclude $(WARNINGS) -O2 -g -o $@ $(filter %.c,$^)

$(BUILD)/faults/sweep: $(addprefix tests/faults/,sweep.c trace.c world.c calls.c \
		trace.h world.h calls.h alloc.h) include/cleanup.h $(FLAGS)
	@mkdir -p $(@D)
	@echo "  TOOL    sweep"
	$(Q)$(TOOL) -lcjson -lmnl -lnftables

$(BUILD)/faults/alloc.so: tests/faults/alloc.h
$(BUILD)/faults/%.so: tests/faults/%.c $(FLAGS)
	@mkdir -p $(@D)
	@echo "  TOOL    $(@F)"
	$(Q)$(TOOL) -fPIC -shared

$(BUILD)/faults/without $(BUILD)/faults/elsewhere: $(BUILD)/faults/%: tests/faults/%.c $(FLAGS)
	@mkdir -p $(@D)
	@echo "  TOOL    $*"
	$(Q)$(TOOL)

FAULTS = $(addprefix $(BUILD)/faults/,sweep without elsewhere alloc.so overtaken.so shared.so clock.so)

units: $(UNITS:%=$(BUILD)/unit/%) $(FAULTS)

# What the tests with real runtimes put in front of the plugins.
$(BUILD)/tests/recorder: tests/runtimes/recorder.c Makefile $(FLAGS)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(COMPILE) -o $@ $< $(HARDEN_LD) $(LDFLAGS) $(LDLIBS)

deps:
	tests/need build check $(if $(STATIC),static)

# Each of these is enough by itself on a fresh machine.
check check-unit check-net:
	tests/need build check
	$(MAKE) all units
	tests/run $(abspath $(BUILD)) $(SUITES)

# The sweeps of tests/faults in full: hours.
torture:
	tests/need build check
	$(MAKE) all units
	FULL=1 tests/run $(abspath $(BUILD)) $(or $(SUITES),$(wildcard tests/faults/*.bats))

# In virtual machines with Debian's kernels: all network tests on each of KERNELS, or
# else the VLAN tests and those tagged "quick" on one.
check-vm:
	tests/need build check vm
	$(MAKE) all $(FAULTS)
	tests/vm/kernel $(or $(KERNELS),6.1)
	$(if $(KERNELS),,QUICK=1) tests/run $(abspath $(BUILD)) \
		$(foreach kernel,$(or $(KERNELS),6.1),$(SUITES:%=$(kernel):%))

# With real container runtimes.
check-runtimes:
	tests/need build check runtimes
	$(MAKE) all $(BUILD)/tests/recorder
	tests/run $(abspath $(BUILD)) $(SUITES)

# How much of a container's start is CNI: a table for the README.
bench-runtimes:
	tests/need build check runtimes
	$(MAKE) all $(BUILD)/tests/recorder
	FOOTBRIDGE_BIN=$(abspath $(BUILD))/bin tests/runtimes/bench

# What is installed, and how: manual pages, completion, the Debian package, a DaemonSet.
check-package:
	tests/need build check package
	$(MAKE) all man deb
	tests/run $(abspath $(BUILD)) $(SUITES)

check-package: SUITES = $(wildcard tests/install/*.bats)
check-unit: SUITES = $(UNITS)
check-net: SUITES = $(filter-out $(LEAVE:%=tests/net/%.bats),$(wildcard tests/net/*.bats))
check-runtimes: SUITES = $(wildcard tests/runtimes/*.bats) tests/net/libcni.bats
check-vm coverage: VLAN = $(wildcard tests/*/vlan*.bats)
# the longest first
check-vm: SUITES = $(VLAN) $(filter-out $(VLAN), $(if $(KERNELS),$(wildcard tests/net/*.bats), \
	$(shell grep -l '^# bats .*tags=quick' tests/net/*.bats)))

# What a libc could make different, with the static build.
check-static:
	tests/need build check static
	$(MAKE) STATIC=1 all build/static/faults/without
	tests/run $(abspath build)/static tests/tree/hardening.bats $(addprefix tests/net/,$(addsuffix .bats, \
		examples tool verbs protocol addresses hostlocal run check))

# The reference plugins are measured where they are; NEWER is the folder of a version
# that has the nftables backend, STATIC_BIN that of a static build.  The rest chooses a
# part: see tests/bench/main.c.
REFERENCE  = /usr/lib/cni
STATIC_BIN = build/static/bin
BENCH_RUN  = tests/net/box $(BUILD)/bench/bench --ours $(abspath $(BUILD))/bin \
	     --floor $(abspath $(BUILD))/bench/floor --starts $(abspath $(BUILD))/bench/starts --reference $(REFERENCE) \
	     --static $(abspath $(STATIC_BIN)) $(if $(NEWER),--newer $(abspath $(NEWER))) \
	     $(if $(PARTS),--parts "$(PARTS)") $(if $(CONFIGS),--configs "$(CONFIGS)") \
	     $(if $(AT_ONCE),--at-once "$(AT_ONCE)") $(if $(PRESENT),--present "$(PRESENT)") \
	     $(if $(LEASES),--leases $(LEASES)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	     $(if $(CALLS),--calls $(CALLS)) $(if $(JSON),--json $(abspath $(JSON)))

bench-build: $(BUILD)/bench/bench $(BUILD)/bench/floor/bridge $(STARTS)

bench bench-smoke:
	tests/need build bench
	$(MAKE) all bench-build
	$(BENCH_RUN) $(if $(filter bench-smoke,$@),--smoke)

# A shell in a container of its own, on this host's network.
try:
	tests/need build
	$(MAKE) all
	$(BUILD)/footbridge run || test $$? -ne 125

demo:
	tests/need build demo
	$(MAKE) all
	FOOTBRIDGE_BIN=$(abspath $(BUILD))/bin tests/demo

# Each target for FUZZ_SECONDS, two at a time; new inputs stay in build/fuzz/found.
FUZZ_SECONDS = 60
fuzz:
	tests/need build fuzz
	$(MAKE) FUZZ=1 targets
	tests/fuzz/run $(FUZZ_SECONDS) $(TARGETS)

# Which lines no test reaches, the sweeps of faults included: a table, and the lines in
# build/cov/missed.
coverage:
	tests/need build check coverage vm
	rm -rf build/cov/profile && mkdir -p build/cov/profile
	$(MAKE) COVERAGE=1 all units
	-EACH=1 tests/run $(abspath build/cov) $(SUITES)
	tests/vm/kernel 6.1
	-tests/run $(abspath build/cov) $(VLAN:%=6.1:%)
	tests/coverage build/cov

lint:
	tests/need build lint
	tests/lint

format:
	tests/lint --format

# The manual pages have the README's tables and what the commands say of themselves: those
# of NATIVE, a footbridge that runs on this machine.
NATIVE   ?= $(BUILD)/footbridge
$(BUILD)/man/%: man/%.scd man/render man/tidy README.md $(NATIVE)
	@mkdir -p $(@D)
	@echo "  MAN     $*"
	$(Q)man/render readme=README.md tool=$(NATIVE) $< >$@.scd
	$(Q)scdoc <$@.scd >$@.roff
	$(Q)man/tidy $@.roff >$@

man: $(PAGES:%=$(BUILD)/man/%)

# $(call put,COMMAND,TARGET): COMMAND makes a file, which then gets its name by a rename:
# whoever calls a plugin meanwhile gets the old one or the new one.
define put
	install -d $(DESTDIR)$(dir $(2))
	$(1) $(DESTDIR)$(dir $(2)).$(notdir $(2)).new
	mv -f $(DESTDIR)$(dir $(2)).$(notdir $(2)).new $(DESTDIR)$(2)

endef
DOCUMENTS = README.md SECURITY.md $(wildcard conf-examples/*)
OTHERS    = $(filter-out bridge,$(PLUGINS))
page      = $(MANUALS)/man$(patsubst .%,%,$(suffix $(1)))/$(1)

install: all man
	$(call put,install -m 0755 $(BUILD)/bin/bridge,$(CNI_BIN)/bridge)
	$(foreach name,$(OTHERS),$(call put,ln -f $(DESTDIR)$(CNI_BIN)/bridge,$(CNI_BIN)/$(name)))
	$(call put,install -m 0755 $(BUILD)/footbridge,$(SBIN)/footbridge)
	$(call put,install -m 0644 man/completion,$(COMPLETE)/footbridge)
	$(foreach name,$(PAGES),$(call put,install -m 0644 $(BUILD)/man/$(name),$(call page,$(name))))
	$(foreach name,$(DOCUMENTS),$(call put,install -m 0644 $(name),$(DOC)/$(name)))

uninstall:
	rm -f $(addprefix $(DESTDIR),$(PLUGINS:%=$(CNI_BIN)/%) $(SBIN)/footbridge \
		$(COMPLETE)/footbridge $(foreach name,$(PAGES),$(call page,$(name))) \
		$(DOCUMENTS:%=$(DOC)/%))
	-rmdir $(DESTDIR)$(DOC)/conf-examples $(DESTDIR)$(DOC)

# Debian's own paths: /usr/lib/cni/bridge is containernetworking-plugins'.
DEB_CNI_BIN = /usr/lib/footbridge/cni

# A package in build/deb, built from a copy of this tree.
deb:
	tests/need build package
	rm -rf build/deb
	mkdir -p build/deb/footbridge
	tar -c --exclude=./build --exclude=./.git . | tar -x -C build/deb/footbridge
	mv build/deb/footbridge/.debian build/deb/footbridge/debian
	cd build/deb/footbridge && CNI_BIN=$(DEB_CNI_BIN) dpkg-buildpackage -b -us -uc
	lintian --fail-on error,warning build/deb/*.changes

clean:
	rm -rf build

help:
	@echo "all        build/footbridge, the tool, and the plugins in build/bin (default)"
	@echo "try        a shell in a container with a network (root)"
	@echo "demo       connect two containers and show everything (root)"
	@echo "check      all tests (root); SANITIZE=1: under ASan and UBSan"
	@echo "check-unit, check-net    a part of them, LEAVE='calls libcni': less these; or"
	@echo "           SUITES='ip tests/net/del.bats'"
	@echo "torture    tests/faults in full: every point of every sweep (root; hours)"
	@echo "check-vm   VLAN tests and a quick cut on Debian's 6.1 kernel, in a virtual machine (root);"
	@echo "           KERNELS='5.10 6.1 6.12': all of tests/net on each"
	@echo "check-static    the examples, protocol, verbs with the static build (root)"
	@echo "coverage   all tests, and which lines none of them reaches (root)"
	@echo "fuzz       fuzz the parsers (root); FUZZ_SECONDS=60 each, TARGETS='conf nft'"
	@echo "check-runtimes  containerd, podman and libcni call it (root)"
	@echo "check-package   manual pages, completion, installation, the Debian package (root)"
	@echo "deb        a Debian package in build/deb (root, where something is missing)"
	@echo "bench-runtimes  how much of a container's start is CNI, with the Go plugins and with ours (root)"
	@echo "bench      measure it beside the reference plugins and print the targets (root, 25 min);"
	@echo "           PARTS='sequential storm' CONFIGS=v4+masq ROUNDS=3 JSON=FILE: a part of it"
	@echo "bench-smoke   the most important of them, with gates, in a minute (root)"
	@echo "lint       clang-format, clang-tidy, cppcheck, gcc -fanalyzer, shellcheck, layers"
	@echo "man        the manual pages, in build/man"
	@echo "install    plugins into CNI_BIN ($(CNI_BIN)), the rest below PREFIX ($(PREFIX)),"
	@echo "           all below DESTDIR; PAGES=: without the manual pages, which take scdoc"
	@echo "uninstall  remove what install put there"
	@echo "deps       install what building and testing need (root)"
	@echo "format     clang-format the sources"
	@echo "clean      remove build/"
	@echo
	@echo "V=1 shows the commands; CC=clang-14 builds with clang; STATIC=1 builds"
	@echo "without shared libraries, in build/static (and installs, tests or benchmarks that)."

# For tests/layers and tests/lint.
print-sources:
	@echo $(SOURCES)

# For tests/tree/hardening.bats.
print-hardening:
	@echo $(CC) $(HARDEN) $(HARDEN_LD) $(CFLAGS) $(FORTIFY)

.PHONY: all man deb units targets fuzz coverage deps check check-unit check-net torture check-vm check-static \
	check-runtimes check-package bench bench-build bench-smoke bench-runtimes demo try lint format install \
	uninstall clean help print-sources print-hardening FORCE
.DELETE_ON_ERROR:
