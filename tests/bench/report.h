/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - tell what has been measured
 */
#ifndef FOOTBRIDGE_BENCH_REPORT_H
#define FOOTBRIDGE_BENCH_REPORT_H

#include "book.h"

/* Return: the load average of the last minute. */
double report_load(void);

/* The machine: kernel, HZ, processors, load, and who takes part. */
void report_machine(const struct field *field);

/* The series from number @from on, as tables; "of ours" is the ratio to our figure round by round. */
void report_series(const struct book *book, size_t from);

/* What processes that do nothing take, in Markdown; nothing where none was started. */
void report_starts(const struct book *book);

/* Figures that are of no series. */
void report_facts(const struct book *book);

/* The targets and what became of them, in Markdown. */
void report_targets(const struct book *book);

/*
 * One line "ok - ..." or "not ok - ..." for each guarded target, with 60 percent of
 * what it promises as the gate, and "not ok" where a call of ours has failed or left
 * something behind; then "N passed, N failed[, N skipped]".
 * Return: have all that could be measured passed, and at least one?
 */
bool report_gates(const struct book *book);

/* Everything, as JSON. */
void report_json(const struct book *book, const char *path);

#endif
