// The online store on the emulator, through the real SDK clients; and what only a bad network or a bad answer shows.

import { execFile } from "node:child_process";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { SageMakerOnlineStore } from "@steward/adapters";
import {
  boolean,
  count,
  type FeatureRecord,
  featureGroup,
  instant,
  latest,
  source,
  text,
  toEpochMs,
} from "@steward/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";
import {
  clientsAt,
  startFeatureStoreForTests,
  storeOn,
  type TestFeatureStore,
} from "../../support/feature-store.ts";
import { describeOnlineStore, everythingIn } from "../ports/online-store.ts";
import { describeOnlineStoreDeletions } from "../ports/online-store-deletions.ts";

describeOnlineStore("SageMakerOnlineStore", startFeatureStoreForTests);
describeOnlineStoreDeletions("SageMakerOnlineStore", startFeatureStoreForTests);

describe("SageMakerOnlineStore", () => {
  const group = aFeatureGroup();
  const canary = "zqkvmwxyjhbtrplg";
  const records = Array.from({ length: 30 }, (_, index) => aRecord({ recordId: `${canary}${index}` }));
  const deletion = { mode: "soft", eventTimeMs: toEpochMs(2_000) } as const;

  it("flushes rows by what it was given to flush with, and takes time for an answer where it has nothing", async () => {
    const { clients, store } = await start();
    let flushes = 0;
    const told = new SageMakerOnlineStore({
      ...clients,
      placement: { offlineUri: "s3://tests/offline", roleArn: "arn:aws:iam::000000000000:role/tests" },
      flushOffline: async () => {
        flushes += 1;
      },
    });

    await store.flushOffline();
    await told.flushOffline();

    expect(flushes).toBe(1);
  });

  it("makes rows of the offline store only of what a write sends there too, late and repeated records included", async () => {
    const { store, url } = await start();
    await store.ensureGroup(group);
    const waiting = async () =>
      (await (await fetch(`${url}/_steward/offline-buffer`)).json()) as { readonly rows: number };
    const [record = aRecord()] = records;
    const late = { ...record, eventTimeMs: toEpochMs(record.eventTimeMs - 1) };

    await store.write(group, records);
    const afterOnline = await waiting();
    const outcomes = await store.write(group, [record, late], { alsoOffline: true });

    expect(afterOnline.rows).toBe(0);
    expect(outcomes).toEqual([{ kind: "written" }, { kind: "written" }]);
    expect((await waiting()).rows).toBe(2);
    expect(await store.read(group, [record.recordId])).toEqual([record]);
  });

  it("says that the store cannot be reached when nothing listens, and names no record", async () => {
    const { store } = await startClosed();

    const failures = await failuresOf([
      store.write(group, records),
      store.read(group, [canary]),
      store.delete(group, canary, deletion),
      store.ensureGroup(group),
    ]);

    expect(failures).toEqual(
      failures.map(() =>
        expect.objectContaining({
          name: "UnavailableError",
          message: "the online store cannot be reached",
        }),
      ),
    );
    expect(everythingIn(failures)).not.toContain(canary);
  });

  it.each<[fault: string, answer: RequestListener]>([
    ["an answer that never comes", () => {}],
    ["a connection that is reset", (request) => request.socket.resetAndDestroy()],
    ["an answer that stops half way", (_, reply) => reply.write('{"Errors":[')],
    [
      "an answer that is cut off",
      (_, reply) => reply.write('{"Errors":[', () => reply.socket?.resetAndDestroy()),
    ],
    ["an answer that is no JSON", (_, reply) => reply.end('{"Errors":[')],
    ["a gateway's page", (_, reply) => reply.writeHead(502).end("<html>bad gateway</html>")],
    ["a 503", (_, reply) => reply.writeHead(503, errorType("ServiceUnavailable")).end("{}")],
    ["a throttle", (_, reply) => reply.writeHead(400, errorType("ThrottlingException")).end("{}")],
  ])(
    "leaves the records of a call to another try after %s, and reads as often as it may",
    async (_, answer) => {
      const { url, countRequests } = await serve(answer);
      const store = storeOn(clientsAt(url, 50));

      const outcomes = await store.write(group, records);
      const writeCount = countRequests();
      const [failure] = await failuresOf([store.read(group, [canary])]);

      expect(outcomes).toEqual(records.map(() => ({ kind: "throttled" })));
      expect(writeCount).toBe(2);
      expect(countRequests() - writeCount).toBe(5);
      expect(failure).toMatchObject({ name: "UnavailableError", retryable: true });
      expect(everythingIn(failure)).not.toContain(canary);
    },
  );

  it("fails the records of a call that may not be made, by the error's name, and asks once", async () => {
    const denied = `{"Message":"not authorized for ${canary}"}`;
    const { url, countRequests } = await serve((_, reply) =>
      reply.writeHead(400, errorType("AccessDeniedException")).end(denied),
    );
    const store = storeOn(clientsAt(url));

    const outcomes = await store.write(group, [aRecord()]);
    const [failure] = await failuresOf([store.read(group, [canary])]);

    expect(outcomes).toEqual([{ kind: "failed", reason: "AccessDeniedException" }]);
    expect(countRequests()).toBe(2);
    expect(failure).toMatchObject({
      name: "UnavailableError",
      message: 'the online store refused a call for group "customer-orders": AccessDeniedException',
    });
    expect(everythingIn(failure)).not.toContain(canary);
  });

  it("calls a record of an unknown group failed, not throttled", async () => {
    const { store } = await start();

    expect(await store.write(group, [aRecord()])).toEqual([{ kind: "failed", reason: "ResourceNotFound" }]);
  });

  it("takes an entry's throttle for another try and its refusal for a failure, each at its own record", async () => {
    const entry = (id: string) => ({ FeatureGroupName: group.name, Record: wire(id) });
    const { url } = await serve((_, reply) =>
      reply.end(
        JSON.stringify({
          Errors: [
            { Entry: entry("b"), ErrorCode: "ThrottlingException", ErrorMessage: "" },
            { Entry: entry("d"), ErrorCode: "ValidationError", ErrorMessage: "" },
          ],
          UnprocessedEntries: [entry("e")],
        }),
      ),
    );

    const outcomes = await storeOn(clientsAt(url)).write(group, fiveRecords());

    expect(outcomes).toEqual([
      { kind: "written" },
      { kind: "throttled" },
      { kind: "written" },
      { kind: "failed", reason: "ValidationError" },
      { kind: "throttled" },
    ]);
  });

  it("takes nothing for written when the answer names an entry that was not sent", async () => {
    const { url } = await serve((_, reply) =>
      reply.end(
        JSON.stringify({
          Errors: [{ ErrorCode: "ValidationError", ErrorMessage: "" }],
          UnprocessedEntries: [],
        }),
      ),
    );

    const outcomes = await storeOn(clientsAt(url)).write(group, fiveRecords());

    expect(outcomes).toEqual(fiveRecords().map(() => ({ kind: "throttled" })));
  });

  it("tells two records of one identifier in one call apart by their event times", async () => {
    const { store } = await start();
    await store.ensureGroup(group);

    const outcomes = await store.write(group, [
      aRecord({ eventTimeMs: 1, features: { last_channel: "x".repeat(400_000) } }),
      aRecord({ eventTimeMs: 2 }),
    ]);

    expect(outcomes.map(({ kind }) => kind)).toEqual(["failed", "written"]);
  });

  it("targets the online store alone, with the group's time to live, in every write and deletion", async () => {
    const mortal = aFeatureGroup({ ttl: "30 days" });
    const { store, clients } = await start();
    await store.ensureGroup(mortal);
    const inputs: unknown[] = [];
    clients.runtime.middlewareStack.add(
      (next) => (step) => {
        inputs.push(step.input);
        return next(step);
      },
      { step: "initialize" },
    );

    await store.write(mortal, [aRecord({ eventTimeMs: 1_000, features: { orders_30d: 3 } })]);
    await store.delete(mortal, "00042", { ...deletion, mode: "hard" });

    expect(inputs).toEqual([
      {
        Entries: [
          {
            FeatureGroupName: "customer-orders",
            Record: [
              { FeatureName: "customer_id", ValueAsString: "00042" },
              { FeatureName: "event_time", ValueAsString: "1970-01-01T00:00:01.000Z" },
              { FeatureName: "orders_30d", ValueAsString: "3" },
            ],
            TargetStores: ["OnlineStore"],
            TtlDuration: { Unit: "Seconds", Value: 2_592_000 },
          },
        ],
      },
      {
        FeatureGroupName: "customer-orders",
        RecordIdentifierValueAsString: "00042",
        EventTime: "1970-01-01T00:00:02.000Z",
        TargetStores: ["OnlineStore"],
        DeletionMode: "HardDelete",
      },
    ]);
  });

  it("names group and feature of a stored value that is none of its type, and not the value", async () => {
    const { store } = await start();
    const counted = aFeatureGroup({ features: { is_new: count() } });
    const flagged = featureGroup(counted.name, {
      entity: counted.entity,
      source: source("signups", {
        columns: { customer_id: text(), at: instant(), flag: boolean() },
        eventTime: "at",
      }),
      owner: "growth",
      features: { is_new: latest("flag") },
    });
    await store.ensureGroup(counted);
    await store.write(counted, [aRecord({ recordId: canary, features: { is_new: 918_273 } })]);

    const [failure] = await failuresOf([store.read(flagged, [canary])]);

    expect(failure).toMatchObject({
      name: "DataRejectedError",
      message:
        'a record of group "customer-orders" in the online store: feature "is_new": a stored boolean must be 0 or 1',
    });
    expect(everythingIn(failure)).not.toMatch(new RegExp(`${canary}|918273`));
  });

  it("waits no longer for a group than it is told", async () => {
    const { clients } = await start(60_000);

    const [failure] = await failuresOf([storeOn(clients, 120).ensureGroup(group)]);

    expect(failure).toMatchObject({
      name: "UnavailableError",
      message:
        'group "customer-orders" was not usable in time: Feature Store calls it Creating, try again later',
    });
  });

  it("loads the control plane's client when a group is ensured, not before", async () => {
    const script = `
      import { createRequire } from "node:module";
      import { createFeatureStoreClients, SageMakerOnlineStore } from "@steward/adapters";
      const isLoaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => /client-sagemaker[/]/.test(file));
      const clients = createFeatureStoreClients({ region: "us-east-1", endpoint: "http://127.0.0.1:1", credentials: { accessKeyId: "a", secretAccessKey: "b" } });
      const store = new SageMakerOnlineStore({ ...clients, placement: { offlineUri: "s3://tests/offline", roleArn: "none" } });
      const before = isLoaded();
      await store.ensureGroup({ name: "g", recordIdentifier: "id", features: [], entity: {}, description: "" }).catch(() => {});
      console.log(before, isLoaded());
    `;

    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);

    expect(stdout).toBe("false true\n");
  });
});

