import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    expect: { requireAssertions: true },
    allowOnly: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Whole platforms wait as much as they compute.
    maxWorkers: 3,
    reporters: ["default"],
  },
});
