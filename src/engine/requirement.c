/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/requirement.h"

const char *direction_name(enum direction direction)
{
	static const char *const names[DIRECTION_COUNT] = {
		[DIRECTION_INBOUND] = "inbound",
		[DIRECTION_OUTBOUND] = "outbound",
		[DIRECTION_BOTH] = "both",
	};

	return names[direction];
}

const char *severity_name(enum severity severity)
{
	static const char *const names[SEVERITY_COUNT] = {
		[SEVERITY_CRITICAL] = "critical",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_INFO] = "info",
	};

	return names[severity];
}

const char *transport_name(enum transport transport)
{
	return transport == TRANSPORT_UDP ? "udp" : "tcp";
}

const char *vantage_name(enum vantage vantage)
{
	return vantage == VANTAGE_INTERNET ? "internet" : "lan";
}
