// The public face of the local platform: an explicit list.

import {
  type ApiStatus,
  describeServices as describe,
  findApi as find,
  type ServiceStatus,
  stopServices as stop,
} from "./services/services.ts";
import { openStateFolder } from "./state-folder.ts";

export type { Proof } from "./certificate-file.ts";
export { saveCertificateOf } from "./certificate-file.ts";
export { loadGroups } from "./definitions.ts";
export type { Check } from "./doctor.ts";
export { checkMachine } from "./doctor.ts";
export type { DropFolder } from "./drop-folders.ts";
export { ensureDropFolders } from "./drop-folders.ts";
export type { LedgerView } from "./ledger-view.ts";
export { openLedgerView } from "./ledger-view.ts";
export type { Platform, PlatformOptions } from "./platform.ts";
export { openPlatform } from "./platform.ts";
export type { ApiStatus, ServiceInfo, ServiceStatus, Services } from "./services/services.ts";
export { STATE_SCHEMA_VERSION } from "./state-folder.ts";

/** The servers of a state folder, running or not. */
export const describeServices = (stateDir: string): Promise<readonly ServiceStatus[]> =>
  describe(openStateFolder(stateDir));

/** Where a running `steward up` answers HTTP; undefined: none does. */
export const findApi = (stateDir: string): ApiStatus | undefined => find(openStateFolder(stateDir));

/** Stops the servers of a state folder; the names of those that ran. @throws LeaseHeldError while a living process uses them, unless forced. */
export const stopServices = (stateDir: string, force = false): Promise<readonly string[]> =>
  stop(openStateFolder(stateDir), force);
