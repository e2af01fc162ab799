/* SPDX-License-Identifier: Apache-2.0 */
/* From a filled response to what goes over the wire. */
#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include "web/state.h"

/** Whether the body is worth packing and the client takes it so. */
bool response_may_pack(
	const struct web_response *response, struct MHD_Connection *connection);

/** Sends and empties the response. \param packed  its body is gzip already */
enum MHD_Result response_send(
	struct web_response *response, struct MHD_Connection *connection, bool packed);

#endif
