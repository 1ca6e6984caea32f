import { describe, expect, inject, it } from "vitest";
import { all } from "./graph.ts";

const { dev, prod } = inject("graphs");

describe("keys", () => {
  it("rotate, and are kept for a month after their removal", () => {
    for (const graph of [dev, prod]) {
      const keys = all(graph, "aws:kms/key:Key");
      expect(keys.length).toBeGreaterThan(0);
      for (const { inputs } of keys.filter(({ inputs }) => inputs.keyUsage !== "SIGN_VERIFY"))
        expect(inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
    }
  });
});
