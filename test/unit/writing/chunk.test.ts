// What a chunk is: together they cover every row once, each settled once.

import { ConflictError, listChunks, planChunks, type StagedFile, updateChunk } from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Chunk, type ChunkStatus, saveChunks } from "../../../packages/core/src/writing/chunk.ts";
import { countOutcomes } from "../../../packages/core/src/writing/counts.ts";
import { aLedger } from "../../support/durable-stores.ts";

const RUN = { runId: "run-1", attempt: 1 };
const aFile = (key: string, rowCount: number): StagedFile => ({ key, rowCount, sizeBytes: 1 });

function change(status: ChunkStatus, written: number): Pick<Chunk, "status" | "counts" | "reason"> {
  const counts = countOutcomes(Array(written).fill("written"));
  return { status, counts: { overall: counts, online: counts, hot: counts }, reason: null };
}

async function aLedgerWithChunk(status: ChunkStatus) {
  const ledger = aLedger();
  await saveChunks(ledger, RUN, planChunks([aFile("a", 4)], 10));
  if (status !== "planned") await updateChunk(ledger, RUN, 0, change(status, 4));
  return ledger;
}

const only = async (ledger: ReturnType<typeof aLedger>) => (await listChunks(ledger, RUN))[0];

describe("planChunks", () => {
  it("cuts 10 rows by 4 into 4, 4 and 2, numbered on over the files", () => {
    const chunks = planChunks([aFile("a", 10), aFile("b", 1)], 4);

    expect(chunks.map(({ number, key, fromRow, rowCount }) => [number, key, fromRow, rowCount])).toEqual([
      [0, "a", 0, 4],
      [1, "a", 4, 4],
      [2, "a", 8, 2],
      [3, "b", 0, 1],
    ]);
    expect(chunks.every(({ status, reason }) => status === "planned" && reason === null)).toBe(true);
  });

  it("makes no chunk of an empty file", () => {
    expect(planChunks([aFile("a", 0)], 4)).toEqual([]);
  });

  it("covers every row of every file exactly once, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 5 }), fc.integer({ min: 1, max: 15 }), (sizes, most) => {
        const chunks = planChunks(
          sizes.map((rowCount, index) => aFile(`f${index}`, rowCount)),
          most,
        );

        const covered = chunks.flatMap(({ key, fromRow, rowCount }) =>
          Array.from({ length: rowCount }, (_, offset) => `${key}:${fromRow + offset}`),
        );
        expect(covered).toEqual(
          sizes.flatMap((rowCount, index) =>
            Array.from({ length: rowCount }, (_, row) => `f${index}:${row}`),
          ),
        );
        expect(chunks.every(({ rowCount }) => rowCount >= 1 && rowCount <= most)).toBe(true);
        expect(chunks.map(({ number }) => number)).toEqual(chunks.map((_, index) => index));
      }),
    );
  });
});

describe("saveChunks", () => {
  it("leaves chunks that are there as they are", async () => {
    const ledger = await aLedgerWithChunk("settled");

    await saveChunks(ledger, RUN, planChunks([aFile("a", 14)], 10));

    expect((await listChunks(ledger, RUN)).map(({ status }) => status)).toEqual(["settled", "planned"]);
  });

  it("lists chunks by number, also beyond 9 and 99", async () => {
    const ledger = aLedger();
    await saveChunks(ledger, RUN, planChunks([aFile("a", 120)], 1));

    expect((await listChunks(ledger, RUN)).map(({ number }) => number)).toEqual(
      Array.from({ length: 120 }, (_, number) => number),
    );
  });
});

describe("updateChunk", () => {
  it.each<[ChunkStatus, ChunkStatus, ChunkStatus]>([
    ["planned", "settled", "settled"],
    ["planned", "failed", "failed"],
    ["planned", "planned", "planned"],
    ["failed", "planned", "planned"],
    ["failed", "settled", "settled"],
    ["failed", "failed", "failed"],
    ["settled", "planned", "settled"],
    ["settled", "failed", "settled"],
    ["settled", "settled", "settled"],
  ])("takes a %s chunk that is said to be %s as %s", async (from, said, expected) => {
    const ledger = await aLedgerWithChunk(from);

    await updateChunk(ledger, RUN, 0, change(said, 2));

    expect((await only(ledger))?.status).toBe(expected);
  });

  it("counts a chunk once that is settled twice", async () => {
    const ledger = await aLedgerWithChunk("settled");

    await updateChunk(ledger, RUN, 0, change("settled", 2));

    expect((await only(ledger))?.counts.overall.written).toBe(4);
  });

  it("refuses a chunk that was never saved", async () => {
    await expect(updateChunk(aLedger(), RUN, 0, change("settled", 1))).rejects.toThrow(ConflictError);
  });
});
