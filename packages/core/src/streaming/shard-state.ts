// Decides what is remembered of a group's way through a shard: how far it is, under whose token, and what became of the
// events. One item a shard, so that the position and the counts change together, and nobody else's token can save.

import { z } from "zod";
import type { FeatureGroup } from "../definitions/feature-group.ts";
import { LeaseLostError } from "../errors/steward-error.ts";
import { updateItem } from "../ledger/update-item.ts";
import type { Ledger, LedgerBody, LedgerItem, LedgerKey } from "../ports/ledger.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { eventCounts, NO_EVENT_COUNTS } from "./event-counts.ts";
import { addYoungest, type Youngest } from "./youngest-events.ts";

const epochMs = z.number().transform((value) => value as EpochMs);
const stateBody = z.object({
  /** The fencing token of the consumer that may save. */
  token: z.number(),
  /** Of the last event that is dealt with; null: none yet. */
  position: z.string().nullable(),
  /** All that had arrived by then is dealt with; null: the shard was never read. */
  seenUntilMs: epochMs.nullable(),
  counts: eventCounts,
  /** The youngest event that was taken; null: none yet. */
  greatestEventTimeMs: epochMs.nullable().default(null),
  /** The same of each value of the source's partition column. */
  partitions: z.record(z.string(), epochMs).default({}),
  /** Where the consumer stood some time ago, ascending: which events may not have reached the offline store yet. */
  checkpoints: z.array(z.object({ atMs: epochMs, seenUntilMs: epochMs })),
  /** The last stretch of arrivals that was older than the stream keeps before it was read; null: none. */
  gap: z.object({ fromMs: epochMs, toMs: epochMs }).nullable(),
});
export type ShardState = Readonly<z.infer<typeof stateBody>>;

const NEW: ShardState = {
  token: 0,
  position: null,
  seenUntilMs: null,
  counts: NO_EVENT_COUNTS,
  greatestEventTimeMs: null,
  partitions: {},
  checkpoints: [],
  gap: null,
};
/** With 8 of them over the time that the online store may hold rows, twice that time is covered. */
const CHECKPOINTS_A_BUFFER = 8;
const MAX_CHECKPOINTS = 2 * CHECKPOINTS_A_BUFFER;

const partition = (group: string): string => `streams#${group}`;
const shardKey = (group: string, shard: string): LedgerKey => ({ partition: partition(group), sort: shard });

/** Makes the shard the token's: from now on, what an older token tries to save is refused. @throws LeaseLostError for an older token. */
export async function claimShard(
  ledger: Ledger,
  group: string,
  shard: string,
  token: number,
): Promise<ShardState> {
  const item = await updateItem(ledger, shardKey(group, shard), (present) => {
    const state = fromItem(present);
    if (state.token > token) throw lost(group);
    return state.token === token ? undefined : toBody({ ...state, token });
  });
  return fromItem(item);
}

/** Saves a state that was read under the same token. @throws LeaseLostError when another consumer has claimed the shard. */
export async function saveShard(
  ledger: Ledger,
  group: string,
  shard: string,
  state: ShardState,
): Promise<void> {
  await updateItem(ledger, shardKey(group, shard), (present) => {
    if (fromItem(present).token !== state.token) throw lost(group);
    return toBody(state);
  });
}

export async function findShard(ledger: Ledger, group: string, shard: string): Promise<ShardState> {
  return fromItem(await ledger.find(shardKey(group, shard)));
}

/** The youngest event of each partition that the group has taken events from: of each shard, or of each value of the
 * source's partition column where it declares one. */
export async function listYoungestEvents(ledger: Ledger, { name, source }: FeatureGroup): Promise<Youngest> {
  const states = (await ledger.list(partition(name))).map((item) => ({
    shard: item.sort,
    ...fromItem(item),
  }));
  const named = states.reduce<Youngest>((sum, { partitions }) => addYoungest(sum, partitions), {});
  if (source.partition !== undefined && Object.keys(named).length > 0) return named;
  const taken = states.flatMap(({ shard, greatestEventTimeMs }) =>
    greatestEventTimeMs === null ? [] : [[shard, greatestEventTimeMs] as const],
  );
  return Object.fromEntries(taken);
}

/** Notes where the consumer stands, unless it was noted a moment ago. */
export function addCheckpoint(
  checkpoints: ShardState["checkpoints"],
  { atMs, seenUntilMs }: ShardState["checkpoints"][number],
  offlineBufferMs: number,
): ShardState["checkpoints"] {
  const last = checkpoints.at(-1);
  if (last !== undefined && atMs - last.atMs < offlineBufferMs / CHECKPOINTS_A_BUFFER) return checkpoints;
  return [...checkpoints, { atMs, seenUntilMs }].slice(-MAX_CHECKPOINTS);
}

const toBody = (state: ShardState): LedgerBody => state as unknown as LedgerBody; // JSON by its schema
const fromItem = (item: LedgerItem | undefined): ShardState =>
  item === undefined ? NEW : stateBody.parse(item.body);

function lost(group: string): LeaseLostError {
  return new LeaseLostError(`another consumer reads the stream of group "${group}" now`);
}
