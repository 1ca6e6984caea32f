// What Lambda and Glue are given runs: each bundle of both stages is imported as it would be there, by a Node that has its
// environment and nothing else.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { PORT_VARIABLES, type PortName } from "@steward/functions/_account/environment.ts";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { nativeFolder } from "../../scripts/native-packages.ts";
import NEEDS from "../../stacks/needs.json" with { type: "json" };
import { startBundle } from "../support/bundle-process.ts";
import { all, type Graph, one } from "./graph.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FUNCTION = "aws:lambda/function:Function";
const OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2";
const LAYER = "/opt";
/** All variables of a function together (Lambda quotas, read 2026-11-22). */
const MAX_ENVIRONMENT_BYTES = 4_096;
/** Of the code of a function with its layer, unpacked (Lambda quotas, read 2026-11-22). */
const MAX_CODE_BYTES = 250 * 1024 * 1024;
/** The code alone: the largest has 2.1 MB, and a client of AWS more would be some 0.2 MB. */
const MAX_BUNDLE_BYTES = 2_500_000;
/** ELF's numbers of the machines (e_machine). */
const MACHINES = { x64: 0x3e, arm64: 0xb7 };
const FILE_PORTS = ["batchEngine", "erasureFiles", "offlineFiles"];
const SECRETS = "Secrets Manager";

/** The services that a port calls, as their clients name them. */
const SERVICES: Readonly<Record<PortName, readonly string[]>> = {
  batchEngine: ["S3", SECRETS],
  chunkQueue: ["SQS"],
  erasureFiles: ["S3", SECRETS],
  // Calls none: the client lends its credentials, which sign the tokens of ElastiCache.
  hotStore: [SECRETS],
  incoming: ["S3"],
  ledger: ["DynamoDB"],
  metricHistory: ["CloudWatch"],
  metrics: [],
  objects: ["S3"],
  offlineFiles: ["S3", SECRETS],
  onlineStore: ["SageMaker", "SageMaker FeatureStore Runtime"],
  pacer: [SECRETS],
  pager: ["SNS"],
  pseudonymiser: [SECRETS],
  sealer: [SECRETS],
  signer: ["KMS"],
  stateMachines: ["SFN"],
  streams: ["Kinesis"],
};
/** Every client may ask them for its own credentials. */
const OF_CREDENTIALS = new Set(["SSO", "SSO OIDC", "STS", "Signin"]);

/** How a service is named where a network reaches it. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  CloudWatch: "monitoring",
  DynamoDB: "dynamodb",
  Kinesis: "kinesis-streams",
  KMS: "kms",
  S3: "s3",
  SageMaker: "sagemaker.api",
  "SageMaker FeatureStore Runtime": "sagemaker.featurestore-runtime",
  [SECRETS]: "secretsmanager",
  SFN: "states",
  SNS: "sns",
  SQS: "sqs",
};

interface Deployed {
  readonly folder: string;
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
}

const { dev, prod } = inject("graphs");
/** By the name of its folder. Both stages have the same; what is imported has the variables of prod. */
const deployed = deployedIn(prod);
const portsOf = new Map(
  Object.entries(NEEDS).map(([name, needs]) => [name.replaceAll("/", "-"), Object.keys(needs) as PortName[]]),
);

function deployedIn(graph: Graph): ReadonlyMap<string, Deployed> {
  const functions = all(graph, FUNCTION).map(({ inputs }): Deployed => {
    const { code, handler, environment } = inputs;
    return { folder: join(ROOT, code.archive), handler, variables: environment.variables };
  });
  const { source } = one(graph, OBJECT, "BatchBundle").inputs;
  const [job] = jobsOf(graph);
  const batch: Deployed = {
    folder: join(ROOT, source.archive["."].archive),
    handler: "index.handler",
    // Beside the bundle lies what a layer is to a function.
    variables: { ...JSON.parse(job?.["--environment"] ?? "{}"), NODE_PATH: `${LAYER}/nodejs/node_modules` },
  };
  return new Map([...functions, batch].map((found) => [basename(found.folder), found]));
}

/** The default arguments of each batch job. */
function jobsOf(graph: Graph): readonly Readonly<Record<string, string>>[] {
  return all(graph, "aws:glue/job:Job").map(({ inputs }) => inputs.defaultArguments);
}

