// Decides which of the files handed in must be looked at: those that no run has taken in as they are now. A bookmark
// only spares the reading of old files; which contents are new, the event table knows.

import { findRun } from "../ledger/run.ts";
import { updateItem } from "../ledger/update-item.ts";
import type { IncomingFile } from "../ports/incoming.ts";
import type { Ledger, LedgerKey } from "../ports/ledger.ts";
import type { Ports } from "../ports/ports.ts";

/** Names and hashes of one run stay small; the other files come with the next. */
const MAX_FILES_OF_RUN = 1_000;

const bookmarkKey = (source: string, name: string): LedgerKey => ({
  partition: `bookmarks#${source}`,
  sort: name,
});

/** Files of the source that no run that succeeded was given in this size and of this time; oldest first. */
export async function listWaitingFiles(
  { incoming, ledger }: Pick<Ports, "incoming" | "ledger">,
  source: string,
): Promise<readonly IncomingFile[]> {
  const files = await incoming.list(source);
  if (files.length === 0) return files;
  const bookmarks = new Map(
    (await ledger.list(bookmarkKey(source, "").partition)).map(({ sort, body }) => [sort, body]),
  );
  const succeeded = new Map<string, boolean>();
  const waiting: IncomingFile[] = [];
  for (const file of files) {
    const mark = bookmarks.get(file.name);
    const isSame = mark?.sizeBytes === file.sizeBytes && mark.modifiedAtMs === file.modifiedAtMs;
    if (!isSame || !(await hasSucceeded(ledger, String(mark?.runId), succeeded))) waiting.push(file);
  }
  return waiting.slice(0, MAX_FILES_OF_RUN);
}

/** Notes which run was given the files. They count as taken in once it has succeeded: until then others take them too. */
export async function noteBookmarks(
  ledger: Ledger,
  source: string,
  runId: string,
  files: readonly IncomingFile[],
): Promise<void> {
  for (const { name, sizeBytes, modifiedAtMs } of files)
    await updateItem(ledger, bookmarkKey(source, name), () => ({ sizeBytes, modifiedAtMs, runId }));
}

async function hasSucceeded(ledger: Ledger, runId: string, known: Map<string, boolean>): Promise<boolean> {
  const before = known.get(runId);
  if (before !== undefined) return before;
  const has = (await findRun(ledger, runId))?.status === "succeeded";
  known.set(runId, has);
  return has;
}
