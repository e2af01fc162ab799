/* SPDX-License-Identifier: Apache-2.0 */
/* Clients: how many, from where, and for how long. */
#ifndef WEB_CONNECTION_H
#define WEB_CONNECTION_H

#include "web/state.h"

/** Accepts what waits on a listener, within the limits. A loop_watch_fn. */
void connection_accept(void *listener, unsigned ready);

/** Watches the listeners again if there is room. */
void connection_resume_accepting(struct web *web);

/** libmicrohttpd began or ended a connection. An MHD_NotifyConnectionCallback. */
void connection_changed(void *web, struct MHD_Connection *mhd, void **socket_context,
	enum MHD_ConnectionNotificationCode code);

/** The connection is within a request from here on, or between two. */
void connection_busy(struct web_connection *connection);
void connection_idle(struct web_connection *connection);

/** No deadline while the answer is ours to find. */
void connection_waits_for_us(struct web_connection *connection);

struct web_connection *connection_of(struct MHD_Connection *mhd);

#endif
