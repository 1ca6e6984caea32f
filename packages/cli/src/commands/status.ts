// `steward status`: what is running on the state folder; starts nothing.

import type { RunState } from "@steward/core";
import type { ServiceStatus } from "@steward/local";
import { type CommandDefinition, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-code.ts";

type RunCounts = Readonly<Record<RunState, number>>;
const NO_RUNS: RunCounts = {
  running: 0,
  interrupted: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  superseded: 0,
};

interface ServiceView {
  readonly running: boolean;
  readonly url: string | null;
  readonly pid: number | null;
}

const definition: CommandDefinition<Record<never, never>> = {
  name: "status",
  summary: "show what is running: servers, clock, runs",
  examples: [
    ["status", "in words"],
    ["status --json", "addresses for scripts"],
  ],
  async run(context) {
    const services = await findServices(context);
    const { clock, runs } = await findWork(context);
    const redis = toView(services, "redis");
    const featureStore = toView(services, "feature-store");
    const api = await toApiView(context);
    const users = services[0]?.users ?? [];
    const up = redis.running && featureStore.running;
    const document = { up, stateDir: context.stateDir, redis, featureStore, api, users, clock, runs };
    context.output.result(document, () =>
      [
        `state folder   ${context.stateDir}`,
        `redis          ${toText(redis)}`,
        `feature store  ${toText(featureStore)}`,
        `api            ${toText(api)}`,
        `clock          ${clock.now}${clock.driven ? " (driven)" : ""}`,
        `runs           ${toRunsText(runs)}`,
      ].join("\n"),
    );
    return EXIT.done;
  },
};

async function findServices(context: Context): Promise<readonly ServiceStatus[]> {
  if (!context.hasState) return [];
  const { describeServices } = await import("@steward/local");
  return describeServices(context.stateDir);
}

/** The clock of a fresh folder is looked at without noting the time in it: --clock may still drive it anywhere. */
async function findWork(context: Context) {
  const view = await context.openLedger();
  const { describeRunState, listRuns, toIso } = await import("@steward/core");
  const driven = view?.clock.isDriven() ?? false;
  const clock = {
    now: driven && view !== undefined ? toIso(view.clock.now()) : new Date().toISOString(),
    driven,
  };
  const runs = { ...NO_RUNS };
  if (view !== undefined) {
    for (const run of await listRuns(view.ledger)) runs[await describeRunState(view, run)] += 1;
  }
  return { clock, runs };
}

function toView(services: readonly ServiceStatus[], name: ServiceStatus["name"]): ServiceView {
  const found = services.find((service) => service.name === name);
  return { running: found?.running ?? false, url: found?.url ?? null, pid: found?.pid ?? null };
}

async function toApiView(context: Context): Promise<ServiceView> {
  const { findApi } = await import("@steward/local");
  const found = context.hasState ? findApi(context.stateDir) : undefined;
  return { running: found !== undefined, url: found?.url ?? null, pid: found?.pid ?? null };
}

function toText({ running, url, pid }: ServiceView): string {
  if (running) return `${url} (process ${pid})`;
  return url === null ? "not running" : url;
}

function toRunsText(runs: RunCounts): string {
  const some = Object.entries(runs).filter(([, count]) => count > 0);
  return some.length === 0 ? "none yet" : some.map(([state, count]) => `${count} ${state}`).join(", ");
}

export const status = () => defineCommand(definition);
