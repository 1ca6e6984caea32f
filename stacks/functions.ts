// Decides how the functions of a stage stand in Lambda: one each for what function-list.ts names, with a role, a log and an
// environment of its own. Their code is bundled by scripts/function-bundles.ts, not by SST (decisions/0026).

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { environmentOf } from "./function-environment.ts";
import { listFunctions, type StageFunction, WORKER } from "./function-list.ts";
import { type Parts, resourcesOf, variablesOf } from "./function-places.ts";
import { createFunctionRole } from "./function-roles.ts";
import { dashed, functionName } from "./names.ts";
import type { Network } from "./network.ts";
import type { Grant } from "./permissions.ts";
import type { FunctionSettings, StageSettings } from "./settings.ts";

/** What Lambda does of itself with the role of a function that reads a queue (from memory). */
const POLLING: readonly Grant[] = [
  "sqs:DeleteMessage chunks",
  "sqs:GetQueueAttributes chunks",
  "sqs:ReceiveMessage chunks",
  "kms:Decrypt dataKey sqs",
];
const LAYER_FOLDER = "/opt/nodejs/node_modules";

export function createFunctions(settings: StageSettings, network: Network, parts: Parts) {
  bundle();
  const variables = variablesOf(parts);
  const resources = resourcesOf(parts);
  const layer = createLayer();
  const coreSettings = JSON.stringify(settings.core);
  const create = (of: StageFunction): aws.lambda.Function => {
    const name = functionName(of.name);
    const logs = createLogs(dashed(of.name), name, settings.functions);
    const more = of.name === WORKER ? POLLING : [];
    const { role, policy } = createFunctionRole(name, of, { resources, logs, more });
    return new aws.lambda.Function(
      `Function-${dashed(of.name)}`,
      {
        name,
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        code: new $util.asset.FileArchive(bundleOf(of.name)),
        handler: "index.handler",
        role: role.arn,
        timeout: of.seconds,
        memorySize: of.hasFiles ? settings.functions.fileMemoryMb : settings.functions.memoryMb,
        environment: {
          variables: {
            ...environmentOf(of.needs, variables, coreSettings),
            ...(of.hasFiles && { NODE_PATH: LAYER_FOLDER }),
          },
        },
        ...(of.hasFiles && {
          layers: [layer.arn],
          ephemeralStorage: { size: settings.functions.fileDiskMb },
        }),
        ...(of.isInNetwork && {
          vpcConfig: { subnetIds: network.subnetIds, securityGroupIds: [network.functionGroup.id] },
        }),
        loggingConfig: { logFormat: "Text", logGroup: logs.name },
        tracingConfig: { mode: "Active" },
      },
      { dependsOn: [policy] },
    );
  };
  const functions = new Map(listFunctions(settings.core).map((of) => [of.name, create(of)]));
  return {
    /** @throws Error for a function that the list has not. */
    get(name: string): aws.lambda.Function {
      const found = functions.get(name);
      if (found === undefined) throw new Error(`there is no function "${name}" in functions/`);
      return found;
    },
    variables,
    resources,
    settings: coreSettings,
  };
}
export type Functions = ReturnType<typeof createFunctions>;

function createLogs(id: string, name: string, { logDays }: FunctionSettings): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(`Logs-${id}`, { name: `/aws/lambda/${name}`, retentionInDays: logDays });
}

/** DuckDB's native part, for those that read files. */
function createLayer(): aws.lambda.LayerVersion {
  return new aws.lambda.LayerVersion("DuckDb", {
    layerName: functionName("duckdb"),
    description: "DuckDB's native part, as package-lock.json names it",
    code: new $util.asset.FileArchive(join($cli.paths.root, ".sst/native/arm64")),
    compatibleRuntimes: ["nodejs24.x"],
    compatibleArchitectures: ["arm64"],
  });
}

export function bundleOf(name: string): string {
  return join($cli.paths.root, ".sst/functions", dashed(name));
}

/** Anew for every evaluation: what is deployed is what the files say. @throws Error with what the bundler said. */
function bundle(): void {
  const node = join($cli.paths.root, "node_modules/.bin/node");
  const script = join($cli.paths.root, "scripts/function-bundles.ts");
  if (!existsSync(node)) throw new Error("the pinned Node is missing: npm run bootstrap");
  const { status, stderr } = spawnSync(node, [script], { cwd: $cli.paths.root, encoding: "utf8" });
  if (status !== 0) throw new Error(`the functions could not be bundled:\n${stderr}`);
}
