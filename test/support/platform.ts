// A platform of the tests: a state folder of its own, the sample groups, everything real.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type EpochMs,
  type FeatureGroup,
  parseInstant,
  type RecordRow,
  type Run,
  readAll,
  type StoreName,
  startRefresh,
  toRow,
} from "@steward/core";
import { customerLoyalty, customerPurchases, productViews } from "@steward/features";
import { openPlatform, type Platform, type PlatformOptions, stopServices } from "@steward/local";

export const GROUPS: readonly FeatureGroup[] = [customerLoyalty, customerPurchases, productViews];

export function makeStateDir(): string {
  return mkdtempSync(join(tmpdir(), "steward-test-"));
}

export async function removeStateDir(dir: string): Promise<void> {
  await stopServices(dir, true);
  rmSync(dir, { recursive: true, force: true });
}

/** A platform whose workers run. */
export async function openTestPlatform(
  stateDir: string,
  options: Partial<PlatformOptions> = {},
): Promise<Platform> {
  const platform = await openPlatform({ stateDir, groups: GROUPS, ...options });
  platform.startWorkers();
  return platform;
}

export function at(text: string): EpochMs {
  const instant = parseInstant(text);
  if (instant === undefined) throw new RangeError(`${text} is not an instant`);
  return instant;
}

/** Refreshes and waits for the end. */
export async function refresh(
  platform: Platform,
  group: string,
  asOf: string,
  inputs: readonly string[] = [],
): Promise<Run> {
  return platform.settled(await startRefresh(platform.ports, { group, asOfMs: at(asOf), inputs }));
}

/** Every record of a store as `export` would give it. */
export async function exportRows(
  platform: Platform,
  group: FeatureGroup,
  store: StoreName,
): Promise<readonly RecordRow[]> {
  const rows: RecordRow[] = [];
  for await (const page of readAll(platform.ports, group, store))
    for (const record of page) rows.push(toRow(group, record));
  return rows;
}
