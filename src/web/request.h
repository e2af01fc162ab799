/* SPDX-License-Identifier: Apache-2.0 */
/* A request from its first line to its answer, deferred or not. */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "web/state.h"

/** The request line was read. The LogCallback of MHD_OPTION_URI_LOG_CALLBACK. */
void *request_begin(void *web, const char *url, struct MHD_Connection *mhd);

/** An MHD_AccessHandlerCallback. */
enum MHD_Result request_step(void *web, struct MHD_Connection *mhd, const char *path,
	const char *method, const char *version, const char *upload,
	size_t *upload_length, void **request_context);

/** An MHD_RequestCompletedCallback. */
void request_end(void *web, struct MHD_Connection *mhd, void **request_context,
	enum MHD_RequestTerminationCode code);

/** Resumes all suspended requests so that they can be answered 503. */
void request_resume_all(struct web *web);

#endif
