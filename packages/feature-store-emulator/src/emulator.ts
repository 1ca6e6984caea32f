// Decides: what the operations share: the stores, the clock, the faults, and the rules that AWS leaves open.
// Leaves to others: the operations themselves, and how they are reached (http/).
import { Background } from "./background.ts";
import { Clock } from "./clock.ts";
import { Faults } from "./faults.ts";
import { OfflineFlush, type OfflineFlushOptions } from "./offline/offline-flush.ts";
import type { Database } from "./store/database.ts";
import { Expiry } from "./store/expiry.ts";
import { GroupsTable } from "./store/groups-table.ts";
import { OfflineLog } from "./store/offline-log.ts";
import { type EqualEventTime, RecordsTable } from "./store/records-table.ts";

/** What AWS's documents do not settle, as settings. */
export interface OpenRules {
  /** PutRecord with the event time already stored: "keep" (the default; the text says "greater") or "replace". */
  readonly equalEventTime: EqualEventTime;
  /** SoftDelete of a record that is not there: "nothing" online (the default), or a "tombstone". */
  readonly softDeleteOfAbsent: "nothing" | "tombstone";
}

export interface EmulatorSettings {
  readonly accountId: string;
  readonly region: string;
  /** How long a new group stays "Creating", and an update under way, in real time. */
  readonly creationDelayMs: number;
  /** Beyond, CreateFeatureGroup is refused. */
  readonly maxGroups: number;
  readonly openRules: OpenRules;
  /** How long after its expiry a record is taken away; undefined: never. */
  readonly expiryDelayMs: number | undefined;
  /** Undefined: rows bound for the offline store wait for ever. */
  readonly offline: OfflineFlushOptions | undefined;
}

export interface Emulator {
  readonly database: Database;
  readonly groups: GroupsTable;
  readonly records: RecordsTable;
  readonly offlineLog: OfflineLog;
  readonly offlineFlush: OfflineFlush | undefined;
  readonly expiry: Expiry | undefined;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly background: Background;
  readonly settings: EmulatorSettings;
}

export function createEmulator(database: Database, settings: EmulatorSettings, now: () => number): Emulator {
  const groups = new GroupsTable(database.sql);
  const log = new OfflineLog(database.sql);
  const clock = new Clock(database.sql, now);
  const { offline } = settings;
  const offlineFlush =
    offline === undefined ? undefined : new OfflineFlush({ database, groups, log, clock }, offline);
  if (offlineFlush !== undefined) log.onAppend = () => offlineFlush.noteRow();
  const records = new RecordsTable(database.sql, settings.openRules.equalEventTime);
  const faults = new Faults();
  groups.isHidden = (group) => !faults.isEmpty && faults.hides(group, clock.nowMs());
  const { expiryDelayMs } = settings;
  return {
    database,
    groups,
    records,
    expiry:
      expiryDelayMs === undefined
        ? undefined
        : new Expiry({ database, groups, records, log, clock }, expiryDelayMs),
    offlineLog: log,
    offlineFlush,
    clock,
    faults,
    background: new Background(),
    settings,
  };
}
