// Decides what the parts of a stage are called where another part, an alarm or a person must know the name.

import type { Workflow } from "@steward/workflows/inventory.ts";

/** `steward-prod-chunks`: unique in an account and Region, as AWS wants it. */
export const named = (name: string): string => `${$app.name}-${$app.stage}-${name}`;

/** Where functions put Steward's own figures, and alarms look: two stages of one account must not mix theirs. */
export const metricNamespace = (): string => `Steward/${$app.stage}`;

/** `upkeep/attend-alarms` is `upkeep-attend-alarms`, in names that take no slash. */
export const dashed = (file: string): string => file.replaceAll("/", "-");
/** `upkeep/attend-alarms` is `steward-prod-upkeep-attend-alarms`. */
export const functionName = (file: string): string => named(dashed(file));
/** What is started: the version of a machine that the stage's last deployment published. */
export const STATE_MACHINE_ALIAS = "live";
export const stateMachineName = (workflow: Workflow): string => named(workflow);
export const streamName = (source: string): string => named(source);

export const CHUNKS = "chunks";
export const CHUNK_DEAD_LETTERS = "chunk-dead-letters";
export const LEDGER = "ledger";
export const HOT = "hot";

/** The clusters of the replication group `steward-<stage>-<name>`, one a node, as ElastiCache names them: `…-0001-001` is the
 * first of shard 1. Shards that somebody adds by hand are not among them. */
export function hotNodeNames(name: string, shards: number, nodesPerShard: number): readonly string[] {
  const digits = (index: number, count: number) => String(index + 1).padStart(count, "0");
  return Array.from({ length: shards }, (_, shard) =>
    Array.from(
      { length: nodesPerShard },
      (_, node) => `${named(name)}-${digits(shard, 4)}-${digits(node, 3)}`,
    ),
  ).flat();
}