/** What each has that `look` finds in it, by its name. */
function eachOf<T>(look: (found: Deployed, name: string) => T): Readonly<Record<string, T>> {
  return Object.fromEntries([...deployed].map(([name, found]) => [name, look(found, name)]));
}

function portsFor<T>(look: (ports: readonly PortName[]) => T): Readonly<Record<string, T>> {
  return eachOf((_, name) => look(portsOf.get(name) ?? []));
}

function textOf({ folder }: Pick<Deployed, "folder">): string {
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
}

/** The services whose clients lie in a bundle. */
function clientsIn(of: Pick<Deployed, "folder">): readonly string[] {
  const clients = textOf(of).matchAll(/serviceId:\w+\?\.serviceId\?\?`([^`]+)`/g);
  return sorted([...clients].map(([, name = ""]) => name).filter((name) => !OF_CREDENTIALS.has(name)));
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((bytes, { parentPath, name }) => bytes + statSync(join(parentPath, name)).size, 0);
}

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();

describe("the functions of a stage", () => {
  it("have the same bundles and the same variables in both stages", () => {
    const names = [...deployedIn(dev)].map(([name, { variables }]) => [name, Object.keys(variables).sort()]);

    expect(names).toEqual(
      [...deployed].map(([name, { variables }]) => [name, Object.keys(variables).sort()]),
    );
    expect([...deployed.keys()].sort()).toEqual([...portsOf.keys()].sort());
    expect(deployed.size).toBeGreaterThan(60);
  });

  it("have the variables of their ports, the settings, and where DuckDB lies if they read files: no others", () => {
    const found = eachOf(({ variables }) => sorted(Object.keys(variables)));

    expect(found).toEqual(
      portsFor((ports) =>
        sorted([
          "STEWARD_SETTINGS",
          ...ports.flatMap((port) => PORT_VARIABLES[port].map((name) => `STEWARD_${name}`)),
          ...(ports.some((port) => FILE_PORTS.includes(port)) ? ["NODE_PATH"] : []),
        ]),
      ),
    );
  });

  it("have every variable that their code asks for, and ask for every one that they have", () => {
    const known = Object.values(PORT_VARIABLES).flat();

    const asked = eachOf((found) => {
      const text = textOf(found);
      return sorted(known.filter((name) => text.includes(`\`${name}\``)).map((name) => `STEWARD_${name}`));
    });

    const given = eachOf(({ variables }) =>
      sorted(Object.keys(variables).filter((name) => name !== "NODE_PATH" && name !== "STEWARD_SETTINGS")),
    );
    expect(asked).toEqual(given);
  });

  it("have no value that is empty, and together no more than Lambda takes", () => {
    const entries = [...deployed.values()].map(({ variables }) => Object.entries(variables));

    expect(entries.flat().filter(([, value]) => typeof value !== "string" || value === "")).toEqual([]);
    expect(
      Math.max(
        ...entries.map((of) => of.reduce((bytes, [name, value]) => bytes + name.length + value.length, 0)),
      ),
    ).toBeLessThan(MAX_ENVIRONMENT_BYTES);
  });
});

