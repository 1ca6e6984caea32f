// The shape of the project: each rule holds over every file, and each is seen to fail on a sample that breaks it.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  beginsWithItsHeader,
  importsOnlyWhatItMay,
  keepsAdaptersApart,
  keepsCorePure,
  keepsModuleShape,
  type Rule,
  staysOnItsFloor,
  staysShort,
} from "../support/architecture.ts";
import { readSourceFiles } from "../support/source-files.ts";

const files = readSourceFiles(join(import.meta.dirname, "../.."));
const core = "packages/core/src";
const adapters = "packages/adapters/src";
const emulator = "packages/feature-store-emulator/src";

/** A file's path, its text, and a part of what the rule says of it; an empty one: nothing. */
type Sample = readonly [path: string, text: string, fault: string];

describe("readSourceFiles", () => {
  it("finds every part of the project", () => {
    const tops = new Set(files.map(({ path }) => path.split("/").slice(0, 2).join("/")));

    expect([...tops]).toEqual(
      expect.arrayContaining(["packages/core", "packages/adapters", "packages/feature-store-emulator"]),
    );
    expect([...tops]).toEqual(expect.arrayContaining(["functions/refresh", "workflows/refresh.ts"]));
    expect(files.length).toBeGreaterThan(150);
  });
});

describe("architecture", () => {
  rule("imports only what its part may import", importsOnlyWhatItMay, [
    [`${core}/refresh/a.ts`, 'import { x } from "@steward/adapters";', "core must not import adapters"],
    [
      `${core}/refresh/a.ts`,
      'export type { X } from "@steward/workflows/refresh.ts";',
      "must not import workflows",
    ],
    [
      `${adapters}/hot/a.ts`,
      'import { x } from "@steward/functions/refresh/a.ts";',
      "must not import functions",
    ],
    [`${adapters}/hot/a.ts`, 'import { x } from "steward-feature-store";', "must not import emulator"],
    [
      `${adapters}/hot/a.ts`,
      'import {\n  x,\n  y,\n} from "../../../core/src/index.ts";',
      "by its name, not by a path",
    ],
    [`${emulator}/a.ts`, 'import { x } from "@steward/core";', "emulator must not import core"],
    ["workflows/a.ts", 'import { x } from "@steward/adapters";', "workflows must not import adapters"],
    ["features/a.ts", 'import { x } from "../workflows/a.ts";', "features must not import workflows"],
    [
      "functions/refresh/a.ts",
      'import { x } from "@steward/workflows/a.ts";',
      "functions must not import workflows",
    ],
    ["stacks/a.ts", 'await import("@steward/adapters");', "stacks must not import adapters"],
    ["packages/local/src/a.ts", 'import "steward";', "local must not import cli"],
    [`${core}/refresh/a.ts`, 'import { x } from "../../../../test/support/a.ts";', "which is no part of it"],
    ["functions/refresh/a.ts", 'import { x } from "@steward/core";', ""],
    ["packages/local/src/a.ts", 'import { x } from "steward-feature-store";', ""],
    ["test/unit/a.test.ts", 'import { x } from "../../functions/refresh/a.ts";', ""],
  ]);

  rule("imports inside core only go down, and never from one workflow to another", staysOnItsFloor, [
    [`${core}/ledger/a.ts`, 'import { x } from "../writing/x.ts";', "it stands higher"],
    [`${core}/time/a.ts`, 'import type { X } from "../ports/x.ts";', "it stands higher"],
    [`${core}/writing/a.ts`, 'import { x } from "../refresh/x.ts";', "it stands higher"],
    [`${core}/refresh/a.ts`, 'import type { X } from "../rebuild/x.ts";', "both are workflows"],
    [`${core}/refresh/a.ts`, 'import { x } from "../erasure/x.ts";', "both are workflows"],
    [`${core}/ports/a.ts`, 'import { x } from "../definitions/x.ts";', "share types alone"],
    [`${core}/refresh/a.ts`, 'import { x } from "../control/x.ts";', "it stands higher"],
    [`${core}/reading/a.ts`, 'import { x } from "../rebuild/x.ts";', "it stands higher"],
    [`${core}/helpers/a.ts`, "", "stands on no floor"],
    [`${core}/ports/a.ts`, 'import type { X } from "../definitions/x.ts";', ""],
    [`${core}/suppression/a.ts`, 'import { x } from "../ledger/x.ts";', ""],
    [`${core}/refresh/a.ts`, 'import { x } from "../writing/x.ts";', ""],
    [`${core}/control/a.ts`, 'import { x } from "../rebuild/x.ts";', ""],
    [`${core}/rebuild/a.ts`, 'import { x } from "../remediation/x.ts";', "it stands higher"],
    [`${core}/remediation/a.ts`, 'import { x } from "../rebuild/x.ts";', ""],
    [`${core}/control/a.ts`, 'import { x } from "../remediation/x.ts";', ""],
    [`${core}/index.ts`, 'export { x } from "./refresh/x.ts";', ""],
  ]);

  rule("keeps core free of packages, environment, clock and randomness", keepsCorePure, [
    [`${core}/a.ts`, 'import { readFileSync } from "node:fs";', "core imports node:fs"],
    [`${core}/a.ts`, 'import { Redis } from "ioredis";', "core imports ioredis"],
    [`${core}/a.ts`, "const x = process.env.X;", "core uses process.env"],
    [`${core}/a.ts`, "const x = Date.now();", "core uses Date.now"],
    [`${core}/a.ts`, "const x = new Date();", "core uses new Date()"],
    [`${core}/a.ts`, "const x = Math.random();", "core uses Math.random"],
    [`${core}/a.ts`, 'import { z } from "zod";\nconst x = new Date(0); // never Date.now', ""],
    [`${adapters}/a.ts`, "const x = Date.now();", ""],
  ]);

  rule("keeps adapters apart", keepsAdaptersApart, [
    [
      `${adapters}/queue/a.ts`,
      'import { x } from "../stream/x.ts";',
      "queue must not import the adapter stream",
    ],
    [
      `${adapters}/hot/a.ts`,
      'import type { X } from "../online/x.ts";',
      "hot must not import the adapter online",
    ],
    [`${adapters}/queue/a.ts`, 'import { x } from "../sqlite/x.ts";', ""],
    [`${adapters}/queue/a.ts`, 'import { x } from "../whole-number.ts";', ""],
    [`${adapters}/index.ts`, 'export { x } from "./queue/a.ts";', ""],
  ]);

  rule("keeps modules in the shape that Node runs and a reader expects", keepsModuleShape, [
    ["workflows/a.ts", "export default 1;", "default export"],
    ["workflows/a.ts", "export { a as default };", "default export"],
    ["workflows/a.ts", 'export * from "./b.ts";', "export *"],
    ["workflows/utils.ts", "", "utils.ts"],
    ["workflows/a.ts", "export enum A { B }", "enum"],
    ["workflows/a.ts", "export const enum A { B }", "enum"],
    ["workflows/a.ts", "class A { constructor(private readonly b: string) {} }", "parameter property"],
    ["workflows/a.ts", "class A { constructor(a: B, public b: string) {} }", "parameter property"],
    ["workflows/a.ts", 'import { b } from "./b";', "must end in .ts"],
    ["workflows/a.ts", 'import { b } from "./b.js";', "must end in .ts"],
    ["workflows/a.ts", "class A { constructor(a: readonly B[], b: Map<A, readonly B[]>) {} }", ""],
    ["vitest.config.ts", "export default 1;", ""],
    ["workflows/a.ts", 'import { b } from "./b.ts";\n// export * is not used', ""],
  ]);

  rule("opens product files with what they decide", beginsWithItsHeader, [
    ["workflows/a.ts", 'import { b } from "./b.ts";', "does not say what the module decides"],
    ["workflows/a.ts", "", "does not say what the module decides"],
    ["packages/cli/src/a.ts", "#!/usr/bin/env node\n// Decides.\n", ""],
    ["test/unit/a.test.ts", 'import { b } from "./b.ts";', ""],
  ]);

  rule("keeps files short: 300 lines, 500 in tests, 60 a handler", staysShort, [
    ["workflows/a.ts", "\n".repeat(301), "301 lines, more than 300"],
    ["test/unit/a.test.ts", "\n".repeat(501), "501 lines, more than 500"],
    ["functions/refresh/a.ts", "\n".repeat(61), "61 lines, more than 60"],
    ["functions/_runtime/a.ts", "\n".repeat(61), ""],
    ["functions/_account/a.ts", "\n".repeat(61), ""],
    ["workflows/a.ts", "\n".repeat(300), ""],
    [`${core}/index.ts`, "\n".repeat(400), ""],
  ]);
});

/** The rule over the project's own files, and over samples of which each breaks it in one way or keeps it. */
function rule(title: string, check: Rule, samples: readonly Sample[]): void {
  it(title, () => {
    expect(files.flatMap(check)).toEqual([]);
  });

  for (const [path, text, fault] of samples) {
    it(`${fault === "" ? "accepts" : "refuses"} ${path}: ${JSON.stringify(text.slice(0, 60))}`, () => {
      const faults = check({ path, text });

      if (fault === "") expect(faults).toEqual([]);
      else expect(faults).toEqual([expect.stringContaining(fault)]);
    });
  }
}
