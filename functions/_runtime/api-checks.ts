// Decides what a request must name that is so on this platform, and says which field does not.

import { type EpochMs, type FeatureGroup, NotFoundError, type Ports, toIso } from "@steward/core";
import { RequestError } from "./api-problem.ts";

/** @throws RequestError (404) naming the groups that there are. */
export function requireGroup({ definitions }: Pick<Ports, "definitions">, name: string): FeatureGroup {
  try {
    return definitions.get(name);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new RequestError("NotFoundError", error.message, { field: "group", rule: "is a declared group" });
  }
}

/** @throws RequestError (400) when the as-of lies ahead of the platform's clock. */
export function requirePast({ clock }: Pick<Ports, "clock">, asOfMs: EpochMs | undefined): void {
  const nowMs = clock.now();
  if (asOfMs === undefined || asOfMs <= nowMs) return;
  throw new RequestError("InvalidInputError", `asOf lies in the future: now is ${toIso(nowMs)}`, {
    field: "asOf",
    rule: "is not after now",
  });
}
