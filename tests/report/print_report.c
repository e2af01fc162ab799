/* SPDX-License-Identifier: Apache-2.0 */
/* Prints one report of the fixture, for the checkers that others have written. */
#include <stdio.h>
#include <string.h>

#include "report/explain.h"
#include "report/fixture.h"
#include "report/json.h"
#include "report/metrics.h"
#include "report/page.h"
#include "report/table.h"

static void print_text(const struct report_source *source, struct text *text)
{
	metrics_write(source, EXPOSITION_TEXT, text);
}

static void print_openmetrics(const struct report_source *source, struct text *text)
{
	metrics_write(source, EXPOSITION_OPENMETRICS, text);
}

static void print_status(const struct report_source *source, struct text *text)
{
	json_status(source, LANGUAGE_EN, text);
}

static void print_requirement(const struct report_source *source, struct text *text)
{
	json_requirement(source, "license-443", LANGUAGE_DE, text);
}

static void print_hostile(const struct report_source *source, struct text *text)
{
	json_requirement(source, "evil", LANGUAGE_EN, text);
}

static void print_explain(const struct report_source *source, struct text *text)
{
	explain_write(source, "license-443", &(struct explain_options){ 0 }, text);
}

static void print_erklaere(const struct report_source *source, struct text *text)
{
	explain_write(source, "license-443",
		&(struct explain_options){ .language = LANGUAGE_DE, .remembered = true },
		text);
}

static void print_rtp(const struct report_source *source, struct text *text)
{
	json_requirement(source, "rtp-in", LANGUAGE_EN, text);
}

static void print_explain_rtp(const struct report_source *source, struct text *text)
{
	explain_write(
		source, "rtp-in", &(struct explain_options){ .remembered = true }, text);
}

static void print_erklaere_rtp(const struct report_source *source, struct text *text)
{
	explain_write(source, "rtp-out",
		&(struct explain_options){ .language = LANGUAGE_DE }, text);
}

static void print_table(const struct report_source *source, struct text *text)
{
	table_write(source, &(struct table_options){ .colour = true }, text);
}

static void print_tabelle(const struct report_source *source, struct text *text)
{
	table_write(source, &(struct table_options){ .language = LANGUAGE_DE }, text);
}

static void print_nagios(const struct report_source *source, struct text *text)
{
	table_nagios(source, LANGUAGE_EN, text);
}

static void print_page(const struct report_source *source, struct text *text)
{
	page_write(source, LANGUAGE_EN, text);
}

static void print_seite(const struct report_source *source, struct text *text)
{
	page_write(source, LANGUAGE_DE, text);
}

static void print_style(const struct report_source *source, struct text *text)
{
	(void)source;
	text_append(text, page_stylesheet());
}

static const struct {
	const char *name;
	void (*print)(const struct report_source *source, struct text *text);
} reports[] = {
	{ "text", print_text },
	{ "openmetrics", print_openmetrics },
	{ "status", print_status },
	{ "requirement", print_requirement },
	{ "hostile", print_hostile },
	{ "rtp", print_rtp },
	{ "explain", print_explain },
	{ "explain-rtp", print_explain_rtp },
	{ "erklaere-rtp", print_erklaere_rtp },
	{ "erklaere", print_erklaere },
	{ "table", print_table },
	{ "tabelle", print_tabelle },
	{ "nagios", print_nagios },
	{ "page", print_page },
	{ "seite", print_seite },
	{ "style", print_style },
};

int main(int argc, char **argv)
{
	struct fixture fixture;
	struct text text = { 0 };

	if (argc > 2 && strcmp(argv[2], "ports") == 0)
		fixture_init_ports(&fixture);
	else
		fixture_init(&fixture);
	if (argc > 2 && strcmp(argv[2], "cut-off") == 0)
		fixture_cut_off(&fixture);
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		if (argc > 1 && strcmp(argv[1], reports[i].name) == 0)
			reports[i].print(&fixture.source, &text);
	}
	if (text_failed(&text) || text.length == 0)
		return 1;
	fwrite(text.data, 1, text.length, stdout);
	text_done(&text);
	fixture_done(&fixture);
	return 0;
}
