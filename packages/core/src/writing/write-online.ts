// Decides how records reach the online store: in slices, each record tried again while it is throttled.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import { UnavailableError } from "../errors/steward-error.ts";
import type { Ports } from "../ports/ports.ts";
import { backoffMs } from "./backoff.ts";
import type { Outcome } from "./counts.ts";
import { ONLINE_SLICE_RECORDS, WRITE_BACKOFF, WRITE_UNIT_BYTES } from "./defaults.ts";

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
): Promise<OnlineResult> {
  const outcomes: Outcome[] = [];
  let reason: string | undefined;
  for (let start = 0; start < records.length; start += ONLINE_SLICE_RECORDS) {
    const slice = await writeSlice(
      ports,
      group,
      records.slice(start, start + ONLINE_SLICE_RECORDS),
      deadlineMs,
    );
    outcomes.push(...slice.outcomes);
    reason ??= slice.reason;
  }
  return { outcomes, reason };
}

async function writeSlice(
  ports: Ports,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
  deadlineMs: number,
): Promise<OnlineResult> {
  const outcomes: Outcome[] = records.map(() => "failed");
  let open = records.map((_, index) => index);
  let reason: string | undefined;
  for (let tries = 1; open.length > 0; tries += 1) {
    const batch = open.map((index) => records[index] as FeatureRecord);
    if (ports.timer.nowMs() >= deadlineMs) return { outcomes, reason: reason ?? "DeadlinePassed" };
    await waitForPace(ports, group, batch);
    if (ports.timer.nowMs() >= deadlineMs) return { outcomes, reason: reason ?? "DeadlinePassed" };
    const results = await ports.onlineStore.write(group, batch);
    const throttled: number[] = [];
    results.forEach((result, position) => {
      const index = open[position] as number;
      if (result.kind === "written") outcomes[index] = "written";
      else if (result.kind === "throttled") throttled.push(index);
      else reason ??= result.reason;
    });
    open = throttled;
    if (open.length === 0) break;
    if (tries >= WRITE_BACKOFF.maxTries) return { outcomes, reason: reason ?? "Throttled" };
    await ports.timer.sleep(backoffMs(WRITE_BACKOFF, tries, ports.timer.fraction()));
  }
  return { outcomes, reason };
}

/** Waits for the reserved send time. @throws UnavailableError when the pacer is gone: then nothing may be sent. */
async function waitForPace(
  ports: Ports,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
): Promise<void> {
  const { unitsPerSecond } = ports.settings;
  if (unitsPerSecond === undefined) return;
  const units = records.reduce(
    (total, record) => total + Math.max(1, Math.ceil(sizeBytes(record) / WRITE_UNIT_BYTES)),
    0,
  );
  const { waitMs } = await ports.pacer.reserve(`${group.owner}:${group.name}`, units, unitsPerSecond);
  if (!Number.isFinite(waitMs)) throw new UnavailableError("the pace is closed");
  if (waitMs > 0) await ports.timer.sleep(waitMs);
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
