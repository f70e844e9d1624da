/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet.h - how long after ADD a container's first packet is answered
 */
#ifndef FOOTBRIDGE_BENCH_PACKET_H
#define FOOTBRIDGE_BENCH_PACKET_H

/* Return: a socket in the namespace bound to @netns from which a packet can be sent at once. */
int packet_open(const char *netns);

/*
 * Send one echo request to 10.1.0.1 and wait for the answer, 3 s at most.  The kernel
 * asks for the gateway's MAC again after 1 s when its first question was lost.
 * Return: ms; below 0 where it was not answered.
 */
double packet_echo(int fd);

/*
 * Packets that the processors have dropped so far, having too many in their queues
 * (net.core.netdev_max_backlog), whoever's they were.
 */
double packet_drops(void);

#endif
