/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nothing.c - what every program does
 */
int main(void)
{
	return 0;
}
