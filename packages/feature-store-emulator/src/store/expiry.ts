// Decides: when an expired record leaves the online store, and that the offline store hears of it.
// Leaves to others: that it cannot be read from the instant it expires (records-table.ts).
import type { Clock } from "../clock.ts";
import type { Database } from "./database.ts";
import { toMarker } from "./feature-group.ts";
import type { GroupsTable } from "./groups-table.ts";
import type { OfflineLog } from "./offline-log.ts";
import type { ExpiredRecord, RecordsTable } from "./records-table.ts";

interface Parts {
  readonly database: Database;
  readonly groups: GroupsTable;
  readonly records: RecordsTable;
  readonly log: OfflineLog;
  readonly clock: Clock;
}

/** Records a transaction, so that no request waits long. */
const SLICE_RECORDS = 500;
/** Between two looks, in real time. */
const LOOK_MS = 500;

/** On AWS what has expired is taken away "typically within a few days", and a marker row says so offline (developer guide, TTL). */
export class Expiry {
  readonly #parts: Parts;
  /** After the instant of expiry, on the emulator's clock. */
  readonly #delayMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: Parts, delayMs: number) {
    this.#parts = parts;
    this.#delayMs = delayMs;
  }

  start(): void {
    this.#timer = setInterval(() => this.purge(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Takes away a slice of what has expired so long ago. */
  purge(): void {
    const { database, records, clock } = this.#parts;
    const expired = records.listExpired(clock.nowMs() - this.#delayMs, SLICE_RECORDS);
    if (expired.length === 0) return;
    database.transactions.transact(() => {
      for (const record of expired) this.#remove(record);
    });
    database.scrubber.noteDeletion();
  }

  #remove({ groupId, recordId, values }: ExpiredRecord): void {
    const { groups, records, log, clock } = this.#parts;
    records.remove(groupId, recordId);
    const group = groups.findById(groupId);
    if (group?.hasOffline !== true) return;
    const marker = toMarker(group, recordId, String(values[group.eventTimeSlot.ordinal]));
    log.append(groupId, { values: marker, apiInvocationMs: clock.nowMs(), isDeleted: true });
  }
}
