// What the README and the guide say of curl, run as it stands there against `steward up`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateSchema } from "@steward/core";
import { groupsAnswer, progressEvent, runAnswer } from "@steward/functions/_runtime/api-schemas.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toEvents } from "../support/api.ts";
import { removeStateDir } from "../support/platform.ts";
import { type RunningCommand, runSteward, startSteward } from "../support/steward-command.ts";

const ROOT = join(import.meta.dirname, "../..");
const CDNOW = join(ROOT, "data/cdnow.csv");

let cwd: string;
let state: string;
let up: RunningCommand;

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), "steward-test-"));
  state = join(cwd, ".steward");
  const filled = await runSteward(
    ["refresh", "customer-purchases", "--input", CDNOW, "--as-of", "1997-10-01", "--quiet"],
    { state },
  );
  if (filled.code !== 0) throw new Error(filled.stderr);
  up = startSteward(["up"], { state });
  await up.said("Ctrl-C");
});

afterAll(async () => {
  up.child.kill("SIGINT");
  await up.ended;
  await removeStateDir(state);
  rmSync(cwd, { recursive: true, force: true });
});

describe("the README's curl lines", () => {
  it("erase a customer with a certificate, and rebuild a group while its rate is seen", async () => {
    const lines = curlLines("README.md", "ask() { curl");
    expect(lines.length).toBeGreaterThan(5);

    const { code, stdout, stderr } = await bash(lines.map((line) => `${line}\necho; echo ----`).join("\n"));

    expect(stderr).toBe("");
    expect(code).toBe(0);
    const answers = stdout.split("----\n").map((text) => text.trim());
    const [begun = "", erased = "", certificate = "", rebuilt = ""] = answers.filter((text) => text !== "");
    expect(JSON.parse(begun)).toMatchObject({ entity: "customer", subjects: 1 });
    expect(toEvents(erased).at(-1)).toMatchObject({ event: "end", data: { state: "succeeded" } });
    const [subject] = certificateSchema.parse(JSON.parse(certificate)).subjects;
    expect(subject?.outcome).toBe("erased");
    const events = toEvents(rebuilt);
    const end = runAnswer.parse(events.at(-1)?.data);
    expect(end).toMatchObject({ workflow: "rebuild", state: "succeeded", records: { planned: 23_569 } });
    const rates = events.slice(0, -1).map(({ data }) => progressEvent.parse(data).recordsPerSecond ?? 0);
    expect(Math.max(...rates)).toBeGreaterThan(0);
  });
});

describe("the guide's curl line", () => {
  it("lists the groups", async () => {
    const lines = curlLines("docs/guide.md", "curl -H");
    expect(lines).toHaveLength(1);

    const { code, stdout } = await bash(lines.join("\n"));

    expect(code).toBe(0);
    const { groups } = groupsAnswer.parse(JSON.parse(stdout));
    expect(groups.map(({ group }) => group)).toContain("customer-purchases");
  });
});

/** Of the code block that begins so. */
function curlLines(file: string, beginning: string): readonly string[] {
  const blocks = readFileSync(join(ROOT, file), "utf8").split("```\n");
  const block = blocks.find((text) => text.startsWith(beginning));
  return (block ?? "").split("\n").filter((line) => line !== "");
}

async function bash(script: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn("bash", ["-c", script], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  const [code] = (await once(child, "close")) as [number];
  return { code, ...texts };
}
