// Decides how events come onto a stream: as they are, in order, those of one record in one shard.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { InvalidInputError } from "../errors/steward-error.ts";
import type { Ports } from "../ports/ports.ts";
import { findRecordId } from "./decode-event.ts";

/** The key of events whose record cannot be read: they are set aside wherever they lie. */
const UNREADABLE = "unreadable";
/** The key is a pseudonym, so that nothing which shows keys shows an identifier. */
type PutPorts = Pick<Ports, "streams" | "pseudonymiser">;

/** Puts events on the stream of the group's source; durable once it returns. Whether they are events, its consumer decides. */
export async function putEvents(
  ports: PutPorts,
  group: FeatureGroup,
  events: readonly Uint8Array[],
): Promise<void> {
  requireStream(group);
  await ports.streams.get(group.source.name).append(
    events.map((data) => {
      const recordId = findRecordId(group, data);
      const partitionKey =
        recordId === undefined ? UNREADABLE : ports.pseudonymiser.pseudonym(group.entity.name, recordId);
      return { partitionKey, data };
    }),
  );
}

/** @throws InvalidInputError for a group that a batch run writes. */
export function requireStream(group: FeatureGroup): void {
  if (group.path !== "stream")
    throw new InvalidInputError(
      `group "${group.name}" is not fed by a stream: \`steward refresh ${group.name}\` writes it`,
    );
}
