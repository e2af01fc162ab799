/* SPDX-License-Identifier: Apache-2.0 */
/* From a filled response to what goes over the wire. */
#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include "web/state.h"

/** Sends and empties the response. */
enum MHD_Result response_send(
	struct web_response *response, struct MHD_Connection *connection);

#endif
