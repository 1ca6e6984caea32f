import { customerActivity, customerPurchases } from "@steward/features";
import { describe, expect, it } from "vitest";
import { erasureScope } from "../../../packages/core/src/erasure/erasure-scope.ts";
import { finishAfter } from "../../../packages/core/src/erasure/remaining-copies.ts";
import { anErasureBench } from "../../support/erasures.ts";

const RETENTION_MS = 604_800_000;

describe("finishAfter", () => {
  it("is the first instant at which what arrived as it was signed is past the stream's retention", () => {
    const { ports, scope } = aScope([customerActivity, customerPurchases]);

    expect(finishAfter(ports, scope)).toBe(ports.clock.now() + RETENTION_MS + 1);
  });

  it("is at once where no stream feeds a group", () => {
    const { ports, scope } = aScope([customerPurchases]);

    expect(finishAfter(ports, scope)).toBe(ports.clock.now());
  });
});

function aScope(groups: Parameters<typeof anErasureBench>[0]) {
  const { ports } = anErasureBench(groups);
  const streams = { get: () => expect.unreachable(), retentionMs: RETENTION_MS };
  return { ports: { ...ports, streams }, scope: erasureScope(ports.definitions, "customer") };
}
