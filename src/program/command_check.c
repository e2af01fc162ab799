/* SPDX-License-Identifier: Apache-2.0 */
#include "program/command_check.h"

#include <stdio.h>
#include <unistd.h>

#include "program/examination.h"
#include "report/json.h"
#include "report/table.h"

#define EXIT_UNKNOWN 3

static int print_result(const struct service *service)
{
	struct report_source source = service_source(service);
	struct table_options options = { service->config->language,
		isatty(STDOUT_FILENO) };
	struct text text = { 0 };
	int status;

	switch (service->options->output) {
	case OUTPUT_JSON:
		json_status_whole(&source, service->config->language, &text);
		break;
	case OUTPUT_NAGIOS:
		table_nagios(&source, service->config->language, &text);
		break;
	default:
		table_write(&source, &options, &text);
	}
	status = text_failed(&text) ? EXIT_UNKNOWN : table_exit_code(source.store);
	fputs(text_failed(&text) ? "out of memory\n" : text.data, stdout);
	text_done(&text);
	return status;
}

int command_check(const struct options *options)
{
	struct examination examination;
	int status = EXIT_UNKNOWN;

	if (examination_run(&examination, options, false))
		status = print_result(&examination.service);
	examination_done(&examination);
	return status;
}
