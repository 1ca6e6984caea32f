// Decides what a request must name that is so on this platform, and says which field does not; and that a run whose id was
// chosen before is begun once, whoever comes twice.

import {
  ConflictError,
  type EpochMs,
  type FeatureGroup,
  findRun,
  NotFoundError,
  type Ports,
  type Run,
  toIso,
} from "@steward/core";
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

/** @throws RequestError (400) when the instant lies ahead of the platform's clock. */
export function requirePast(
  { clock }: Pick<Ports, "clock">,
  instantMs: EpochMs | undefined,
  field = "asOf",
): void {
  const nowMs = clock.now();
  if (instantMs === undefined || instantMs <= nowMs) return;
  throw new RequestError("InvalidInputError", `${field} lies in the future: now is ${toIso(nowMs)}`, {
    field,
    rule: "is not after now",
  });
}

export async function beginOnce(
  { ledger }: Pick<Ports, "ledger">,
  runId: string,
  begin: () => Promise<Run>,
): Promise<Run> {
  const present = await findRun(ledger, runId);
  if (present !== undefined) return present;
  try {
    return await begin();
  } catch (error) {
    const begun = error instanceof ConflictError ? await findRun(ledger, runId) : undefined;
    if (begun === undefined) throw error;
    return begun; // the same request, a moment ago
  }
}
