/* SPDX-License-Identifier: Apache-2.0 */
/* The n-th allocation fails, for every n: no crash, no leak, and a fault that says so. */
#include "config/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake/memory.h"
#include "files.h"

static const char sound[] =
	"sites = ( { name = \"hq\"; pbx = ( \"a\", \"b\", \"c:8443\" ); dns = "
	"\"192.0.2.53\"; blank = \"x:1\"; extra = ( \"e\", \"f\" ); }, { name = \"b\"; } "
	");\nca_file = \"starface.catalogue\";\n@include \"part\"\n"
	"requirements = ( { id = \"web-80\"; options = { text = \"t\"; }; } );\n"
	"reflector = { ports = ( \"5004\", \"6000-6001\" ); sources = \"::1\"; open = "
	"true; };\n";

static const char faulty[] = "sites = ( { name = \"hq\"; pxb = \"a\"; pbx = \"a/b\"; "
			     "features = \"vioce\"; } );\nlanguage = \"dee\";\n"
			     "requirements = ( { id = \"web-8\"; } );\n";

/* Until the failure comes too late to matter. \return how many failures were tried */
static long fail_each(const struct files *files, const char *text, bool loads)
{
	for (long n = 0; n < 100000; n++) {
		struct faults faults = { 0 };
		struct config *config;
		bool failed;

		files_write(files, "part", "in_flight = 7;\n");
		files_write(files, "starface-exporter.conf", text);
		files_write(files, "starface.catalogue", files_catalogue());
		/* libconfig's own are left alone: it does not look at what malloc()
		 * gives it */
		memory_fail_once(n);
		config = config_load(files->file, NULL, &faults);
		failed = memory_has_failed();
		memory_limit(-1);
		assert_true(config ? !faults_any(&faults) : faults_any(&faults));
		config_free(config);
		if (!failed) {
			assert_true((config != NULL) == loads);
			faults_done(&faults);
			return n;
		}
		faults_done(&faults);
	}
	return -1;
}

static void test_sound(void **state)
{
	assert_true(fail_each(*state, sound, true) > 20);
}

static void test_faulty(void **state)
{
	assert_true(fail_each(*state, faulty, false) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_faulty),
	};

	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
