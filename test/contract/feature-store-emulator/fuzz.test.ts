// Decides: that no request, however wrong, crashes the emulator, half-writes, or is answered otherwise than in AWS's form.
// Leaves to others: the requests (fuzz-calls.ts), single errors by name (wire.test.ts), bytes that are no HTTP (connections.test.ts).
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmulator, type Emulator } from "../../../packages/feature-store-emulator/src/emulator.ts";
import { closeServer, listen } from "../../../packages/feature-store-emulator/src/http/server.ts";
import { IN_MEMORY, openDatabase } from "../../../packages/feature-store-emulator/src/store/database.ts";
import { type Call, drawCall, RECORD_IDS, toRandom } from "./fuzz-calls.ts";
import { connect, createOrders, createOrdersWithOffline, putOrder, type Setup } from "./setup.ts";

const REQUESTS = 1_000;
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_125);
const MESSAGE_CHARS_MAX = 2_048;
const TOLD_CHARS = 600;
const COMMON =
  "SerializationException|UnknownOperationException|MissingAuthenticationTokenException|IncompleteSignatureException|UnsupportedMediaTypeException|RequestEntityTooLargeException";
/** What the service's models and the pages on common errors name for each surface. */
const ERRORS = {
  runtime: new RegExp(`^(ValidationError|ResourceNotFound|ConflictException|${COMMON})$`),
  control: new RegExp(
    `^(ValidationException|ResourceNotFound|ResourceInUse|ResourceLimitExceeded|${COMMON})$`,
  ),
  admin: /^(ValidationException|SerializationException|UnknownOperationException)$/,
} as const;

