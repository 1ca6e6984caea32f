// Work without a run of its own: registered before it reads, alive while it says so, and told when it no longer counts.

import {
  beginComputation,
  endAsOf,
  findGreatestAsOf,
  listOpenAsOfs,
  settleSuppressions,
  toEpochMs,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { aLedger, DrivenTimer } from "../../support/durable-stores.ts";

const SUBJECT = "abc".padEnd(64, "1");
const AS_OF = toEpochMs(2_000);

function somePorts() {
  const timer = new DrivenTimer(10_000);
  return {
    ledger: aLedger(),
    timer,
    settings: { leaseMs: 500 } as never,
    holders: { current: () => "process-1", isGone: () => false },
  };
}

const begin = (ports: ReturnType<typeof somePorts>, id = "export-1") =>
  beginComputation(ports, ["customer", "product"], { id, asOfMs: AS_OF });

describe("beginComputation", () => {
  it("registers for every entity with its process and an end, and has their suppressions", async () => {
    const ports = somePorts();
    await settleSuppressions(ports.ledger, "product", "request-1", [SUBJECT], toEpochMs(7));

    const { suppressions } = await begin(ports);

    expect(suppressions).toEqual([{ entity: "product", pseudonym: SUBJECT, untilMs: 7 }]);
    for (const entity of ["customer", "product"]) {
      expect(await listOpenAsOfs(ports.ledger, entity)).toEqual([
        {
          runId: "export-1",
          attempt: 1,
          asOfMs: AS_OF,
          ended: false,
          process: "process-1",
          expiresAtMs: 10_500,
        },
      ]);
      expect(await findGreatestAsOf(ports.ledger, entity)).toBe(AS_OF);
    }
  });

  it("puts off its end for as long as it is kept", async () => {
    const ports = somePorts();
    const computation = await begin(ports);
    ports.timer.advance(400);

    await computation.keep();

    const [open] = await listOpenAsOfs(ports.ledger, "customer");
    expect(open?.expiresAtMs).toBe(10_900);
  });

  it("leaves no registration behind, and the greatest as-of", async () => {
    const ports = somePorts();
    const [one, other] = [await begin(ports), await begin(ports, "export-2")];

    await one.end();

    expect((await listOpenAsOfs(ports.ledger, "customer")).map(({ runId }) => runId)).toEqual(["export-2"]);
    await other.end();
    expect((await ports.ledger.list("as-ofs#customer")).map(({ sort }) => sort)).toEqual(["greatest"]);
  });

  it("may not go on once it was ended by another, for whichever entity", async () => {
    const ports = somePorts();
    const computation = await begin(ports);

    await endAsOf(ports.ledger, "product", { runId: "export-1", attempt: 1 });

    await expect(computation.keep()).rejects.toThrow(expect.objectContaining({ name: "LeaseLostError" }));
    await expect(computation.end()).resolves.toBeUndefined();
  });
});
