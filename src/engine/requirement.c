/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/requirement.h"

#include <stdio.h>

const char *const *direction_names(void)
{
	static const char *const names[DIRECTION_COUNT + 1] = {
		[DIRECTION_INBOUND] = "inbound",
		[DIRECTION_OUTBOUND] = "outbound",
		[DIRECTION_BOTH] = "both",
	};

	return names;
}

const char *direction_name(enum direction direction)
{
	return direction_names()[direction];
}

const char *const *severity_names(void)
{
	static const char *const names[SEVERITY_COUNT + 1] = {
		[SEVERITY_CRITICAL] = "critical",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_INFO] = "info",
	};

	return names;
}

const char *severity_name(enum severity severity)
{
	return severity_names()[severity];
}

const char *const *transport_names(void)
{
	static const char *const names[TRANSPORT_COUNT + 1] = {
		[TRANSPORT_TCP] = "tcp",
		[TRANSPORT_UDP] = "udp",
	};

	return names;
}

const char *transport_name(enum transport transport)
{
	return transport_names()[transport];
}

const char *const *vantage_names(void)
{
	static const char *const names[VANTAGE_COUNT + 1] = {
		[VANTAGE_LAN] = "lan",
		[VANTAGE_INTERNET] = "internet",
	};

	return names;
}

const char *vantage_name(enum vantage vantage)
{
	return vantage_names()[vantage];
}

const char *requirement_ports(
	const struct requirement *requirement, char *buffer, size_t size)
{
	if (requirement->port_first == 0)
		snprintf(buffer, size, "%s", "");
	else if (requirement->port_first == requirement->port_last)
		snprintf(buffer, size, "%u", requirement->port_first);
	else
		snprintf(buffer, size, "%u-%u", requirement->port_first,
			requirement->port_last);
	return buffer;
}

uint16_t check_port_last(const struct check *check)
{
	const struct requirement *requirement = check->requirement;

	/* a port that the site wrote stands for itself alone */
	return check->port == requirement->port_first ? requirement->port_last
						      : check->port;
}