interface Answer {
  readonly status: number;
  readonly error: string;
  readonly requestId: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

interface State {
  readonly records: readonly (readonly unknown[])[];
  readonly offlineRows: number;
  readonly others: string;
}

describe(`${REQUESTS} requests of seed ${SEED}`, () => {
  let emulator: Emulator;
  let setup: Setup;
  beforeAll(async () => {
    ({ emulator, setup } = await startOpenEmulator());
    await createOrdersWithOffline(setup);
    const OnlineStoreConfig = { EnableOnlineStore: true, StorageType: "Standard_V2" as const };
    await createOrders(setup, { FeatureGroupName: "v2", OnlineStoreConfig });
    await settle(emulator);
    for (const customer_id of RECORD_IDS) await putOrder(setup, { customer_id }, "v2");
  });
  afterAll(() => setup.close());

  it("are answered in AWS's form, the refused ones without any effect, and the emulator goes on serving", async () => {
    const random = toRandom(SEED);
    const seen = new Map<string, number>();
    let refusedEntries = 0;
    let before = readState(emulator);
    for (let number = 0; number < REQUESTS; number += 1) {
      const call = drawCall(random);
      const answer = await send(setup.url, call);
      const told = tell(number, call, answer);
      seen.set(answer.error, (seen.get(answer.error) ?? 0) + 1);
      expect(String(answer.requestId), told).toMatch(/^[0-9a-f-]{36}$/);
      if (answer.status === 200) {
        await settle(emulator);
        if (call.path === "/_steward/faults") emulator.faults.clear(); // or later errors would be ordered ones
        const after = readState(emulator);
        if (call.path === "/BatchWriteRecord")
          refusedEntries += expectWhole(call, answer, before, after, told);
        before = after;
      } else {
        expectRefusal(call, answer, told);
        expect(readState(emulator), told).toEqual(before);
      }
    }

    // Every sort comes often enough for the rule to mean something.
    expect(seen.get("")).toBeGreaterThan(REQUESTS / 5);
    expect(seen.size).toBeGreaterThan(8);
    expect(refusedEntries).toBeGreaterThan(20);
    await putOrder(setup);
  }, 60_000);
});

/** One whose state can be looked at, beside what its answers say of it. */
async function startOpenEmulator(): Promise<{ emulator: Emulator; setup: Setup }> {
  const database = openDatabase(IN_MEMORY);
  const settings = {
    ...{ accountId: "000000000000", region: "us-east-1", creationDelayMs: 0, maxGroups: 100 },
    openRules: { equalEventTime: "keep", softDeleteOfAbsent: "nothing" },
    ...{ expiryDelayMs: undefined, offline: undefined },
  } as const;
  const emulator = createEmulator(database, settings, () => Date.parse("2024-05-01T12:00:00Z"));
  const server = await listen(emulator, 0, "127.0.0.1");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients = connect(url);
  const close = async () => {
    clients.runtime.destroy();
    clients.control.destroy();
    await closeServer(server);
    emulator.background.stop();
    database.close();
  };
  return { emulator, setup: { url, ...clients, close } };
}

/** Resolves once no group is on its way to another state. */
async function settle({ groups }: Emulator): Promise<void> {
  while (
    groups.list().some(({ status, definition }) => status !== "Created" || definition.updated !== undefined)
  )
    await delay(1);
}

/** Everything that a request could have changed. */
function readState({ database: { sql }, faults, clock }: Emulator): State {
  const rows = (table: string) => sql.prepare(`SELECT * FROM ${table}`).all();
  return {
    records: rows("records").map((row) => Object.values(row)),
    offlineRows: rows("offline_log").length,
    others: JSON.stringify([rows("feature_groups"), rows("settings"), faults.list(), clock.nowMs()]),
  };
}

async function send(url: string, { path, ...call }: Call): Promise<Answer> {
  const reply = await fetch(url + path, call);
  const text = await reply.text();
  return {
    status: reply.status,
    error: reply.headers.get("x-amzn-errortype") ?? "",
    requestId: reply.headers.get("x-amzn-requestid"),
    body: text === "" ? {} : JSON.parse(text),
  };
}

function expectRefusal({ method, path, headers }: Call, { status, error, body }: Answer, told: string): void {
  const isControl = headers["x-amz-target"] !== undefined;
  const surface = path.startsWith("/_steward/") ? "admin" : isControl ? "control" : "runtime";
  expect(status, told).toBeGreaterThanOrEqual(400);
  expect(status, told).toBeLessThan(500);
  expect(error, told).toMatch(ERRORS[surface]);
  if (isControl) expect(body.__type, told).toBe(error);
  const message = body.message ?? body.Message;
  expect(message, told).toEqual(expect.any(String));
  expect(String(message).length, told).toBeLessThanOrEqual(MESSAGE_CHARS_MAX);
  expect(String(message), told).not.toMatch(/person-\d/);
  // Put, Get, Delete and BatchGet have no 404 for a missing group.
  if (/^(PUT|GET|DELETE)$/.test(method) || path === "/BatchGetRecord")
    expect(error, told).not.toBe("ResourceNotFound");
}

/** Returns how many entries were refused: of those nothing is there, of the others everything. */
function expectWhole({ body }: Call, answer: Answer, before: State, after: State, told: string): number {
  const sent: { Entries: readonly Entry[] } = JSON.parse(Buffer.from(body ?? []).toString());
  const refused = [
    ...toList(answer.body.Errors).map((error) => error.Entry),
    ...toList(answer.body.UnprocessedEntries),
  ];
  const accepted = sent.Entries.filter((entry) => !refused.some((other) => isDeepStrictEqual(other, entry)));
  const isOrders = (entry: Entry) => entry.FeatureGroupName.endsWith("orders");
  const offline = accepted.filter(
    (entry) => isOrders(entry) && (entry.TargetStores?.includes("OfflineStore") ?? true),
  );
  expect(after.offlineRows - before.offlineRows, told).toBe(offline.length);
  const acceptedIds = new Set(accepted.flatMap((entry) => entry.Record.map((value) => value.ValueAsString)));
  const changed = after.records.filter((row) => !before.records.some((old) => isDeepStrictEqual(old, row)));
  expect(
    changed.filter(([, recordId]) => !acceptedIds.has(String(recordId))),
    told,
  ).toEqual([]);
  expect(after.others, told).toBe(before.others);
  return refused.length;
}

interface Entry {
  readonly FeatureGroupName: string;
  readonly Record: readonly { readonly ValueAsString?: string }[];
  readonly TargetStores?: readonly string[] | null;
}

function toList(value: unknown): readonly { readonly Entry?: unknown }[] {
  return Array.isArray(value) ? value : [];
}

function tell(
  number: number,
  { method, path, headers, body }: Call,
  { status, error, body: reply }: Answer,
): string {
  const sent = Buffer.from(body ?? []).toString();
  const to = headers["x-amz-target"] ?? "";
  const request = `${method} ${path.slice(0, TOLD_CHARS)} ${to} ${sent.slice(0, TOLD_CHARS)}`;
  return `FUZZ_SEED=${SEED}, request ${number}: ${request} gave ${status} ${error} ${JSON.stringify(reply).slice(0, TOLD_CHARS)}`;
}
