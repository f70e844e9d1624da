/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alloc.h - what alloc.so and the sweep tell each other
 *
 * alloc.so is preloaded into a program and lets an allocation of it fail.  The environment
 * variable names a file with this in it, which both map.
 */
#ifndef FAULTS_ALLOC_H
#define FAULTS_ALLOC_H

#define ALLOC_VARIABLE "FAULT_ALLOC"

enum alloc_mood {
	ALLOC_ONCE,	/* this one fails */
	ALLOC_FULL,	/* and from then on there is only what is given back */
	ALLOC_NONE,	/* and all behind it fail */
};

struct alloc {
	enum alloc_mood mood;
	long at;	/* which allocation fails, from 1 on */
	long seen;	/* counted so far */
	long left;	/* bytes, for ALLOC_FULL */
};

#endif
