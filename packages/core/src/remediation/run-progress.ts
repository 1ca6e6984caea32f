// Decides since when nothing of a run has moved: what is seen of it is remembered from one look to the next.

import { z } from "zod";
import { findJson } from "../ledger/json-object.ts";
import type { Run } from "../ledger/run.ts";
import { updateItem } from "../ledger/update-item.ts";
import type { Ports } from "../ports/ports.ts";
import { readingDocument, readingKey } from "../streaming/read-again.ts";
import { listChunks } from "../writing/chunk.ts";

const progressBody = z.object({ mark: z.string(), sinceMs: z.number() });

/** Real time in which no chunk was settled, no event read, no attempt begun; at first sight of a run that has shown nothing yet, its age. */
export async function quietTimeOf(
  ports: Pick<Ports, "ledger" | "objects" | "timer">,
  run: Run,
): Promise<number> {
  const nowMs = ports.timer.nowMs();
  const moved = await countMoved(ports, run);
  const mark = `${run.attempt} ${run.redrives} ${moved}`;
  const isAtBeginning = run.attempt === 1 && run.redrives === 0 && moved === 0;
  const item = await updateItem(ports.ledger, { partition: "run-progress", sort: run.runId }, (present) => {
    if (present !== undefined && progressBody.parse(present.body).mark === mark) return undefined;
    const sinceMs = present === undefined && isAtBeginning ? run.createdAtMs : nowMs;
    return { mark, sinceMs };
  });
  return Math.max(0, nowMs - progressBody.parse(item?.body).sinceMs);
}

async function countMoved(ports: Pick<Ports, "ledger" | "objects">, run: Run): Promise<number> {
  const chunks = await listChunks(ports.ledger, run);
  const reading = (await findJson(ports.objects, readingKey(run), readingDocument))?.value;
  return chunks.filter(({ status }) => status !== "planned").length + (reading?.counts.read ?? 0);
}
