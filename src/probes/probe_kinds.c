/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/probe_kinds.h"

#include <string.h>
