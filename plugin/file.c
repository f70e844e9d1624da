/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file.c - a file, read whole
 */
#include "file.h"

#include "retry.h"

char *file_read(int fd, size_t most, size_t *len)
{
	_cleanup_(freep) char *text = malloc(most + 1);
	char *read_text = text;
	ssize_t n;

	*len = 0;
	if (!text)
		return NULL;
	/* One byte more than it may have tells that it has more. */
	do {
		n = retry(read(fd, text + *len, most + 1 - *len));
		*len += n > 0 ? (size_t)n : 0;
	} while (n > 0 && *len <= most);
	if (n < 0)
		return NULL;
	if (*len > most) {
		errno = EFBIG;
		return NULL;
	}
	text[*len] = '\0';
	text = NULL;
	return read_text;
}
