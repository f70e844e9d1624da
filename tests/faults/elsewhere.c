/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elsewhere.c - another IPAM plugin: host-local by another name, from the first folder of
 * CNI_PATH
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	char path[PATH_MAX];
	const char *folders = getenv("CNI_PATH");

	if (!folders)
		return 1;
	(void)snprintf(path, sizeof(path), "%.*s/host-local",
		       (int)(strchrnul(folders, ':') - folders), folders);
	(void)execl(path, path, (char *)NULL);
	return 1;
}
