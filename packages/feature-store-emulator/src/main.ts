#!/usr/bin/env node
// Decides: the command line `steward-feature-store`: flags, exit codes, and the end by a signal.
// Leaves to others: the emulator (start-feature-store.ts).
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { VERSION } from "./admin/health.ts";
import { s3Sink } from "./offline/s3-sink.ts";
import { folderSink } from "./offline/sink.ts";
import { FEATURE_GROUPS_DEFAULT } from "./rules/limits.ts";
import { type FeatureStoreOptions, startFeatureStore } from "./start-feature-store.ts";
import { IN_MEMORY } from "./store/database.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const DEFAULT_PORT = 8_190;

interface Flags {
  readonly port: number;
  readonly host: string;
  readonly state: string;
  readonly account: string;
  readonly region: string;
  readonly creationDelay: number;
  readonly maxGroups: number;
  readonly offlineDir?: string;
  readonly offlineEndpoint?: string;
  readonly offlineDelay: number;
  readonly expiryDelay: number;
  readonly equalEventTime: "keep" | "replace";
  readonly softDeleteOfAbsent: "nothing" | "tombstone";
}

const command = new Command("steward-feature-store")
  .description("Amazon SageMaker Feature Store on this machine, for the AWS SDKs as they are.")
  .version(VERSION)
  .addOption(
    new Option("--port <number>", "port; 0 takes a free one")
      .argParser(toInteger(65_535))
      .default(DEFAULT_PORT),
  )
  .option(
    "--host <address>",
    "address to listen on; any key is accepted, so mind who can reach it",
    "127.0.0.1",
  )
  .option("--state <dir>", 'folder that keeps everything, or ":memory:"', ".feature-store")
  .addOption(
    new Option("--account <id>", "account in ARNs, 12 digits").argParser(toAccount).default("000000000000"),
  )
  .option("--region <name>", "region in ARNs", "us-east-1")
  .addOption(
    new Option("--creation-delay <ms>", "time a new group stays Creating")
      .argParser(toInteger(60_000))
      .default(100),
  )
  .addOption(
    new Option("--max-groups <number>", "feature groups at most")
      .argParser(toInteger(100_000))
      .default(FEATURE_GROUPS_DEFAULT),
  )
  .option(
    "--offline-dir <dir>",
    "folder that stands for S3; s3://bucket/key lies under bucket/key (offline in the state folder)",
  )
  .option(
    "--offline-endpoint <url>",
    "S3 endpoint that takes the files instead; keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  )
  .addOption(
    new Option("--offline-delay <ms>", "time a row may wait to become part of an offline file")
      .argParser(toInteger(86_400_000))
      .default(1_000),
  )
  .addOption(
    new Option("--expiry-delay <ms>", "time after its expiry in which a record is taken away")
      .argParser(toInteger(999_999_999))
      .default(172_800_000, "172800000, two days"),
  )
  .addOption(
    new Option("--equal-event-time <rule>", "a put with the stored event time")
      .choices(["keep", "replace"])
      .default("keep"),
  )
  .addOption(
    new Option("--soft-delete-of-absent <rule>", "what it leaves online")
      .choices(["nothing", "tombstone"])
      .default("nothing"),
  )
  .allowExcessArguments(false)
  .addHelpText(
    "after",
    "\nPoint a client at it: AWS_ENDPOINT_URL_SAGEMAKER and AWS_ENDPOINT_URL_SAGEMAKER_FEATURESTORE_RUNTIME.",
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .action((flags: Flags) => serve(flags));

await command.parseAsync();

async function serve(flags: Flags): Promise<void> {
  const store = await Promise.resolve()
    .then(() => startFeatureStore(toOptions(flags)))
    .catch((error: unknown) => fail(toPlainLine(error, flags)));
  const stop = (): void => {
    store.close().then(
      () => process.exit(0),
      (error: unknown) => fail(toPlainLine(error, flags)),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  console.log(`Feature Store is ready at ${store.url}`);
}

function toOptions(flags: Flags): FeatureStoreOptions {
  return {
    port: flags.port,
    host: flags.host,
    state: flags.state,
    accountId: flags.account,
    region: flags.region,
    creationDelayMs: flags.creationDelay,
    maxGroups: flags.maxGroups,
    offlineDelayMs: flags.offlineDelay,
    expiryDelayMs: flags.expiryDelay,
    ...toSink(flags),
    openRules: { equalEventTime: flags.equalEventTime, softDeleteOfAbsent: flags.softDeleteOfAbsent },
  };
}

/** An emulator in memory has no folder of its own to put files into. */
function toSink({
  state,
  region,
  offlineDir,
  offlineEndpoint,
}: Flags): Pick<FeatureStoreOptions, "offlineSink"> {
  if (offlineEndpoint !== undefined) {
    if (!/^https?:$/.test(URL.parse(offlineEndpoint)?.protocol ?? ""))
      throw new Error("--offline-endpoint must be an http or https URL");
    const { AWS_ACCESS_KEY_ID: accessKeyId = "any", AWS_SECRET_ACCESS_KEY: secretAccessKey = "any" } =
      process.env;
    return { offlineSink: s3Sink({ endpoint: offlineEndpoint, region, accessKeyId, secretAccessKey }) };
  }
  const dir = offlineDir ?? (state === IN_MEMORY ? undefined : join(state, "offline"));
  return dir === undefined ? {} : { offlineSink: folderSink(dir) };
}

function toPlainLine(error: unknown, flags: Flags): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `port ${flags.port} is taken on ${flags.host}: choose another with --port`;
  if (code === "EACCES" && "syscall" in error && error.syscall === "listen") {
    return `port ${flags.port} needs rights that this user lacks: choose another with --port`;
  }
  return error.message;
}

function fail(line: string): never {
  console.error(`steward-feature-store: ${line}`);
  process.exit(EXIT_FAILED);
}

function toInteger(max: number): (text: string) => number {
  return (text) => {
    const isWhole = /^\d{1,9}$/.test(text) && Number(text) <= max;
    if (!isWhole) throw new InvalidArgumentError(`It must be a whole number from 0 to ${max}.`);
    return Number(text);
  };
}

function toAccount(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new InvalidArgumentError("It must be twelve digits.");
  return text;
}
