import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "rules", include: ["test/**/*.test.ts"], exclude: ["test/infra/**"] } },
      // The stages of a deployment, evaluated once for all files.
      {
        extends: true,
        test: {
          name: "infra",
          include: ["test/infra/**/*.test.ts"],
          globalSetup: ["test/infra/global-setup.ts"],
        },
      },
    ],
    expect: { requireAssertions: true },
    allowOnly: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Whole platforms wait as much as they compute.
    maxWorkers: 3,
    reporters: ["default"],
  },
});
