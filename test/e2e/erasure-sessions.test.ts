// A person whom rows only name: erased by the whole workflow from the records, files and events that are others' by name.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acceptErasure, type ErasureReport, type RecordRow } from "@steward/core";
import { customerPurchases, customerSessions } from "@steward/features";
import { generateClicks } from "@steward/features/generate-clicks.ts";
import type { Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCanaries } from "../support/leak-search.ts";
import {
  at,
  exportRows,
  makeStateDir,
  openTestPlatform,
  refresh,
  removeStateDir,
} from "../support/platform.ts";
import { listFiles, readFiles } from "../support/state-contents.ts";

const GROUP = customerSessions.name;
const STORES = ["hot", "online", "offline"] as const;
const [PERSON = ""] = makeCanaries(1, 13);

let stateDir: string;
let inputs: string;
let platform: Platform;
let before: readonly RecordRow[];

beforeAll(async () => {
  stateDir = makeStateDir();
  inputs = mkdtempSync(join(tmpdir(), "steward-inputs-"));
  platform = await openTestPlatform(stateDir, {
    groups: [customerPurchases, customerSessions],
    settings: { workerLifeMs: 3_000 },
    clockMs: at("2026-03-05"),
  });
  const options = { seed: 5, customers: 40, sessions: 400, fromDay: "2026-01-01", days: 30 };
  const lines = [...generateClicks(options)].map((line) => line.replace(",0000001,", `,${PERSON},`));
  writeFileSync(join(inputs, "clicks.csv"), `${lines.join("\n")}\n`);
  await refresh(platform, GROUP, "2026-03-01", [join(inputs, "clicks.csv")]);
  before = await exportRows(platform, customerSessions, "offline");
});

afterAll(async () => {
  await platform.close();
  await removeStateDir(stateDir);
  rmSync(inputs, { recursive: true, force: true });
});

describe("the erasure of a customer whom sessions name", () => {
  it("removes those sessions from every copy, by that name alone, and leaves all others", async () => {
    const named = before.filter(({ features }) => features.customer_id === PERSON);
    const others = before.filter(({ features }) => features.customer_id !== PERSON);

    const { run } = await acceptErasure(platform.ports, { entity: "customer", identifiers: [PERSON] });
    const ended = await platform.settled(run);

    const report = ended.report as unknown as ErasureReport; // core wrote it
    expect(named.length).toBeGreaterThan(20);
    expect(report.counts).toEqual({ subjects: 1, erased: 1, nothingFound: 0, newerKept: 0 });
    for (const copy of ["online", "hot", "offline"])
      expect(report.copies.find((one) => one.copy === copy && one.name === GROUP)).toMatchObject({
        found: named.length,
        erased: named.length,
      });
    for (const store of STORES) {
      const ids = (await exportRows(platform, customerSessions, store)).map(({ recordId }) => recordId);
      expect(ids).toEqual(others.map(({ recordId }) => recordId));
    }
    const { root } = platform.folder;
    const places = readFiles(root, listFiles(root)).filter(({ bytes }) =>
      Buffer.from(bytes).includes(PERSON),
    );
    expect(places.map(({ place }) => place)).toEqual([]);
  }, 60_000);

  it("keeps them away from the next refresh", async () => {
    await refresh(platform, GROUP, "2026-03-03");

    for (const store of STORES) {
      const rows = await exportRows(platform, customerSessions, store);
      expect(rows).toHaveLength(before.filter(({ features }) => features.customer_id !== PERSON).length);
    }
  });
});
