// Decides how DuckDB serves the port of the batch engine: one bounded database a file or computation.
// Leaves the checks of cells to cell-sql.ts, what a refresh computes to core.

import { resolve } from "node:path";
import type {
  AppendedFile,
  AppendJob,
  BatchEngine,
  ComputedRecords,
  ComputeJob,
  InputFile,
  InspectedFile,
  ObjectStore,
  Pseudonymiser,
  SetAsideRow,
  Snapshot,
  SnapshotJob,
  SnapshotScope,
  SnapshotSize,
  Source,
} from "@steward/core";
import type { InputFiles } from "../input-files.ts";
import { computeRecords } from "./compute-records.ts";
import { type DuckDbOptions, type DuckDbSession, withDuckDb } from "./duckdb-session.ts";
import { inspectFile } from "./inspect-file.ts";
import { type ParseOptions, parseAgain, parseFile } from "./parse-rows.ts";
import { createAgain, listRows, locateAll, originalFiles } from "./set-aside-rows.ts";
import { measureSnapshot, snapshotRecords } from "./snapshot-records.ts";
import { stageRows } from "./stage-rows.ts";
import { StagedObjects } from "./staged-objects.ts";

export interface DuckDbBatchEngineOptions extends DuckDbOptions {
  readonly objects: ObjectStore;
  readonly pseudonymiser: Pseudonymiser;
  /** What relative names of input files start from; the working folder unless given. */
  readonly inputFolder?: string;
  /** Where input files lie that are no paths of this machine. */
  readonly inputs?: InputFiles;
}

export class DuckDbBatchEngine implements BatchEngine {
  readonly #options: DuckDbBatchEngineOptions;
  readonly #inputs: InputFiles;

  constructor(options: DuckDbBatchEngineOptions) {
    this.#options = options;
    const { inputFolder = "", inputs } = options;
    this.#inputs = inputs ?? { use: (file, work) => work(resolve(inputFolder, file.name)) };
  }

  inspect(source: Source, file: InputFile): Promise<InspectedFile> {
    return this.#inputs.use(file, (path) => inspectFile(source, file, path));
  }

  async append(job: AppendJob): Promise<readonly AppendedFile[]> {
    return this.#stageEach(job, job.files, (session, file) =>
      this.#inputs.use(file, (path) => parseFile(session, path, parseOptions(job))),
    );
  }

  async listSetAside(keys: readonly string[], limit: number): Promise<readonly SetAsideRow[]> {
    const paths = await locateAll(this.#options.objects, keys);
    return withDuckDb(this.#options, "listing set-aside rows", (session) => listRows(session, paths, limit));
  }

  async replaySetAside(
    job: Omit<AppendJob, "files"> & { readonly setAsideKeys: readonly string[] },
  ): Promise<readonly AppendedFile[]> {
    const paths = await locateAll(this.#options.objects, job.setAsideKeys);
    const files = await withDuckDb(this.#options, "reading set-aside rows", (session) =>
      originalFiles(session, paths),
    );
    return this.#stageEach(job, files, async (session, file) => {
      await createAgain(session, file);
      await parseAgain(session, parseOptions(job));
    });
  }

  compute(job: ComputeJob): Promise<ComputedRecords> {
    return withDuckDb(this.#options, `computing group "${job.group.name}"`, (session) =>
      computeRecords(session, this.#options, job),
    );
  }

  snapshot(job: SnapshotJob): Promise<Snapshot> {
    return withDuckDb(this.#options, `a snapshot of group "${job.group.name}"`, (session) =>
      snapshotRecords(session, this.#options, job),
    );
  }

  measureSnapshot(scope: SnapshotScope): Promise<SnapshotSize> {
    return withDuckDb(this.#options, `measuring group "${scope.group.name}"`, (session) =>
      measureSnapshot(session, this.#options, scope),
    );
  }

  async #stageEach<F extends InspectedFile>(
    job: Omit<AppendJob, "files">,
    files: readonly F[],
    parse: (session: DuckDbSession, file: F) => Promise<void>,
  ): Promise<readonly AppendedFile[]> {
    const { objects, pseudonymiser } = this.#options;
    const staged = new StagedObjects(objects, job.outputPrefix);
    const appended: AppendedFile[] = [];
    for (const [index, file] of files.entries()) {
      const { name, contentId, sizeBytes } = file;
      const result = await withDuckDb(this.#options, `appending file "${name}"`, async (session) => {
        await parse(session, file);
        return stageRows(session, pseudonymiser, job, { name, contentId, sizeBytes }, index, staged);
      });
      appended.push(result);
    }
    await staged.removeOthers();
    return appended;
  }
}

function parseOptions(job: Omit<AppendJob, "files">): ParseOptions {
  return {
    source: job.source,
    arrivedAtMs: job.arrivedAtMs,
    identifierColumns: new Set(job.subjectColumns.map(({ column }) => column)),
  };
}
