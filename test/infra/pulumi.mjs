#!/usr/bin/env node
// Stands in for the `pulumi` executable that the SST command starts (SST_PULUMI_PATH). Its `preview` runs the program that
// SST bundled under Pulumi's own mocks. Once nothing is left to do, which is when the real runner calls a program finished,
// it writes every registered resource to $SST_GRAPH and answers SST with an event log and a state, as the engine would.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { answersFor } from "./account-answers.mjs";

const argv = process.argv.slice(2);
const option = (name) => argv[argv.indexOf(name) + 1];
if (argv[0] !== "preview") throw new Error(`The pulumi stand-in cannot run: ${argv.join(" ")}`);
const [, project, stage] = option("--stack").split("/");
const config = Object.fromEntries(
  argv
    .flatMap((a, i) =>
      argv[i - 1] === "--config" ? [[a.slice(0, a.indexOf("=")), a.slice(a.indexOf("=") + 1)]] : [],
    )
    .sort(),
);
const region = config["aws:region"];
const bundle = /^main: (.*)$/m.exec(readFileSync("Pulumi.yaml", "utf8"))[1];
const platform = path.dirname(bundle);
const root = path.resolve(platform, "../..");
const stateFile = path.resolve(".pulumi/stacks", project, `${stage}.json`);

// the copy of Pulumi that the SST components use
const require = createRequire(path.join(platform, "package.json"));
const pulumi = require("@pulumi/pulumi");
const { MockMonitor } = require("@pulumi/pulumi/runtime/mocks");
const { leakedPromises } = require("@pulumi/pulumi/runtime/debuggable");
const rpc = require("@pulumi/pulumi/runtime/rpc");
const settings = require("@pulumi/pulumi/runtime/settings");
const resproto = require("@pulumi/pulumi/proto/resource_pb");
const structproto = require("google-protobuf/google/protobuf/struct_pb");

// SST ends physical names with 8 random letters: make them the same in every run
require("node:crypto").randomBytes = (size) => Buffer.alloc(size, 1);

const resources = [];
const errors = new Map();
const fail = (e) => errors.set(e?.message ?? String(e), e?.stack ?? String(e));
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

const { provision, functions } = answersFor(region);

// ---- the engine's side of the wire ---------------------------------------------------------
const isSecret = (v) =>
  v !== null &&
  typeof v === "object" &&
  (v[rpc.specialSigKey] === rpc.specialSecretSig || Object.values(v).some(isSecret));
