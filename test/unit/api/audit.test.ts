// The chain of audited requests: nothing is lost when many come at once, from one process or two.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FolderObjectStore, SystemTimer } from "@steward/adapters";
import { AuditTrail, readAudit } from "@steward/functions/_runtime/api-audit.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root: string;
let objects: FolderObjectStore;
const timer = new SystemTimer();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "steward-test-"));
  objects = new FolderObjectStore({ root, timer });
});

afterEach(() => {
  objects.close();
  rmSync(root, { recursive: true, force: true });
});

const anEntry = (requestId: string) => ({
  requestId,
  principal: "token:0123456789ab",
  route: "GET /groups",
  status: 200,
  error: null,
  about: null,
});

describe("AuditTrail", () => {
  it("keeps every request of two writers at once, in one chain", async () => {
    const trails = [new AuditTrail({ objects, timer }), new AuditTrail({ objects, timer })];
    const names = Array.from({ length: 40 }, (_, index) => `request-${index}`);

    await Promise.all(names.map((name, index) => trails[index % 2]?.record(anEntry(name))));

    const kept = (await readAudit(objects)).map(({ requestId }) => requestId);
    expect(kept.toSorted()).toEqual(names.toSorted());
  });

  it("puts what comes meanwhile together: fewer objects than requests", async () => {
    const trail = new AuditTrail({ objects, timer });

    await Promise.all(Array.from({ length: 40 }, (_, index) => trail.record(anEntry(`request-${index}`))));

    expect((await objects.list("audit/")).length).toBeLessThan(10);
    expect(await readAudit(objects)).toHaveLength(40);
  });

  it("goes on after the head that another process left", async () => {
    await new AuditTrail({ objects, timer }).record(anEntry("first"));
    await new AuditTrail({ objects, timer }).record(anEntry("second"));

    expect((await readAudit(objects)).map(({ requestId }) => requestId)).toEqual(["first", "second"]);
  });
});
