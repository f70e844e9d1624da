/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file.h - a file, read whole
 */
#ifndef FOOTBRIDGE_FILE_H
#define FOOTBRIDGE_FILE_H

#include <stddef.h>

#include "cleanup.h"

/*
 * Read to the end: a file, a pipe.
 * @most: bytes.
 * @len: how many there were.
 * Return: the text with a NUL behind it, which the caller frees; NULL with errno, EFBIG
 * for more than @most bytes.
 */
char *file_read(int fd, size_t most, size_t *len) _must_check_;

#endif
