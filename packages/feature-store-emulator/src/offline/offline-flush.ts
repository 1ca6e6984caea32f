// Decides: when the rows that wait for the offline store become files, and that a kill in the middle loses and doubles none.
// Leaves to others: what a file looks like (offline-file.ts), and where it goes (sink.ts).
import type { Clock } from "../clock.ts";
import type { Database } from "../store/database.ts";
import type { FeatureGroup } from "../store/feature-group.ts";
import type { GroupsTable } from "../store/groups-table.ts";
import type { OfflineLog } from "../store/offline-log.ts";
import { partitionRows, toOfflineFile } from "./offline-file.ts";
import type { OfflineSink } from "./sink.ts";

export interface OfflineFlushOptions {
  readonly sink: OfflineSink;
  /** How long a row may wait. AWS: up to 15 minutes. */
  readonly delayMs: number;
  /** False: while the emulator's clock is fixed, rows wait until it is moved past the delay. */
  readonly isInRealTime: boolean;
}

interface Parts {
  readonly database: Database;
  readonly groups: GroupsTable;
  readonly log: OfflineLog;
  readonly clock: Clock;
}

/** Rows of one group in memory at a time, and in the files that are made of them. */
const SLICE_ROWS = 20_000;
/** After a sink refused a file. */
const RETRY_MS = 1_000;

/**
 * Before the first file of a flush, what it flushes is noted: rows up to an id, one write time. Whoever takes it up after
 * a kill makes the same files again, so that nothing is there twice; a slice's rows go once its files are kept.
 */
export class OfflineFlush {
  readonly #parts: Parts;
  readonly #options: OfflineFlushOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: Parts, options: OfflineFlushOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  get delayMs(): number {
    return this.#options.delayMs;
  }

  /** Rows that an earlier process left have waited long enough, unless the clock says otherwise. */
  start(): void {
    if (this.#waitsForClock()) this.noteClock();
    else if (this.#parts.log.lastId() !== undefined) this.#schedule(0);
  }

  /** A row was added; it is flushed after the delay, with all that came by then. */
  noteRow(): void {
    if (this.#timer === undefined && (this.#options.delayMs === 0 || !this.#waitsForClock()))
      this.#schedule(this.#options.delayMs);
  }

  /** The clock was moved, fixed or let go. */
  noteClock(): void {
    const oldestMs = this.#parts.log.oldestMs();
    if (oldestMs === undefined) return;
    const isDue = oldestMs + this.#options.delayMs <= this.#parts.clock.nowMs();
    if (isDue) this.#schedule(0);
    else if (!this.#waitsForClock()) this.#schedule(this.#options.delayMs);
    else {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** Makes files of all that waits now. Rejects where the sink does; then the rows wait on. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#running !== undefined) await this.#running.catch(() => {});
    this.#running = this.#flushAll().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Flushes what waits: rows are only ever flushed earlier than the delay says. */
  async close(): Promise<void> {
    await this.flush().catch(reportFailure);
    clearTimeout(this.#timer);
    await this.#options.sink.close?.();
  }

  #waitsForClock(): boolean {
    return this.#parts.clock.isFixed && !this.#options.isInRealTime;
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.flush().catch((error: unknown) => {
        reportFailure(error);
        if (this.#timer === undefined) this.#schedule(Math.max(RETRY_MS, this.#options.delayMs));
      });
    }, delayMs);
    this.#timer.unref();
  }

  async #flushAll(): Promise<void> {
    const lastId = this.#parts.log.lastId() ?? 0;
    while ((await this.#flushCut()) < lastId); // the flush that a kill interrupted, then the rows since
  }

  /** Returns the id up to which no row waits any more. */
  async #flushCut(): Promise<number> {
    const { database, groups, log, clock } = this.#parts;
    const cut = database.transactions.transact(() => log.beginFlush(clock.nowMs()));
    if (cut === undefined) return Number.POSITIVE_INFINITY;
    for (const groupId of log.listGroupIds(cut.lastId)) {
      const group = groups.findById(groupId);
      if (group !== undefined && isHourly(group)) await this.#flushGroup(group, cut);
    }
    database.transactions.transact(() => log.endFlush());
    return cut.lastId;
  }

  async #flushGroup(
    group: FeatureGroup,
    { lastId, writeTimeMs }: { readonly lastId: number; readonly writeTimeMs: number },
  ): Promise<void> {
    const { database, log } = this.#parts;
    for (;;) {
      const rows = log.slice(group.id, lastId, SLICE_ROWS);
      const last = rows.at(-1);
      if (last === undefined) return;
      for (const [partition, some] of partitionRows(group, rows)) {
        const { uri, bytes } = await toOfflineFile(group, partition, some, writeTimeMs);
        await this.#options.sink.put(uri, bytes);
      }
      database.transactions.transact(() => log.remove(group.id, last.id));
    }
  }
}

/** Files by the hour are all that is written here: the rows of an Iceberg table wait. */
function isHourly(group: FeatureGroup): boolean {
  const config = group.definition.echoed.OfflineStoreConfig as { readonly TableFormat?: string } | undefined;
  return config?.TableFormat !== "Iceberg";
}

/** The error's name alone: its message might hold a path or more. */
function reportFailure(error: unknown): void {
  const name = error instanceof Error ? ("code" in error ? String(error.code) : error.name) : "Error";
  console.error(
    `steward-feature-store: offline rows could not be flushed (${name}); they wait and are tried again`,
  );
}