function plain(v) {
  if (v === null || typeof v !== "object") return v;
  if (Array.isArray(v)) return v.map(plain);
  const at = v.path && path.relative(root, v.path);
  switch (v[rpc.specialSigKey]) {
    case rpc.specialSecretSig:
      return plain(v.value);
    case rpc.specialAssetSig:
      return { asset: at ?? v.uri ?? v.text };
    case rpc.specialArchiveSig:
      return { archive: at ?? v.uri ?? plain(v.assets) };
    case rpc.specialResourceSig:
      return { resource: v.urn };
  }
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)]));
}
const mocks = {
  newResource: () => {
    throw new Error("unused, see Monitor");
  },
  call({ token, inputs }) {
    const fn = functions[token];
    if (fn) return { id: token, ...fn(plain(inputs)) };
    const error = new Error(`test/infra/pulumi.mjs has no answer for the provider function ${token}`);
    fail(error);
    throw error;
  },
};
class Monitor extends MockMonitor {
  // As the engine builds it. Pulumi's MockMonitor puts the stack into every type, which then shows in SST's links.
  newUrn(parent, type, name) {
    const parentType = parent ? parent.split("::")[2] : "";
    const qualified = parentType && parentType !== "pulumi:pulumi:Stack" ? `${parentType}$${type}` : type;
    return `urn:pulumi:${stage}::${project}::${qualified}::${name}`;
  }
  // Pulumi's MockMonitor tells mocks neither parent nor options, and accepts a URN twice.
  #register(req, wireInputs, extra) {
    const [type, name] = [req.getType(), req.getName()];
    const urn = this.newUrn(req.getParent(), type, name);
    if (this.resources.has(urn)) throw new Error(`Duplicate resource URN '${urn}'`);
    this.resources.set(urn, { urn });
    const inputs = plain(wireInputs);
    const custom = extra.custom ?? true;
    const { id, state } = custom ? provision(type, extra.id || name, inputs) : { id: "", state: {} };
    const secrets = [
      ...Object.keys(wireInputs).filter((k) => isSecret(wireInputs[k])),
      ...req.getAdditionalsecretoutputsList(),
    ];
    const wire = { ...wireInputs, ...JSON.parse(JSON.stringify(state)) };
    for (const k of secrets)
      if (k in wire && !isSecret(wire[k]))
        wire[k] = { [rpc.specialSigKey]: rpc.specialSecretSig, value: wire[k] };
    resources.push({
      urn,
      type,
      name,
      custom,
      id: extra.id || id || undefined,
      parent: req.getParent() || undefined,
      read: extra.read,
      inputs,
      secretInputs: Object.keys(wireInputs).filter((k) => isSecret(wireInputs[k])),
      options: extra.options ?? {},
    });
    this.resources.set(urn, { urn, id: extra.id || id, state: wire });
    return { urn, id: extra.id || id, object: structproto.Struct.fromJavaScript(wire) };
  }
  async registerResource(req, callback) {
    try {
      const { urn, id, object } = this.#register(req, req.getObject().toJavaScript(), {
        custom: req.getCustom(),
        id: req.getImportid(),
        options: {
          protect: req.getProtect() || undefined,
          retainOnDelete: req.getRetainondelete() || undefined,
          deleteBeforeReplace: req.getDeletebeforereplacedefined() ? req.getDeletebeforereplace() : undefined,
          ignoreChanges: req.getIgnorechangesList(),
          dependsOn: req.getDependenciesList(),
        },
      });
      const response = new resproto.RegisterResourceResponse();
      response.setUrn(urn);
      response.setId(id);
      response.setObject(object);
      callback(null, response);
    } catch (error) {
      callback(error, undefined);
    }
  }
  async readResource(req, callback) {
    try {
      const { urn, object } = this.#register(req, req.getProperties().toJavaScript(), {
        id: req.getId(),
        read: true,
      });
      const response = new resproto.ReadResourceResponse();
      response.setUrn(urn);
      response.setProperties(object);
      callback(null, response);
    } catch (error) {
      callback(error, undefined);
    }
  }
  registerResourceOutputs(req, callback) {
    const found = resources.find((r) => r.urn === req.getUrn());
    if (found) found.outputs = plain(req.getOutputs().toJavaScript());
    callback(null, {});
  }
}

await pulumi.runtime.setMocks(mocks, project, stage, false);
settings.setMockOptions(new Monitor(mocks), project, stage, false);
pulumi.runtime.setAllConfig(config);

process.on("beforeExit", () => {
  const [leaks, message] = leakedPromises();
  if (leaks.size > 0 && errors.size === 0) fail(new Error(message));
  writeFileSync(
    process.env.SST_GRAPH,
    JSON.stringify({
      config,
      resources: resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1)),
      errors: [...errors.values()],
    }),
  );

  let sequence = 0;
  const event = (body) =>
    appendFileSync(
      option("--event-log"),
      `${JSON.stringify({ sequence: sequence++, timestamp: 0, ...body })}\n`,
    );
  const states = resources.map(({ urn, type, custom, id, parent, inputs, outputs: out }) => ({
    urn,
    type,
    custom,
    id,
    parent,
    inputs,
    outputs: { ...inputs, ...out },
  }));
  for (const s of states)
    event({
      resOutputsEvent: {
        metadata: { op: "create", urn: s.urn, type: s.type, old: null, new: s, detailedDiff: {} },
      },
    });
  for (const message of errors.keys())
    event({ diagnosticEvent: { message, color: "never", severity: "error" } });
  event({ summaryEvent: { resourceChanges: { create: states.length } } });
  // SST reads links out of the state to generate sst-env.d.ts
  const state = JSON.parse(readFileSync(stateFile, "utf8"));
  state.checkpoint.latest.resources = states
    .filter((s) => !s.custom)
    .map(({ urn, type, custom, outputs: out }) => ({ urn, type, custom, outputs: out }));
  writeFileSync(stateFile, JSON.stringify(state));
  process.exit(errors.size > 0 ? 1 : 0);
});

await pulumi.runtime
  .runInPulumiStack(async () => (await import(pathToFileURL(bundle).href)).default)
  .catch(fail);
