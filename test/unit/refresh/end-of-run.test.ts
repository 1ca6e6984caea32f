// How a refresh ends: by whom, what is left of it, and that a late step of an older attempt ends nothing.

import {
  acquireLease,
  awaitWrites,
  type ControlPorts,
  failRefresh,
  findHolder,
  finishRefresh,
  getRun,
  LeaseHeldError,
  LeaseLostError,
  listChunks,
  listOpenAsOfs,
  type Ports,
  redriveChunks,
  registerAsOf,
  updateRun,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { ensurePlace } from "../../../packages/core/src/ledger/group-place.ts";
import { putJson } from "../../../packages/core/src/ledger/json-object.ts";
import { putManifest } from "../../../packages/core/src/ledger/offline-manifest.ts";
import {
  type ComputeDocument,
  computeKey,
  planKey,
} from "../../../packages/core/src/refresh/refresh-documents.ts";
import { noteOutage, planChunks, saveChunks, updateChunk } from "../../../packages/core/src/writing/chunk.ts";
import { countOutcomes } from "../../../packages/core/src/writing/counts.ts";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";
import { anObjectStore } from "../../support/durable-stores.ts";
import { aWritePath, NOW, REFERENCE } from "../../support/write-path.ts";

const REF = { runId: "run-1", attempt: 1 };
const SCOPE = { workflow: "refresh", group: "customer-orders" };
const FAILURE = { name: "UnavailableError", message: "Redis went away" };
const ONE_RECORD: ComputeDocument = {
  files: [{ key: "staged", rowCount: 1, sizeBytes: 1 }],
  recordCount: 1,
  brokenIdentifierCount: 0,
  columns: [],
  statistics: [],
  eventCount: 1,
  events: "e1",
};
const PREFIX = "offline/customer-orders-1/";

/** A run that holds its group, with real ledger and objects and one planned chunk. */
async function aRunAtWork(deadLetters: readonly string[] = []) {
  const path = await aWritePath({ records: [aRecord({ eventTimeMs: NOW })] });
  const ports: Ports = {
    ...path.ports,
    objects: anObjectStore(),
    metrics: { put: async () => undefined },
    holders: { current: () => "p1", isGone: () => false },
    chunkQueue: {
      listDeadLetters: async () => deadLetters.map((body, index) => ({ id: String(index), body })),
      redrive: async () => deadLetters.length,
    } as unknown as Ports["chunkQueue"],
    onlineStore: {
      ensureGroup: async () => ({ offlineUri: `s3://bucket/${PREFIX}data`, createdAtMs: NOW }),
    } as unknown as Ports["onlineStore"],
  };
  await ensurePlace(ports.ledger, ports.onlineStore, aFeatureGroup());
  const token = await acquireLease(ports, SCOPE, "run-1", 60_000);
  await updateRun(ports.ledger, "run-1", (run) => ({ ...run, token }));
  await registerAsOf(ports.ledger, "customer", { ...REF, asOfMs: NOW });
  return ports;
}

const plan = (ports: Ports) =>
  putJson(ports.objects, planKey(REF), { appends: [], plannedAtMs: NOW, suppressions: [] });

/** As `steward resume` does after a failure: a second attempt that holds the lease. */
async function beginSecondAttempt(ports: Ports): Promise<void> {
  await failRefresh(ports, REF, FAILURE);
  await updateRun(ports.ledger, "run-1", (run) => ({ ...run, status: "running", attempt: 2 }));
  const token = await acquireLease(ports, SCOPE, "run-1", 60_000);
  await updateRun(ports.ledger, "run-1", (run) => ({ ...run, token }));
}

describe("failRefresh", () => {
  it("ends the run as failed, its as-of with it, and gives the lease back", async () => {
    const ports = await aRunAtWork();
    await plan(ports);

    await failRefresh(ports, REF, FAILURE);

    expect(await getRun(ports.ledger, "run-1")).toMatchObject({ status: "failed", error: FAILURE });
    expect(await listOpenAsOfs(ports.ledger, "customer")).toEqual([]);
    expect(await findHolder(ports.ledger, SCOPE)).toBeUndefined();
  });

  it("ends the as-of of a plan that broke off before it was written down", async () => {
    const ports = await aRunAtWork();

    await failRefresh(ports, REF, FAILURE);

    expect(await listOpenAsOfs(ports.ledger, "customer")).toEqual([]);
  });

  it("takes the manifest key of an attempt that did not publish, so that a step still under way cannot", async () => {
    const ports = await aRunAtWork();
    await plan(ports);

    await failRefresh(ports, REF, FAILURE);

    const late = await putManifest(ports.objects, PREFIX, {
      ...REF,
      cancelled: false,
      files: [{ key: "k", rowCount: 1 }],
    });
    expect(late).toEqual({ ...REF, cancelled: true, files: [] });
  });

  it("keeps what an attempt has published", async () => {
    const ports = await aRunAtWork();
    await plan(ports);
    const manifest = { ...REF, cancelled: false, files: [{ key: `${PREFIX}data/k`, rowCount: 1 }] };
    await ports.objects.put(`${PREFIX}data/k`, new Uint8Array([1]));
    await putManifest(ports.objects, PREFIX, manifest);

    await failRefresh(ports, REF, FAILURE);

    expect(await putManifest(ports.objects, PREFIX, { ...manifest, cancelled: true })).toEqual(manifest);
    expect(await ports.objects.find(`${PREFIX}data/k`)).toBeDefined();
  });

  it("is the same done twice", async () => {
    const ports = await aRunAtWork();
    await plan(ports);
    await failRefresh(ports, REF, FAILURE);
    const before = [await getRun(ports.ledger, "run-1"), await ports.objects.listVersions("")];

    await failRefresh(ports, REF, { name: "Other", message: "other" });

    expect([await getRun(ports.ledger, "run-1"), await ports.objects.listVersions("")]).toEqual(before);
  });

  it("touches neither run nor lease of the attempt that followed", async () => {
    const ports = await aRunAtWork();
    await beginSecondAttempt(ports);

    await failRefresh(ports, REF, FAILURE);

    expect(await getRun(ports.ledger, "run-1")).toMatchObject({ status: "running", attempt: 2 });
    expect(await findHolder(ports.ledger, SCOPE)).toEqual({ runId: "run-1", process: "p1" });
  });
});

describe("finishRefresh", () => {
  it("ends the run as succeeded, and the same again gives the same report", async () => {
    const ports = await aRunAtWork();

    const report = await finishRefresh(ports, REF, "unchanged");

    expect(await getRun(ports.ledger, "run-1")).toMatchObject({ status: "succeeded", outcome: "unchanged" });
    expect(await finishRefresh(ports, REF, "unchanged")).toEqual(report);
    expect(await findHolder(ports.ledger, SCOPE)).toBeUndefined();
  });

  it("ends neither the attempt that followed nor its lease", async () => {
    const ports = await aRunAtWork();
    await beginSecondAttempt(ports);

    await expect(finishRefresh(ports, REF, "succeeded")).rejects.toThrow(LeaseLostError);

    expect(await getRun(ports.ledger, "run-1")).toMatchObject({ status: "running", attempt: 2 });
    expect(await findHolder(ports.ledger, SCOPE)).toBeDefined();
  });

  it("ends no run that was cancelled", async () => {
    const ports = await aRunAtWork();
    await updateRun(ports.ledger, "run-1", (run) => ({ ...run, status: "cancelled" }));

    await expect(finishRefresh(ports, REF, "succeeded")).rejects.toThrow(LeaseLostError);
  });
});

describe("awaitWrites", () => {
  it("fails a chunk whose dead letter is there, and the run by it", async () => {
    const ports = await aRunAtWork([JSON.stringify(REFERENCE)]);

    await expect(awaitWrites(ports, REF, 0)).rejects.toThrow(
      /1 of 1 chunks could not be written \(WorkerDied\)/,
    );
    expect((await listChunks(ports.ledger, REF))[0]?.counts.overall).toMatchObject({ planned: 1, failed: 1 });
  });

  it("passes over dead letters of other runs, attempts and redrives, and those that are no reference at all", async () => {
    const others = [
      JSON.stringify({ ...REFERENCE, runId: "run-2" }),
      JSON.stringify({ ...REFERENCE, attempt: 2 }),
      JSON.stringify({ ...REFERENCE, redrives: 1 }),
      '{"order":7}',
      "hello",
      "",
    ];
    const ports = await aRunAtWork(others);

    expect(await awaitWrites(ports, REF, 0)).toEqual({ drained: false, settledCount: 0, openCount: 1 });
  });

  it.each([
    ["UnavailableError", "a store is gone: the others are given up"],
    ["Throttled", "one chunk has failed: the others may still be written"],
  ])("with a chunk failed by %s judges that %s", async (reason) => {
    const ports = await aRunAtWork();
    await saveChunks(ports.ledger, REF, planChunks([{ key: "staged", rowCount: 2, sizeBytes: 1 }], 1));
    const counts = countOutcomes(["failed"]);
    await updateChunk(ports.ledger, REF, 1, {
      status: "failed",
      counts: { overall: counts, online: counts, hot: counts },
      reason,
    });

    const drain = awaitWrites(ports, REF, 0);

    await (reason === "Throttled"
      ? expect(drain).resolves.toMatchObject({ drained: false, openCount: 1 })
      : expect(drain).rejects.toThrow(
          "1 of 2 chunks could not be written (UnavailableError) and wait in the dead letters, 1 more were given up with them",
        ));
  });

  it("gives the chunks up while each still has deliveries, once a store could not be reached for 5 s", async () => {
    const ports = await aRunAtWork();
    await saveChunks(ports.ledger, REF, planChunks([{ key: "staged", rowCount: 200, sizeBytes: 1 }], 1));
    const startMs = ports.timer.nowMs();
    let tried = 0;
    const timer: Ports["timer"] = {
      nowMs: () => ports.timer.nowMs(),
      fraction: () => 0.5,
      // Every half second another chunk meets the outage for the first time.
      async sleep(durationMs) {
        await ports.timer.sleep(durationMs);
        if (ports.timer.nowMs() >= startMs + (tried + 1) * 500) await noteOutage(ports.ledger, REF, tried++);
      },
    };

    await expect(awaitWrites({ ...ports, timer }, REF, 60_000)).rejects.toMatchObject({
      name: "WriteFailedError",
      message: expect.stringMatching(
        /^200 of 200 chunks were given up because a store could not be reached .*`steward redrive`$/,
      ),
    });

    expect(ports.timer.nowMs() - startMs).toBeLessThanOrEqual(6_000);
  });

  it("looks no longer than its patience", async () => {
    const ports = await aRunAtWork();
    const startMs = ports.timer.nowMs();

    await awaitWrites(ports, REF, 1_000);

    expect(ports.timer.nowMs() - startMs).toBe(1_000);
  });
});

describe("redriveChunks", () => {
  it.for([
    { staging: "there", files: ["staged"] },
    { staging: "gone", files: [] },
  ])(
    "leaves a run failed while another run is at work on its group, its staging $staging",
    async ({ files }) => {
      const ports = await aRunAtWork();
      await putJson(ports.objects, computeKey(REF), ONE_RECORD);
      for (const key of files) await putJson(ports.objects, key, {});
      const failed = countOutcomes(["failed"]);
      const counts = { overall: failed, online: failed, hot: failed };
      await updateChunk(ports.ledger, REF, 0, { status: "failed", counts, reason: "Throttled" });
      await failRefresh(ports, REF, { name: "WriteFailedError", message: "1 of 1 chunks" });
      const before = await getRun(ports.ledger, "run-1");
      await acquireLease(ports, SCOPE, "run-2", 60_000);

      await expect(redriveChunks(ports as unknown as ControlPorts)).rejects.toThrow(LeaseHeldError);

      expect(await getRun(ports.ledger, "run-1")).toEqual(before);
      expect((await listChunks(ports.ledger, REF))[0]?.status).toBe("failed");
    },
  );
});
