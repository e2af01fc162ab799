/* SPDX-License-Identifier: Apache-2.0 */
/* A harness in virtual time (tests/fake): whoever waits for a deadline waits for nothing.
 */
#ifndef TESTS_PROBES_VIRTUAL_TIME_H
#define TESTS_PROBES_VIRTUAL_TIME_H

/** For cmocka: a struct harness, for partners on its loop. Ends by harness_tear_down().
 */
int virtual_set_up(void **state);

#endif
