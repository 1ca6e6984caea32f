// Decides: what the operations share: the stores, the clock, the faults, and the rules that AWS leaves open.
// Leaves to others: the operations themselves, and how they are reached (http/).
import { Background } from "./background.ts";
import { Clock } from "./clock.ts";
import { Faults } from "./faults.ts";
import type { Database } from "./store/database.ts";
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
  /** How long a new group stays "Creating", in real time. */
  readonly creationDelayMs: number;
  readonly openRules: OpenRules;
}

export interface Emulator {
  readonly database: Database;
  readonly groups: GroupsTable;
  readonly records: RecordsTable;
  readonly offlineLog: OfflineLog;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly background: Background;
  readonly settings: EmulatorSettings;
}

export function createEmulator(database: Database, settings: EmulatorSettings, now: () => number): Emulator {
  return {
    database,
    groups: new GroupsTable(database.sql),
    records: new RecordsTable(database.sql, settings.openRules.equalEventTime),
    offlineLog: new OfflineLog(database.sql),
    clock: new Clock(database.sql, now),
    faults: new Faults(),
    background: new Background(),
    settings,
  };
}