describe("the bundle of each function", () => {
  let copies: string;
  beforeAll(() => {
    copies = mkdtempSync(join(tmpdir(), "steward-bundles-"));
  });
  afterAll(() => rmSync(copies, { recursive: true, force: true }));

  /** Out of the project, whose packages lie above its own folder; without a right to write, to start a process or, but for
   * DuckDB, to load native code. */
  async function importAsDeployed(name: string, { folder, variables }: Deployed) {
    const copy = join(copies, name);
    cpSync(folder, copy, { recursive: true });
    const { NODE_PATH, ...own } = variables;
    const native = nativeFolder(process.arch === "arm64" ? "arm64" : "x64");
    const path = NODE_PATH === undefined ? {} : { NODE_PATH: NODE_PATH.replace(LAYER, native) };
    const bundle = await startBundle({
      folder: copy,
      environment: { ...own, ...path, AWS_REGION: "us-east-1" },
      flags: ["--permission", "--allow-fs-read=*", ...(NODE_PATH === undefined ? [] : ["--allow-addons"])],
    });
    const { exports, open, environment } = bundle.imported;
    return { exports, open, environment, exitCode: await bundle.leave() };
  }

  it("imports in a fresh Node with its environment alone, gives a handler, opens nothing and lets the process end", async () => {
    const left = [...deployed];
    const found: Record<string, unknown> = {};
    const importOneByOne = async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop())
        found[next[0]] = await importAsDeployed(...next);
    };

    await Promise.all([importOneByOne(), importOneByOne()]);

    expect(found).toEqual(
      eachOf(({ handler, variables }) => ({
        exports: { [handler.replace("index.", "")]: "function" },
        open: [],
        environment: sorted(["AWS_REGION", ...Object.keys(variables)]),
        exitCode: 0,
      })),
    );
  });

  it("has the clients of its own ports and no others", () => {
    const found = eachOf(clientsIn);

    expect(found).toEqual(portsFor((ports) => sorted(ports.flatMap((port) => SERVICES[port]))));
  });

  it("reaches what its clients call, where it stands in the network: there is an endpoint for each, and no other", () => {
    const inNetwork = all(prod, FUNCTION).filter(({ inputs }) => inputs.vpcConfig !== undefined);
    const endpoints = all(prod, "aws:ec2/vpcEndpoint:VpcEndpoint");

    const called = inNetwork.flatMap(({ inputs }) => clientsIn({ folder: join(ROOT, inputs.code.archive) }));

    expect(inNetwork.length).toBeGreaterThan(10);
    expect(sorted(endpoints.map(({ inputs }) => inputs.serviceName))).toEqual(
      sorted(called.map((service) => `com.amazonaws.us-east-1.${ENDPOINTS[service]}`)),
    );
  });

  it("asks for DuckDB only where files are read", () => {
    const found = eachOf((of) => textOf(of).includes("@duckdb/node-bindings"));

    expect(found).toEqual(portsFor((ports) => ports.some((port) => FILE_PORTS.includes(port))));
  });

  it("is small, and with its layer within what Lambda takes", () => {
    const sizes = [...deployed.values()].map(({ folder }) => sizeOf(folder));

    expect(Math.max(...sizes)).toBeLessThan(MAX_BUNDLE_BYTES);
    expect(Math.max(...sizes) + sizeOf(nativeFolder("arm64"))).toBeLessThan(MAX_CODE_BYTES);
  });
});

describe("the batch jobs of a stage", () => {
  it("are told the same, and find the bundle by the name that their script opens", () => {
    const { bucket, key } = one(prod, OBJECT, "BatchBundle").inputs;
    const script = one(prod, OBJECT, "BatchScript").inputs;

    const told = jobsOf(prod).map((given) => [given["--environment"], given["--extra-files"]]);

    expect(new Set(told.map(String)).size).toBe(1);
    expect(told[0]).toEqual([expect.stringContaining("STEWARD_"), `s3://${bucket}/${key}`]);
    expect(readFileSync(join(ROOT, script.source.asset), "utf8")).toContain(`BUNDLE = "${basename(key)}"`);
    for (const { inputs } of all(prod, "aws:glue/job:Job"))
      expect(inputs.command.scriptLocation).toBe(`s3://${script.bucket}/${script.key}`);
  });
});

describe("DuckDB's native part", () => {
  it("is the one of the machine that it goes to: arm64 for Lambda, x64 for Glue", () => {
    const layer = one(prod, "aws:lambda/layerVersion:LayerVersion", "DuckDb").inputs;
    const { source } = one(prod, OBJECT, "BatchBundle").inputs;
    const functions = all(prod, FUNCTION).filter(({ inputs }) => inputs.layers !== undefined);

    expect(machinesIn(join(ROOT, layer.code.archive, "nodejs/node_modules"))).toEqual([MACHINES.arm64]);
    expect(machinesIn(join(ROOT, source.archive.node_modules.archive))).toEqual([MACHINES.x64]);
    expect(sorted(functions.flatMap(({ inputs }) => inputs.architectures))).toEqual(["arm64"]);
    expect(functions).toHaveLength(
      [...deployed.values()].filter(({ variables }) => variables.NODE_PATH).length - 1,
    );
  });
});

/** Of all native code below a folder. */
function machinesIn(folder: string): readonly number[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.(node|so)$/.test(file),
  );
  return [...new Set(files.map((file) => readFileSync(join(folder, file)).readUInt16LE(18)))];
}
