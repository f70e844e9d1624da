/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet.c - how long after ADD a container's first packet is answered
 */
#include "packet.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "launch.h"
#include "world.h"

#define GATEWAY "10.1.0.1"
#define PATIENCE_MS 3000
#define ECHO_ID 0x6662

int packet_open(const char *netns)
{
	_cleanup_(closep) int here = world_here();
	_cleanup_(closep) int there = open(netns, O_RDONLY | O_CLOEXEC);
	int fd;

	if (there < 0)
		err(1, "%s", netns);
	world_enter(there);
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
	if (fd < 0)
		err(1, "socket");
	world_enter(here);
	return fd;
}

/* Has our answer come?  Reads what there is. */
static bool hear(int fd)
{
	struct {
		struct iphdr ip; /* without options */
		struct icmphdr icmp;
	} packet;

	while (recv(fd, &packet, sizeof(packet), 0) == (ssize_t)sizeof(packet))
		if (packet.icmp.type == ICMP_ECHOREPLY &&
		    packet.icmp.un.echo.id == ECHO_ID)
			return true;
	return false;
}

double packet_echo(int fd)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct icmphdr echo = { .type = ICMP_ECHO, .un.echo.id = ECHO_ID };
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	double began = launch_now(), took = 0;

	/* RFC 1071: the complement of the sum of all words, of which two are not 0 */
	echo.checksum = (uint16_t) ~(htons(ICMP_ECHO << 8) + ECHO_ID);
	(void)inet_pton(AF_INET, GATEWAY, &to.sin_addr);
	if (sendto(fd, &echo, sizeof(echo), 0, (const struct sockaddr *)&to, sizeof(to)) <
	    0)
		return -1;
	while (took < PATIENCE_MS) {
		(void)poll(&readable, 1, PATIENCE_MS - (int)took);
		took = launch_now() - began;
		if (hear(fd))
			return took;
	}
	return -1;
}

double packet_drops(void)
{
	FILE *file = fopen("/proc/net/softnet_stat", "re");
	char line[512];
	double sum = 0;

	if (!file)
		err(1, "/proc/net/softnet_stat");
	/* a line for each processor, of hexadecimal columns: processed, dropped, ... */
	while (fgets(line, sizeof(line), file))
		sum += (double)strtoul(line + strcspn(line, " "), NULL, 16);
	(void)fclose(file);
	return sum;
}
