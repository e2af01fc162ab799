/* SPDX-License-Identifier: Apache-2.0 */
/* From a filled response to what goes over the wire. */
#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include "web/state.h"

/** Sends the response with this body in place of its own. */
enum MHD_Result response_send(const struct web_response *response, struct body *body,
	struct MHD_Connection *connection);

#endif
