// The routes of the API, in the order of their description.

import type { Route } from "../_runtime/api.ts";
import { getErasureCertificate } from "./erasure-certificate.ts";
import { getErasure } from "./erasure-get.ts";
import { getErasurePreview } from "./erasure-preview.ts";
import { createErasure } from "./erasures-create.ts";
import { previewErasures } from "./erasures-preview.ts";
import { getFreshness } from "./freshness-list.ts";
import { getGroups } from "./groups-list.ts";
import { getHealth } from "./health-get.ts";
import { createRebuild } from "./rebuilds-create.ts";
import { createRedrive } from "./redrives-create.ts";
import { createRefresh } from "./refreshes-create.ts";
import { createReplay } from "./replays-create.ts";
import { cancelRunById } from "./run-cancel.ts";
import { getRunEvents } from "./run-events.ts";
import { getRunById } from "./run-get.ts";
import { resumeRunById } from "./run-resume.ts";
import { getRuns } from "./runs-list.ts";

/** By file. */
export const ROUTE_FILES = {
  "erasures-create": createErasure,
  "erasures-preview": previewErasures,
  "erasure-get": getErasure,
  "erasure-preview": getErasurePreview,
  "erasure-certificate": getErasureCertificate,
  "rebuilds-create": createRebuild,
  "refreshes-create": createRefresh,
  "replays-create": createReplay,
  "redrives-create": createRedrive,
  "runs-list": getRuns,
  "run-get": getRunById,
  "run-events": getRunEvents,
  "run-cancel": cancelRunById,
  "run-resume": resumeRunById,
  "groups-list": getGroups,
  "freshness-list": getFreshness,
  "health-get": getHealth,
} as const satisfies Readonly<Record<string, Route>>;

export const ROUTES: readonly Route[] = Object.values(ROUTE_FILES);
