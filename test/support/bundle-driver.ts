// Stands in for Lambda in a process of its own: imports the bundle that it is told, says what that did, and calls its handler with
// each event that comes. Its environment is the function's.

import { subscribe } from "node:diagnostics_channel";
import { pathToFileURL } from "node:url";

export interface Imported {
  /** By name, what each export is: `function`. */
  readonly exports: Readonly<Record<string, string>>;
  /** What the import opened or left under way: sockets, timers, watchers. */
  readonly open: readonly string[];
  readonly environment: readonly string[];
}
export interface Asked {
  readonly id: number;
  readonly event: unknown;
}
export type Answered =
  | { readonly id: number; readonly result: string }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };

/** As a function of the stage that has long enough. */
const CALL_MS = 60_000;
/** What leads to the one who drives, and the closing of a file that was read: what holds DuckDB reads by which C library Node runs. */
const NO_MATTER = new Set(["Pipe", "PipeWrap", "FSReqCallback"]);

const sockets: string[] = [];
subscribe("net.client.socket", () => sockets.push("Socket"));

const send = (message: Imported | Answered) => process.send?.(message);
const bundle = (await import(pathToFileURL(process.argv[2] ?? "").href)) as Record<string, unknown>;
send({
  exports: Object.fromEntries(Object.entries(bundle).map(([name, value]) => [name, typeof value])),
  open: [...sockets, ...process.getActiveResourcesInfo().filter((kind) => !NO_MATTER.has(kind))],
  environment: Object.keys(process.env).sort(),
});

process.on("message", async ({ id, event }: Asked) => {
  try {
    const handler = bundle.handler as (event: unknown, context: object) => Promise<unknown>;
    // Lambda answers by JSON, and with null where there is nothing.
    send({ id, result: JSON.stringify(await handler(event, contextOf(id))) ?? "null" });
  } catch (error) {
    const { name, message } = error as Error;
    send({ id, error: { name, message } });
  }
});

function contextOf(id: number) {
  const endMs = performance.now() + CALL_MS;
  return {
    functionName: "steward-test",
    awsRequestId: String(id),
    getRemainingTimeInMillis: () => endMs - performance.now(),
  };
}
