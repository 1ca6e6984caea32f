// The rules of BatchEngine.inspect: what can be said of a file without parsing its rows.

import { createHash } from "node:crypto";
import { InvalidInputError } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type BatchEngineHarness,
  type OpenBatchEngine,
  READINGS_HEADER,
  readings,
} from "../support/batch-engine-harness.ts";

const ROW = "m1,2025-01-01,1,2.50,,,,\n";

export function describeInspect(open: OpenBatchEngine): void {
  describe("inspect", () => {
    let harness: BatchEngineHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const inspect = async (content: string | Uint8Array) =>
      harness.engine.inspect(readings, { name: await harness.handIn("input.csv", content) });
    const refusal = async (content: string | Uint8Array): Promise<string> => {
      const error: unknown = await inspect(content).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(InvalidInputError);
      return error instanceof Error ? error.message : "";
    };

    it("names a file by the SHA-256 of its bytes and its size", async () => {
      const content = `${READINGS_HEADER}\n${ROW}`;

      const file = await inspect(content);

      expect(file.contentId).toBe(createHash("sha256").update(content).digest("hex"));
      expect(file.sizeBytes).toBe(Buffer.byteLength(content));
    });

    it("takes a byte order mark, CRLF line ends and a quoted header", async () => {
      const content = `\ufeff${READINGS_HEADER.replace("id", '"id"')}\r\n${ROW.replace("\n", "\r\n")}`;

      expect((await inspect(content)).sizeBytes).toBe(Buffer.byteLength(content));
    });

    it("takes a file of a header alone", async () => {
      expect((await inspect(`${READINGS_HEADER}\n`)).sizeBytes).toBe(READINGS_HEADER.length + 1);
    });

    it("refuses a file that is not there, naming it", async () => {
      const name = (await harness.handIn("input.csv", "")).replace("input.csv", "missing.csv");
      const missing = harness.engine.inspect(readings, { name });

      await expect(missing).rejects.toThrow(`"${name}" does not exist`);
      await expect(missing).rejects.toBeInstanceOf(InvalidInputError);
    });

    it.each([
      ["an empty file", "", /is empty/],
      ["a missing column", `${READINGS_HEADER.replace(",note", "")}\n`, /lacks the column "note"/],
      ["an unknown column", `${READINGS_HEADER},colour\n`, /unknown column "colour"/],
      ["a column given twice", `${READINGS_HEADER},note\n`, /the column "note" twice/],
      [
        "reordered columns",
        "at,id,count,amount,read_on,weight,active,note\n",
        /another order \("id", "at"\)/,
      ],
      [
        "columns named in another case",
        `${READINGS_HEADER.replace("note", "Note")}\n`,
        /lacks the column "note"/,
      ],
      [
        "a last row without a line end",
        `${READINGS_HEADER}\n${ROW.trimEnd()}`,
        /last row may be cut; compare it/,
      ],
      [
        "a file cut inside a quote",
        `${READINGS_HEADER}\nm1,2025-01-01,1,2.50,,,,"a\n`,
        /a quote that is never closed/,
      ],
      ["a header without a line end", READINGS_HEADER, /may be cut/],
    ])("refuses %s, saying which rule is broken", async (_, content, rule) => {
      expect(await refusal(content)).toMatch(rule);
    });

    it("says no cell of a file that has no header", async () => {
      const message = await refusal("qwjxkvzpmtrhbnfd,2025-01-01,1,2.50,,,,\n");

      expect(message).toMatch(/has no header line/);
      expect(message).not.toContain("qwjxkvzpmtrhbnfd");
    });
  });
}
