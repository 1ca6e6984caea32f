// Decides: how feature groups are kept, and finds one by name or by ARN.
// Leaves to others: what a group may look like and when its status changes (control/).
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type FeatureGroup,
  type GroupDefinition,
  type GroupStatus,
  toFeatureGroup,
} from "./feature-group.ts";

/** Every group that is not deleted. Definitions are few, so they are held in memory, each change on disk first. */
export class GroupsTable {
  /** Groups that calls on records do not find, although they are there. */
  isHidden: (group: FeatureGroup) => boolean = () => false;
  readonly #byName = new Map<string, FeatureGroup>();
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #byId: StatementSync;

  constructor(sql: DatabaseSync) {
    this.#insert = sql.prepare(
      "INSERT INTO feature_groups (name, arn, status, definition) VALUES (?, ?, ?, ?)",
    );
    this.#update = sql.prepare("UPDATE feature_groups SET status = ?, definition = ? WHERE id = ?");
    this.#byId = sql.prepare("SELECT name, arn, status, definition FROM feature_groups WHERE id = ?");
    const rows = sql.prepare(
      "SELECT id, name, arn, status, definition FROM feature_groups WHERE status <> 'Deleted'",
    );
    for (const row of rows.all()) {
      const identity = { id: Number(row.id), name: String(row.name), arn: String(row.arn) };
      const group = toFeatureGroup(
        { ...identity, status: toStatus(row.status) },
        JSON.parse(String(row.definition)),
      );
      this.#byName.set(group.name, group);
    }
  }

  /** The group, whatever its status, unless there is none or it is deleted. */
  find(nameOrArn: string): FeatureGroup | undefined {
    if (!nameOrArn.startsWith("arn:")) return this.#byName.get(nameOrArn);
    const group = this.#byName.get(nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1));
    return group?.arn === nameOrArn ? group : undefined;
  }

  /** The group of that number, a deleted one too: some of its rows may still be to be flushed. */
  findById(id: number): FeatureGroup | undefined {
    const row = this.#byId.get(id);
    if (row === undefined) return undefined;
    const identity = { id, name: String(row.name), arn: String(row.arn) };
    return toFeatureGroup({ ...identity, status: toStatus(row.status) }, JSON.parse(String(row.definition)));
  }

  list(): FeatureGroup[] {
    return [...this.#byName.values()];
  }

  add(name: string, arn: string, definition: GroupDefinition): FeatureGroup {
    const id = Number(this.#insert.run(name, arn, "Creating", JSON.stringify(definition)).lastInsertRowid);
    const group = toFeatureGroup({ id, name, arn, status: "Creating" }, definition);
    this.#byName.set(name, group);
    return group;
  }

  /** Replaces status and definition. A deleted group is forgotten here; its row stays for what is still to be flushed. */
  replace(group: FeatureGroup, status: GroupStatus, definition: GroupDefinition): FeatureGroup {
    this.#update.run(status, JSON.stringify(definition), group.id);
    const { id, name, arn } = group;
    const replaced = toFeatureGroup({ id, name, arn, status }, definition);
    if (status === "Deleted") this.#byName.delete(name);
    else this.#byName.set(name, replaced);
    return replaced;
  }
}

function toStatus(value: unknown): GroupStatus {
  if (value === "Creating" || value === "Created" || value === "Deleting" || value === "Deleted")
    return value;
  throw new Error(`unknown feature group status ${String(value)}`);
}
