/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one allocation, socket(), connect() or epoll_ctl() fail, by -Wl,--wrap and for
 * libevent by its own hook; epoll_ctl() by standing before libc's.
 */
#ifndef TESTS_PROGRAM_FAILING_H
#define TESTS_PROGRAM_FAILING_H

#include <stdbool.h>

enum fault { FAULT_MEMORY, FAULT_SOCKET, FAULT_CONNECT, FAULT_POLL, FAULT_COUNT };

/** Before libevent is used. */
void failing_init(void);

/** The one after so many successes fails, once; -1 = none does. */
void failing_after(enum fault fault, int successes);

/** \retval false  it has failed, or none was to */
bool failing_is_due(enum fault fault);

#endif
