// Decides: the defaults of an emulator, and the order in which it starts and stops.
// Leaves to others: its parts (emulator.ts, http/server.ts, store/database.ts).
import type { AddressInfo } from "node:net";
import { resumePassages } from "./control/group-passage.ts";
import { createEmulator, type OpenRules } from "./emulator.ts";
import { closeServer, listen } from "./http/server.ts";
import type { OfflineSink } from "./offline/sink.ts";
import { FEATURE_GROUPS_DEFAULT } from "./rules/limits.ts";
import { IN_MEMORY, openDatabase } from "./store/database.ts";

export interface FeatureStoreOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Loopback unless told otherwise: the emulator accepts any key. */
  readonly host?: string;
  /** A folder, created if needed, or ":memory:" (the default). */
  readonly state?: string;
  /** Milliseconds since 1970, for expiry and stamps; the real clock by default. PUT /_steward/clock overrides it. */
  readonly now?: () => number;
  /** Twelve digits. */
  readonly accountId?: string;
  readonly region?: string;
  /** How long a new group stays "Creating" and takes no records, and a change of it is under way, in real time. Default 100. */
  readonly creationDelayMs?: number;
  /** Default 100, AWS's own quota. */
  readonly maxGroups?: number;
  /** How long after its expiry a record is taken away, with a marker offline, on the emulator's clock. Without: never. */
  readonly expiryDelayMs?: number;
  /** Answers to what AWS's documents leave open. */
  readonly openRules?: Partial<OpenRules>;
  /** Where the files of the offline store go; without, their rows wait for ever. */
  readonly offlineSink?: OfflineSink;
  /** How long such a row may wait. Default 1000; AWS takes up to 15 minutes. */
  readonly offlineDelayMs?: number;
  /** Default false: while the clock is fixed, rows wait until it is moved past the delay. */
  readonly offlineDelayInRealTime?: boolean;
}

export interface FeatureStore {
  /** The endpoint for both services, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Finishes requests under way and frees the port and the state folder. Idempotent. */
  close(): Promise<void>;
}

const DEFAULTS = {
  port: 0,
  host: "127.0.0.1",
  state: IN_MEMORY,
  accountId: "000000000000",
  region: "us-east-1",
  creationDelayMs: 100,
  maxGroups: FEATURE_GROUPS_DEFAULT,
  offlineDelayMs: 1_000,
} as const;
const DEFAULT_OPEN_RULES: OpenRules = { equalEventTime: "keep", softDeleteOfAbsent: "nothing" };

/**
 * SageMaker Feature Store on a port of this machine, ready when the promise resolves.
 * @throws when the port is taken, or another emulator holds the state folder
 * @example
 * const store = await startFeatureStore({ state: "./state" });
 * const client = new SageMakerFeatureStoreRuntimeClient({ endpoint: store.url, region: "us-east-1" });
 */
export async function startFeatureStore(options: FeatureStoreOptions = {}): Promise<FeatureStore> {
  const { port, host, state, accountId, region, creationDelayMs, maxGroups, offlineDelayMs, offlineSink } = {
    ...DEFAULTS,
    ...options,
  };
  const database = openDatabase(state);
  const openRules = { ...DEFAULT_OPEN_RULES, ...options.openRules };
  const offline =
    offlineSink === undefined
      ? undefined
      : {
          sink: offlineSink,
          delayMs: offlineDelayMs,
          isInRealTime: options.offlineDelayInRealTime ?? false,
        };
  const emulator = createEmulator(
    database,
    {
      accountId,
      region,
      creationDelayMs,
      maxGroups,
      expiryDelayMs: options.expiryDelayMs,
      openRules,
      offline,
    },
    options.now ?? Date.now,
  );
  const server = await listen(emulator, port, host).catch((error: unknown) => {
    database.close();
    throw error;
  });
  resumePassages(emulator);
  emulator.offlineFlush?.start();
  emulator.expiry?.start();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeServer(server).then(async () => {
      emulator.expiry?.stop();
      await emulator.offlineFlush?.close();
      emulator.background.stop();
      database.close();
    });
    return closing;
  };
  const boundPort = (server.address() as AddressInfo).port;
  return { url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`, port: boundPort, close };
}
