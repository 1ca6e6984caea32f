import { acceptErasure, type ErasureCall, findRequest } from "@steward/core";
import { describe, expect, it } from "vitest";
import { leaveGate } from "../../../packages/core/src/erasure/accept-erasure.ts";
import {
  forgetIdentifiers,
  listPseudonyms,
  openSubjects,
} from "../../../packages/core/src/erasure/erasure-request.ts";
import { anErasureBench } from "../../support/erasures.ts";

const CALL: ErasureCall = { entity: "customer", identifiers: ["00042"] };

describe("acceptErasure", () => {
  it("writes down a run of the erasure's machine whose scope is the entity, and starts it once", async () => {
    const { ports, started } = anErasureBench();

    const { run, isNew } = await acceptErasure(ports, CALL);

    expect(isNew).toBe(true);
    expect(run).toMatchObject({
      runId: "request-1",
      workflow: "erasure",
      group: "entity:customer",
      status: "running",
      inputs: [],
    });
    expect(started).toEqual(["request-1-1"]);
  });

  it("gives the request that is there while it awaits its certificate, and a new one afterwards", async () => {
    const { ports, started } = anErasureBench();
    const first = await acceptErasure(ports, CALL);

    const again = await acceptErasure(ports, CALL);
    await leaveGate(ports.ledger, "customer", first.run.runId);
    const later = await acceptErasure(ports, CALL);

    expect(again).toMatchObject({ isNew: false, run: { runId: first.run.runId } });
    expect(later.isNew).toBe(true);
    expect(later.run.runId).not.toBe(first.run.runId);
    expect(started).toHaveLength(2);
  });

  it("answers for some of the subjects of an open request, and begins anew where one is not among them", async () => {
    const { ports } = anErasureBench();
    const many = await acceptErasure(ports, { ...CALL, identifiers: ["1", "2", "3"] });

    const some = await acceptErasure(ports, { ...CALL, identifiers: ["3", "1"] });
    const more = await acceptErasure(ports, { ...CALL, identifiers: ["1", "4"] });

    expect(some.run.runId).toBe(many.run.runId);
    expect(more.isNew).toBe(true);
  });

  it("keeps a request apart by its key: the same key is the same, another is another, also once it has ended", async () => {
    const { ports } = anErasureBench();
    const open = await acceptErasure(ports, CALL);

    const keyed = await acceptErasure(ports, { ...CALL, key: "a" });
    await leaveGate(ports.ledger, "customer", keyed.run.runId);
    const again = await acceptErasure(ports, { ...CALL, key: "a" });

    expect(keyed.run.runId).not.toBe(open.run.runId);
    expect(again).toMatchObject({ isNew: false, run: { runId: keyed.run.runId } });
  });

  it("refuses a key that was given for other subjects, and repeats neither them nor the key", async () => {
    const { ports } = anErasureBench();
    await acceptErasure(ports, { ...CALL, key: "secret" });

    const refusal = await acceptErasure(ports, { ...CALL, identifiers: ["00043"], key: "secret" }).catch(
      String,
    );

    expect(refusal).toContain("for other subjects");
    expect(refusal).not.toMatch(/secret|00043/);
  });

  it("lets of many calls at once one be the request, and leaves nothing of the others", async () => {
    const { ports, started } = anErasureBench();

    const accepted = await Promise.all(Array.from({ length: 8 }, () => acceptErasure(ports, CALL)));

    const ids = new Set(accepted.map(({ run }) => run.runId));
    expect(ids.size).toBe(1);
    expect(accepted.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(started).toHaveLength(1);
    for (let number = 1; number <= 8; number += 1) {
      const requestId = `request-${number}`;
      if (ids.has(requestId)) continue;
      expect(await findRequest(ports.ledger, requestId)).toBeUndefined();
      expect(await listPseudonyms(ports.ledger, requestId)).toEqual([]);
    }
  });

  it.each([
    ["an unknown entity", { entity: "custom", identifiers: ["1"] }, 'there is no entity "custom"'],
    ["a name that every object has", { entity: "constructor", identifiers: ["1"] }, "no entity"],
    ["the prototype of every object", { entity: "__proto__", identifiers: ["1"] }, "no entity"],
    ["nobody", { entity: "customer", identifiers: [] }, "name at least one customer"],
    ["an empty identifier", { entity: "customer", identifiers: ["ok", ""] }, "identifier 2 of 2 is empty"],
    ["a line's end in one", { entity: "customer", identifiers: ["secret\nid"] }, "control character"],
    ["half a character", { entity: "customer", identifiers: ["secret\ud800"] }, "not well-formed"],
    [
      "one that is too long",
      { entity: "customer", identifiers: ["é".repeat(1_025)] },
      "longer than 2048 bytes",
    ],
    ["an empty key", { ...CALL, key: "" }, "1 to 256 characters"],
  ])("refuses %s by its rule, never by its value", async (_, call, rule) => {
    const { ports, started } = anErasureBench();

    const refusal = await acceptErasure(ports, call).catch(String);

    expect(refusal).toContain(rule);
    expect(refusal).not.toContain("secret");
    expect(started).toEqual([]);
  });
});

describe("the identifiers of a request", () => {
  it("stand in the ledger sealed alone, and nowhere once it has ended; the pseudonyms stay", async () => {
    const { ports } = anErasureBench();
    const identifiers = Array.from({ length: 2_500 }, (_, index) => `person-${index}`);
    const { run } = await acceptErasure(ports, { entity: "customer", identifiers });

    const items = await ports.ledger.list(`erasure-subjects#${run.runId}`);
    expect(JSON.stringify(items)).not.toContain("person-");
    expect((await openSubjects(ports, run.runId)).map(({ identifier }) => identifier)).toEqual(identifiers);

    await forgetIdentifiers(ports.ledger, run.runId);

    await expect(openSubjects(ports, run.runId)).rejects.toThrow("has ended");
    expect(await listPseudonyms(ports.ledger, run.runId)).toHaveLength(2_500);
  });
});
