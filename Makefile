# SPDX-License-Identifier: GPL-2.0-or-later
#
# footbridge

VERSION = 0.1.0

# The sources, from the ground up: a module knows only those in front of it
# (tests/layers checks that).
GROUND    = plugin/error.c
WORDS     = plugin/list.c plugin/ip.c plugin/name.c plugin/mac.c plugin/version.c \
	    plugin/json.c plugin/writer.c ipam/range.c plugin/result.c plugin/args.c plugin/conf.c
KERNEL    = plugin/sysctl.c plugin/netns.c plugin/nl.c plugin/link.c plugin/addr.c \
	    plugin/route.c plugin/neigh.c plugin/nft.c
STORE     = ipam/lease.c
SOURCES   = $(GROUND) $(WORDS) $(KERNEL) $(STORE)

BUILD     = build$(if $(SANITIZE),/asan)
OBJECTS   = $(SOURCES:%.c=$(BUILD)/obj/%.o)
UNITS     = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))

LIBS      = libcjson libmnl libnftnl
WARNINGS  = -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Werror
HARDEN    = -fPIE -fstack-protector-strong -fstack-clash-protection
HARDEN_LD = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
ifdef SANITIZE
CFLAGS   ?= -O1 -g -fno-omit-frame-pointer
HARDEN   += -fsanitize=address,undefined -fno-sanitize-recover=all
else
CFLAGS   ?= -O2 -g
HARDEN   += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(if $(findstring clang,$(CC)),2,3)
endif
COMPILE   = $(CC) -std=c11 -D_GNU_SOURCE -DFOOTBRIDGE_VERSION='"$(VERSION)"' -Iinclude \
	    $(WARNINGS) $(HARDEN) $(shell pkg-config --cflags $(LIBS)) $(CPPFLAGS) $(CFLAGS)
LINK      = $(CC) $(HARDEN) $(HARDEN_LD) $(CFLAGS) $(LDFLAGS)
LDLIBS    = $(shell pkg-config --libs $(LIBS))

Q := $(if $(V),,@)

all: units

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

# A unit test is linked with everything but main; `link with: FLAGS` in its first
# lines adds to that.
$(BUILD)/unit/%: tests/unit/%.c $(filter-out %/main.o,$(OBJECTS))
	@mkdir -p $(@D)
	@echo "  UNIT    $*"
	$(Q)$(COMPILE) -MMD -MP -MF $@.d -o $@ $^ $(HARDEN_LD) $(LDFLAGS) \
		$(shell sed -n 's/.*link with: \(-.*\)/\1/p;10q' $<) $(LDLIBS) -lcmocka

-include $(OBJECTS:.o=.d) $(UNITS:%=$(BUILD)/unit/%.d)

units: $(UNITS:%=$(BUILD)/unit/%)

clean:
	rm -rf build

.PHONY: all units clean
.DELETE_ON_ERROR:
