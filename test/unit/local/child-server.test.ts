import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, stopServer } from "../../../packages/local/src/services/child-server.ts";

let folder: string;
const ports: number[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-child-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("startServer", () => {
  it("tries another port where the server ends at once, as one does whose port was taken meanwhile", async () => {
    const started = await startServer(undefined, (port) => {
      ports.push(port);
      return server(ports.length === 1 ? "process.exit(1)" : "setInterval(() => {}, 1000)", ports.length > 1);
    });

    expect(ports).toHaveLength(2);
    expect(started.port).toBe(ports[1]);
    await stopServer(started.process);
  });

  it("gives up after three, saying which server it was and where its log lies", async () => {
    const starting = startServer(undefined, () => server("process.exit(3)", false));

    await expect(starting).rejects.toThrow(
      /^A server did not start \(it ended with code 3\): see .*server\.log$/,
    );
  });
});

function server(script: string, ready: boolean) {
  return {
    title: "A server",
    command: process.execPath,
    arguments: ["-e", script],
    logFile: join(folder, "server.log"),
    isReady: async () => ready,
  };
}
