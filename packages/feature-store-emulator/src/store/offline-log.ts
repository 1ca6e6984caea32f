// Decides: how a row bound for the offline store waits on disk.
// Leaves to others: turning the rows into files.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { FeatureValues } from "./records-table.ts";

export interface OfflineRow {
  readonly values: FeatureValues;
  readonly apiInvocationMs: number;
  readonly isDeleted: boolean;
}

/** Rows in the order in which they were accepted. Only ever appended to: a duplicate is a row of its own, as on AWS. */
export class OfflineLog {
  readonly #append: StatementSync;
  readonly #list: StatementSync;

  constructor(sql: DatabaseSync) {
    this.#append = sql.prepare(
      "INSERT INTO offline_log (group_id, api_invocation_ms, is_deleted, feature_values) VALUES (?, ?, ?, ?)",
    );
    this.#list = sql.prepare(
      "SELECT api_invocation_ms, is_deleted, feature_values FROM offline_log WHERE group_id = ? ORDER BY id",
    );
  }

  append(groupId: number, row: OfflineRow): void {
    this.#append.run(groupId, row.apiInvocationMs, row.isDeleted ? 1 : 0, JSON.stringify(row.values));
  }

  /** The rows of one group, oldest first, read as they are asked for. */
  *rows(groupId: number): Generator<OfflineRow> {
    for (const row of this.#list.iterate(groupId)) {
      yield {
        values: JSON.parse(String(row.feature_values)),
        apiInvocationMs: Number(row.api_invocation_ms),
        isDeleted: row.is_deleted === 1,
      };
    }
  }
}
