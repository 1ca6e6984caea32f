// Decides which functions a stage has: those that the inventory names and those behind the routes of the API, each with what its
// own bundle needs, how long it may take, and what it runs on.

import type { PortName } from "@steward/functions/_account/environment.ts";
import { getOpenApi } from "@steward/functions/api/openapi-get.ts";
import { ROUTE_FILES } from "@steward/functions/api/routes.ts";
import {
  CHUNK_WORKER,
  CONCERNS,
  fileOfTask,
  STREAM_CONSUMER,
  TASK_SECONDS,
  TASKS,
  UPKEEP,
  WORKFLOWS,
} from "@steward/workflows/inventory.ts";
import NEEDS from "./needs.json" with { type: "json" };
import type { FunctionNeeds } from "./permissions.ts";
import { workerSeconds } from "./queues.ts";
import type { StageSettings } from "./settings.ts";

export interface StageFunction {
  /** Its file within functions/: `refresh/plan-refresh`. */
  readonly name: string;
  readonly seconds: number;
  readonly needs: FunctionNeeds;
  /** Reads Parquet files on its own disk. */
  readonly hasFiles: boolean;
  /** Reaches the hot store, which lies in a network of its own. */
  readonly isInNetwork: boolean;
}

/** What an HTTP API waits for an answer (API Gateway quotas, from memory); a second less, so that the function itself says so. */
const ROUTE_SECONDS = 29;
const FILE_PORTS: readonly PortName[] = ["batchEngine", "erasureFiles", "offlineFiles"];
const HOT_PORTS: readonly PortName[] = ["hotStore", "pacer"];

export const WORKER = `writing/${CHUNK_WORKER.file}`;
export const CONSUMER = `upkeep/${STREAM_CONSUMER.file}`;
/** By file within functions/api. The last describes the others. */
export const API_ROUTES = { ...ROUTE_FILES, "openapi-get": getOpenApi };

export function listFunctions(core: StageSettings["core"]): readonly StageFunction[] {
  return [
    ...WORKFLOWS.flatMap((workflow) =>
      TASKS[workflow].map((task) => toFunction(`${workflow}/${fileOfTask(task)}`, TASK_SECONDS)),
    ),
    toFunction(WORKER, workerSeconds(core)),
    ...CONCERNS.map((concern) => toFunction(`upkeep/${UPKEEP[concern].file}`, UPKEEP[concern].seconds)),
    toFunction(CONSUMER, STREAM_CONSUMER.seconds),
    ...Object.keys(API_ROUTES).map((file) => toFunction(`api/${file}`, ROUTE_SECONDS)),
  ];
}

function toFunction(name: string, seconds: number): StageFunction {
  const needs = needsOf(name);
  const hasOne = (ports: readonly PortName[]) => ports.some((port) => port in needs);
  return { name, seconds, needs, hasFiles: hasOne(FILE_PORTS), isInNetwork: hasOne(HOT_PORTS) };
}

/** @throws Error for a function that `npm run needs` has not seen. */
export function needsOf(name: string): FunctionNeeds {
  const needs: FunctionNeeds | undefined = (NEEDS as Readonly<Record<string, FunctionNeeds>>)[name];
  if (needs === undefined) throw new Error(`stacks/needs.json has no function "${name}": npm run needs`);
  return needs;
}
