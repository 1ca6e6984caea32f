// The evidence: one chain, one entry a kind and request, whoever appends at once; and a ledger that learns from it.

import { createHash } from "node:crypto";
import {
  appendEvidence,
  checkChain,
  type EpochMs,
  type EvidencePorts,
  evidenceKey,
  findEvidenceOf,
  isSuppressed,
  type Ledger,
  type ObjectStore,
  readEvidence,
  recordSuppressions,
  registerAsOf,
  reseedSuppressions,
  settleSuppressions,
  suppressSubjects,
  toEpochMs,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { readSuppressionsOf } from "../../../packages/core/src/suppression/read-suppressions.ts";
import { aLedger, anObjectStore } from "../../support/durable-stores.ts";

const AT = toEpochMs(1_000);
const ONE = "abc".padEnd(64, "1");
const TWO = "def".padEnd(64, "2");

function somePorts(ledger = aLedger(), objects: ObjectStore = anObjectStore()): EvidencePorts {
  return { ledger, objects, clock: { now: () => AT } };
}

const finish = (ports: EvidencePorts, requestId: string) =>
  appendEvidence(ports, { kind: "finish", requestId, body: () => ({ found: 0 }) });
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const untilOf = async (ledger: Ledger, entity: string, pseudonym: string) =>
  (await readSuppressionsOf(ledger, entity, [pseudonym])).get(pseudonym)?.untilMs;

describe("appendEvidence", () => {
  it("writes canonical JSON that names the hash of the bytes of the entry before", async () => {
    const ports = somePorts();

    await finish(ports, "request-1");
    await finish(ports, "request-2");

    const first = await ports.objects.get("evidence/000000001.json");
    expect(new TextDecoder().decode(first)).toBe(
      `{"at":"1970-01-01T00:00:01.000Z","body":{"found":0},"kind":"finish","number":1,"previous":"${"0".repeat(64)}","requestId":"request-1"}`,
    );
    const second = JSON.parse(new TextDecoder().decode(await ports.objects.get("evidence/000000002.json")));
    expect(second).toMatchObject({ number: 2, previous: sha256(first), requestId: "request-2" });
  });

  it("gives the entry that is there when it is asked for again, whatever the body would be now", async () => {
    const ports = somePorts();
    const first = await finish(ports, "request-1");
    await finish(ports, "request-2");

    const again = await appendEvidence(ports, {
      kind: "finish",
      requestId: "request-1",
      body: () => "other",
    });

    expect(again).toEqual(first);
    expect(await checkChain(ports.objects)).toEqual({ entries: 2, fault: undefined });
  });

  it("keeps kinds of one request apart", async () => {
    const ports = somePorts();
    await finish(ports, "request-1");

    const other = await appendEvidence(ports, { kind: "certificate", requestId: "request-1", body: () => 1 });

    expect(other.entry.number).toBe(2);
    expect((await findEvidenceOf(ports, { kind: "finish", requestId: "request-1" }))?.entry.number).toBe(1);
    expect(await findEvidenceOf(ports, { kind: "suppression", requestId: "request-1" })).toBeUndefined();
  });

  it("tells the body where the entry comes to stand, again when another entry came first", async () => {
    const ports = somePorts();
    const places: number[] = [];

    const { entry } = await appendEvidence(ports, {
      kind: "certificate",
      requestId: "request-1",
      async body({ number, previous }) {
        places.push(number);
        if (places.length === 1) await finish(ports, "request-2");
        return { number, previous };
      },
    });

    expect(places).toEqual([1, 2]);
    expect(entry.body).toEqual({ number: 2, previous: entry.previous });
    expect(entry.previous).not.toBe("0".repeat(64));
  });

  it("keeps one chain when many append at once through one ledger, each request once", async () => {
    const ports = somePorts();
    const requests = Array.from({ length: 24 }, (_, index) => `request-${index % 12}`);

    const appended = await Promise.all(requests.map((requestId) => finish(ports, requestId)));

    expect(await checkChain(ports.objects)).toEqual({ entries: 12, fault: undefined });
    expect(new Set(appended.map(({ entry }) => entry.number)).size).toBe(12);
  });

  it("keeps one chain through ledgers that know nothing of each other", async () => {
    const objects = anObjectStore();
    const ledgers = [aLedger(), aLedger(), aLedger()];

    await Promise.all(
      ledgers.flatMap((ledger) => ["1", "2", "3", "4"].map((id) => finish(somePorts(ledger, objects), id))),
    );

    expect(await checkChain(objects)).toEqual({ entries: 4, fault: undefined });
  });

  it("refuses to go on when the last entry that the ledger knows is gone", async () => {
    const ports = somePorts();
    await finish(ports, "request-1");
    await ports.objects.remove(evidenceKey(1));

    await expect(finish(ports, "request-2")).rejects.toThrow(/evidence\/000000001\.json is gone/);
    expect(await ports.objects.list("evidence/")).toEqual([]);
  });
});

describe("checkChain", () => {
  it.each<[string, (objects: ObjectStore) => Promise<unknown>, number, RegExp]>([
    [
      "an entry that was changed",
      (objects) => rewrite(objects, 2, (text) => text.replace('"found":0', '"found":1')),
      2,
      /000000003\.json does not name the entry before it/,
    ],
    [
      "an entry that is no JSON any more",
      (objects) => rewrite(objects, 2, (text) => text.slice(1)),
      1,
      /000000002\.json is not JSON/,
    ],
    ["an entry that is gone", (objects) => objects.remove(evidenceKey(2)), 1, /000000002\.json is missing/],
    [
      "an entry under another number",
      (objects) => objects.copy(evidenceKey(3), evidenceKey(2)),
      1,
      /says that it is entry 3, not 2/,
    ],
  ])("finds %s", async (_, harm, entries, fault) => {
    const ports = somePorts();
    for (const id of ["1", "2", "3"]) await finish(ports, id);

    await harm(ports.objects);

    const check = await checkChain(ports.objects);
    expect(check.fault).toMatch(fault);
    expect(check.entries).toBe(entries);
  });

  it("finds nothing wrong with an empty chain", async () => {
    expect(await checkChain(anObjectStore())).toEqual({ entries: 0, fault: undefined });
  });
});

describe("reseedSuppressions", () => {
  it("gives an empty ledger every suppression of the evidence, each with its time", async () => {
    const before = somePorts();
    const untilOne = await suppressSubjects(before, "customer", "request-1", [ONE]);
    await finish(before, "request-1");
    const untilTwo = await suppressSubjects({ ...before, clock: later(5_000) }, "product", "request-2", [
      TWO,
    ]);
    const ledger = aLedger();

    const head = await reseedSuppressions({ ledger, objects: before.objects });

    expect(head.number).toBe(3);
    expect([untilOne, untilTwo]).toEqual([1_001, 5_001]);
    expect(await untilOf(ledger, "customer", ONE)).toBe(1_001);
    expect(await untilOf(ledger, "product", TWO)).toBe(5_001);
  });

  it("writes down the time of a suppression that the restored ledger knows without it", async () => {
    const before = somePorts();
    await suppressSubjects(before, "customer", "request-1", [ONE]);
    const ledger = aLedger();
    await recordSuppressions(ledger, "customer", "request-1", [ONE]);

    await reseedSuppressions({ ledger, objects: before.objects });

    expect(await untilOf(ledger, "customer", ONE)).toBe(1_001);
  });

  it("keeps a later time that the ledger has", async () => {
    const before = somePorts();
    await suppressSubjects(before, "customer", "request-1", [ONE]);
    const ledger = aLedger();
    await settleSuppressions(ledger, "customer", "request-2", [ONE], toEpochMs(9_000));

    await reseedSuppressions({ ledger, objects: before.objects });

    expect(await untilOf(ledger, "customer", ONE)).toBe(9_000);
  });

  it("looks at one key when the ledger lost nothing", async () => {
    const ports = somePorts();
    for (const id of ["1", "2", "3"]) await finish(ports, id);
    const looks: string[] = [];
    const objects = watched(ports.objects, (call, key) => looks.push(`${call} ${key}`));

    await reseedSuppressions({ ledger: ports.ledger, objects });

    expect(looks).toEqual(["find evidence/000000004.json"]);
  });

  it("refuses evidence that does not follow what the ledger knows", async () => {
    const [ours, others] = [somePorts(), somePorts()];
    await finish(ours, "request-1");
    await finish(others, "request-2");
    await finish(others, "request-3");
    await ours.objects.put(evidenceKey(2), await others.objects.get(evidenceKey(2)));

    await expect(reseedSuppressions(ours)).rejects.toThrow(/chain of evidence is broken: .*000000002/);
  });
});

describe("suppressSubjects", () => {
  it("puts the suppression and its time into the evidence, subjects as pseudonyms", async () => {
    const ports = somePorts();
    await registerAsOf(ports.ledger, "customer", { runId: "r", attempt: 1, asOfMs: toEpochMs(2_000) });

    const untilMs = await suppressSubjects(ports, "customer", "request-1", [TWO, ONE]);

    expect(untilMs).toBe(2_001);
    const [stored] = await allOf(readEvidence(ports.objects));
    expect(stored?.entry).toMatchObject({
      kind: "suppression",
      requestId: "request-1",
      body: { entity: "customer", suppressedUntil: "1970-01-01T00:00:02.001Z", subjects: [ONE, TWO] },
    });
  });

  it("killed at any call and begun again, ends with one time, one entry, and never a moment unsuppressed", async () => {
    const calls = await callsUntilDone();
    expect(calls).toBeGreaterThan(20);
    for (let kill = 1; kill <= calls; kill += 1) {
      const real = somePorts();
      const ports = killedAt(real, kill);
      await expect(suppressSubjects(ports, "customer", "request-1", [ONE, TWO])).rejects.toThrow("killed");
      const evidence = await allOf(readEvidence(real.objects));
      const between = [...(await readSuppressionsOf(real.ledger, "customer", [ONE, TWO])).values()];
      if (evidence.length > 0) expect(between.map(({ untilMs }) => untilMs)).toEqual([1_001, 1_001]);
      for (const found of between) expect(isSuppressed(found, toEpochMs(1_001))).toBe(true);

      const untilMs = await suppressSubjects({ ...real, clock: later(7_000) }, "customer", "request-1", [
        ONE,
        TWO,
      ]);

      expect(await untilOf(real.ledger, "customer", ONE)).toBe(untilMs);
      expect(await untilOf(real.ledger, "customer", TWO)).toBe(untilMs);
      expect(await checkChain(real.objects)).toEqual({ entries: 1, fault: undefined });
      const [stored] = await allOf(readEvidence(real.objects));
      expect(stored?.entry.body).toMatchObject({ suppressedUntil: new Date(untilMs).toISOString() });
    }
  });
});

async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const later = (nowMs: number) => ({ now: () => nowMs as EpochMs });

async function rewrite(objects: ObjectStore, number: number, change: (text: string) => string) {
  const text = new TextDecoder().decode(await objects.get(evidenceKey(number)));
  await objects.put(evidenceKey(number), new TextEncoder().encode(change(text)));
}

/** The target with each call of a method told before it is made. */
function watched<T extends object>(target: T, onCall: (call: string, key: string) => void): T {
  return new Proxy(target, {
    get(object, name) {
      const member = Reflect.get(object, name);
      if (typeof member !== "function") return member;
      return async (...given: unknown[]) => {
        onCall(String(name), String(given[0]));
        return member.apply(object, given);
      };
    },
  });
}

/** Ports that die before their n-th call of ledger or object store, and at each one after it. */
function killedAt(ports: EvidencePorts, kill: number, onCall: () => void = () => {}): EvidencePorts {
  let calls = 0;
  const count = (): void => {
    calls += 1;
    onCall();
    if (calls >= kill) throw new Error("killed");
  };
  return { ...ports, ledger: watched(ports.ledger, count), objects: watched(ports.objects, count) };
}

async function callsUntilDone(): Promise<number> {
  let calls = 0;
  const ports = killedAt(somePorts(), Number.POSITIVE_INFINITY, () => {
    calls += 1;
  });
  await suppressSubjects(ports, "customer", "request-1", [ONE, TWO]);
  return calls;
}
