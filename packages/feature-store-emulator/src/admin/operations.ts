// Decides: which method and path of /_steward/ is which operation. AWS has none of these; they need no signature.
// Leaves to others: the operations.
import type { Emulator } from "../emulator.ts";
import { getClock, putClock } from "./clock.ts";
import { deleteFaults, getFaults, putFaults } from "./faults.ts";
import { getHealth } from "./health.ts";
import { flushOfflineBuffer, getOfflineBuffer } from "./offline-buffer.ts";
import { scrubFiles } from "./scrub.ts";

/** Returns the reply's members. @throws AwsError for every refusal. */
export type AdminOperation = (emulator: Emulator, input: unknown) => object | Promise<object>;

export const ADMIN_PREFIX = "/_steward/";

/** By method and path. */
export const adminOperations: ReadonlyMap<string, AdminOperation> = new Map<string, AdminOperation>([
  ["GET /_steward/health", getHealth],
  ["GET /_steward/clock", getClock],
  ["PUT /_steward/clock", putClock],
  ["GET /_steward/faults", getFaults],
  ["PUT /_steward/faults", putFaults],
  ["DELETE /_steward/faults", deleteFaults],
  ["GET /_steward/offline-buffer", getOfflineBuffer],
  ["POST /_steward/offline-buffer/flush", flushOfflineBuffer],
  ["POST /_steward/scrub", scrubFiles],
]);
