// Decides whether the appended files enter the event table: all of them, or none when too many rows were set aside.

import { DataRejectedError } from "../errors/steward-error.ts";
import { commitEvents } from "../ledger/event-table.ts";
import { requireHold } from "../ledger/hold.ts";
import { getJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { appendDocument, appendKey } from "./refresh-documents.ts";

/** @throws DataRejectedError above the threshold; then nothing entered. */
export async function commitAppendedEvents(
  ports: Ports,
  ref: RunRef,
): Promise<{ readonly eventCount: number }> {
  const { group } = await requireHold(ports, ref);
  const { files } = await getJson(ports.objects, appendKey(ref), appendDocument);
  const rows = files.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const setAside = files.reduce((sum, { setAsideCount }) => sum + setAsideCount, 0);
  const { setAsideThreshold } = ports.settings;
  if (setAside > rows * setAsideThreshold) {
    throw new DataRejectedError(
      `${setAside} of ${rows} rows break a rule, more than the ${setAsideThreshold * 100} % that are allowed, so nothing entered: ` +
        `\`steward set-aside ${ref.runId}\` lists them; correct the file and refresh again`,
    );
  }
  await commitEvents(
    ports.objects,
    group.source.name,
    ref.runId,
    files.map((file) => ({
      ...file,
      eventKey: file.eventKey,
      setAsideKey: file.setAsideKey,
      minEventTimeMs: undefined,
      maxEventTimeMs: file.maxEventTimeMs,
    })),
    ports.clock.now(),
  );
  return { eventCount: files.reduce((sum, file) => sum + file.eventCount, 0) };
}
