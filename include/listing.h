/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listing.h - an attachment in the words of `footbridge list`
 */
#ifndef FOOTBRIDGE_LISTING_H
#define FOOTBRIDGE_LISTING_H

#include "survey.h"
#include "writer.h"

#define LISTING_ADDRESSES 1024

/* Its addresses, with commas between them, and ",..." for what does not fit.  Return: @text. */
const char *listing_addresses(const struct survey_attachment *a, char text[static LISTING_ADDRESSES]);

/* Everything that is known of it, as an object.  @key: as for writer_open(). */
void listing_write(struct writer *w, const char *key, const struct survey_attachment *a);

#endif