function fiveRecords(): readonly FeatureRecord[] {
  return ["a", "b", "c", "d", "e"].map((recordId) => aRecord({ recordId }));
}

/** A record of `fiveRecords()` as it is sent. */
function wire(recordId: string): object[] {
  return [
    { FeatureName: "customer_id", ValueAsString: recordId },
    { FeatureName: "event_time", ValueAsString: "1970-01-01T00:00:01.000Z" },
    { FeatureName: "orders_30d", ValueAsString: "3" },
  ];
}

function errorType(name: string): Record<string, string> {
  return { "content-type": "application/json", "x-amzn-errortype": name };
}

async function start(creationDelayMs = 10): Promise<TestFeatureStore> {
  const featureStore = await startFeatureStoreForTests({ creationDelayMs });
  onTestFinished(() => featureStore.close());
  return featureStore;
}

async function startClosed(): Promise<TestFeatureStore> {
  const featureStore = await startFeatureStoreForTests();
  await featureStore.close();
  return featureStore;
}

/** A server that answers every request in the same way. */
async function serve(answer: RequestListener): Promise<{ url: string; countRequests: () => number }> {
  let requests = 0;
  const server: Server = createServer((request, reply) => {
    requests += 1;
    request.resume().on("end", () => answer(request, reply));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    countRequests: () => requests,
  };
}

/** The errors that the calls end with. */
async function failuresOf(calls: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const results = await Promise.allSettled(calls);
  return results.map((result) => (result.status === "rejected" ? result.reason : "no failure"));
}
