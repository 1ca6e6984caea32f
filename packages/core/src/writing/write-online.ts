// Decides how records reach the online store: in slices, each record tried again while it is throttled.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import type { OnlineWriteOptions } from "../ports/online-store.ts";
import { SEND_TOLERANCE_MS } from "../ports/pacer.ts";
import type { Ports } from "../ports/ports.ts";
import { backoffMs } from "./backoff.ts";
import type { Outcome } from "./counts.ts";
import {
  ONLINE_SLICE_RECORDS,
  RESERVATIONS_PER_SECOND,
  WRITE_BACKOFF,
  WRITE_UNIT_BYTES,
} from "./defaults.ts";

const DEADLINE_PASSED = "DeadlinePassed";

export interface OnlineResult {
  /** One a record, in order. */
  readonly outcomes: readonly Outcome[];
  /** The error name of the first record that failed; undefined: none did. */
  readonly reason: string | undefined;
}

/** Writes within the pace; records that stay throttled to the last try, or past the deadline, count as failed. */
export async function writeOnline(
  ports: Ports,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
  deadlineMs: number,
  options: OnlineWriteOptions = {},
): Promise<OnlineResult> {
  const outcomes: Outcome[] = [];
  let reason: string | undefined;
  for (const part of sliceRecords(records, ports.settings.unitsPerSecond)) {
    if (reason === DEADLINE_PASSED) {
      outcomes.push(...part.map(() => "failed" as const));
      continue;
    }
    const slice = await writeSlice(ports, group, part, deadlineMs, options);
    outcomes.push(...slice.outcomes);
    reason = slice.reason === DEADLINE_PASSED ? slice.reason : (reason ?? slice.reason);
  }
  return { outcomes, reason };
}

async function writeSlice(
  ports: Ports,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
  deadlineMs: number,
  options: OnlineWriteOptions,
): Promise<OnlineResult> {
  const outcomes: Outcome[] = records.map(() => "failed");
  let open = records.map((_, index) => index);
  let reason: string | undefined;
  let tries = 0;
  while (open.length > 0) {
    const batch = open.map((index) => records[index] as FeatureRecord);
    const isInTime = ports.timer.nowMs() < deadlineMs && (await waitForPace(ports, group, batch, deadlineMs));
    if (!isInTime) return { outcomes, reason: DEADLINE_PASSED };
    const results = await ports.onlineStore.write(group, batch, options);
    const throttled: number[] = [];
    results.forEach((result, position) => {
      const index = open[position] as number;
      if (result.kind === "written") outcomes[index] = "written";
      else if (result.kind === "throttled") throttled.push(index);
      else reason ??= result.reason;
    });
    tries = throttled.length < open.length ? 1 : tries + 1; // counted anew: the store still takes some
    open = throttled;
    if (open.length === 0) break;
    if (tries >= WRITE_BACKOFF.maxTries) return { outcomes, reason: reason ?? "Throttled" };
    await ports.timer.sleep(backoffMs(WRITE_BACKOFF, tries, ports.timer.fraction()));
  }
  return { outcomes, reason };
}

/** Waits for a reserved moment and meets it; false when it would lie past the deadline.
 * @throws UnavailableError when the pacer is gone: then nothing may be sent. */
async function waitForPace(
  ports: Ports,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
  deadlineMs: number,
): Promise<boolean> {
  const { unitsPerSecond } = ports.settings;
  if (unitsPerSecond === undefined) return true;
  const wanted = records.reduce((total, record) => total + unitsOf(record), 0);
  for (;;) {
    // The reserved moment lies a wait after the pacer's answer, which came some time between asking and reading it: the
    // wait is counted from the later end, so that nothing is early, and lateness from the earlier one.
    const askedMs = ports.timer.nowMs();
    const { waitMs } = await ports.pacer.reserve(
      `${group.owner}:${group.name}`,
      Math.min(unitsPerSecond, wanted),
      unitsPerSecond,
    );
    const sendAtMs = ports.timer.nowMs() + waitMs;
    if (sendAtMs >= deadlineMs) return false;
    if (waitMs > 0) await ports.timer.sleep(waitMs);
    if (ports.timer.nowMs() <= askedMs + waitMs + SEND_TOLERANCE_MS) return true;
  }
}

/** As many records as one call of the adapter takes; under a pace, no more than a tenth of a second's units. */
function sliceRecords(
  records: readonly FeatureRecord[],
  unitsPerSecond: number | undefined,
): readonly FeatureRecord[][] {
  const maxUnits =
    unitsPerSecond === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(1, unitsPerSecond / RESERVATIONS_PER_SECOND);
  const slices: FeatureRecord[][] = [];
  let units = 0;
  for (const record of records) {
    const last = slices.at(-1);
    const added = unitsPerSecond === undefined ? 0 : unitsOf(record);
    if (last === undefined || last.length === ONLINE_SLICE_RECORDS || units + added > maxUnits) {
      slices.push([record]);
      units = added;
    } else {
      last.push(record);
      units += added;
    }
  }
  return slices;
}

function unitsOf(record: FeatureRecord): number {
  return Math.max(1, Math.ceil(sizeBytes(record) / WRITE_UNIT_BYTES));
}

function sizeBytes(record: FeatureRecord): number {
  let bytes = utf8Bytes(record.recordId) + EVENT_TIME_BYTES;
  for (const [name, value] of Object.entries(record.features))
    bytes += name.length + utf8Bytes(String(value));
  return bytes;
}

const EVENT_TIME_BYTES = 24;
const utf8 = new TextEncoder();
function utf8Bytes(text: string): number {
  return utf8.encode(text).length;
}
