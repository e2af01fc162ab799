/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "report/metrics_parts.h"

static const struct series no_labels;

static void write_cpu(struct exposition *exposition)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return;
	exposition_family(exposition, METRIC_COUNTER, "process_cpu_seconds",
		"Total user and system CPU time spent in seconds.");
	exposition_seconds(exposition, no_labels,
		(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * SECOND +
			usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* \retval -1  /proc did not tell */
static int64_t count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int64_t count = 0;

	if (!directory)
		return -1;
	while (readdir(directory))
		count++;
	closedir(directory);
	return count - 3; /* ".", ".." and the directory itself */
}

/* /proc/self/statm: size and resident set, in pages. */
static bool read_memory(int64_t *ret_virtual, int64_t *ret_resident)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long page = sysconf(_SC_PAGESIZE);
	long size, resident;
	int fields;

	if (!file)
		return false;
	fields = fscanf(file, "%ld %ld", &size, &resident);
	fclose(file);
	if (fields != 2)
		return false;
	*ret_virtual = size * page;
	*ret_resident = resident * page;
	return true;
}

static void write_memory(struct exposition *exposition)
{
	int64_t virtual_bytes, resident_bytes;

	if (!read_memory(&virtual_bytes, &resident_bytes))
		return;
	metrics_write_value(exposition, METRIC_GAUGE, "process_virtual_memory_bytes",
		"Virtual memory size in bytes.", virtual_bytes);
	metrics_write_value(exposition, METRIC_GAUGE, "process_resident_memory_bytes",
		"Resident memory size in bytes.", resident_bytes);
}

/* No limit is no number: left out. */
static void write_limit(struct exposition *exposition, __rlimit_resource_t resource,
	const char *name, const char *help)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		metrics_write_value(
			exposition, METRIC_GAUGE, name, help, (int64_t)limit.rlim_cur);
}

void metrics_write_process(struct exposition *exposition, int64_t started_wall_us)
{
	int64_t descriptors = count_descriptors();

	write_cpu(exposition);
	if (descriptors >= 0)
		metrics_write_value(exposition, METRIC_GAUGE, "process_open_fds",
			"Number of open file descriptors.", descriptors);
	write_limit(exposition, RLIMIT_NOFILE, "process_max_fds",
		"Maximum number of open file descriptors.");
	write_memory(exposition);
	write_limit(exposition, RLIMIT_AS, "process_virtual_memory_max_bytes",
		"Maximum amount of virtual memory available in bytes.");
	/* Not from /proc/stat: ProcSubset=pid hides it (systemd.exec(5)). */
	exposition_family(exposition, METRIC_GAUGE, "process_start_time_seconds",
		"Start time of the process since unix epoch in seconds.");
	exposition_seconds(exposition, no_labels, started_wall_us);
}
