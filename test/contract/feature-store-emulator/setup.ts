// Decides: how these tests start an emulator, reach it through the AWS SDK, and build groups and records.
// Leaves to others: every assertion.
import {
  CreateFeatureGroupCommand,
  type CreateFeatureGroupCommandInput,
  DescribeFeatureGroupCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import {
  type FeatureValue,
  GetRecordCommand,
  PutRecordCommand,
  SageMakerFeatureStoreRuntimeClient,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { type FeatureStoreOptions, startFeatureStore } from "steward-feature-store";
import { openDatabase } from "../../../packages/feature-store-emulator/src/store/database.ts";
import {
  OfflineLog,
  type OfflineRow,
} from "../../../packages/feature-store-emulator/src/store/offline-log.ts";

export interface Setup {
  readonly url: string;
  readonly runtime: SageMakerFeatureStoreRuntimeClient;
  readonly control: SageMakerClient;
  close(): Promise<void>;
}

export const ROLE_ARN = "arn:aws:iam::000000000000:role/feature-store";
const CONFIG = {
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  maxAttempts: 1,
};

/** An emulator of its own on a free port, in memory unless told otherwise; groups are ready at once. */
export async function startSetup(options: FeatureStoreOptions = {}): Promise<Setup> {
  const store = await startFeatureStore({ creationDelayMs: 0, ...options });
  const clients = connect(store.url);
  return {
    url: store.url,
    ...clients,
    close: () => {
      clients.runtime.destroy();
      clients.control.destroy();
      return store.close();
    },
  };
}

export function connect(url: string): Pick<Setup, "runtime" | "control"> {
  return {
    runtime: new SageMakerFeatureStoreRuntimeClient({ ...CONFIG, endpoint: url }),
    control: new SageMakerClient({ ...CONFIG, endpoint: url }),
  };
}

/** An online group "orders" of customer_id, event_time, count (Integral) and total (Fractional). */
export async function createOrders(
  setup: Pick<Setup, "control">,
  changes: Partial<CreateFeatureGroupCommandInput> = {},
): Promise<void> {
  await setup.control.send(
    new CreateFeatureGroupCommand({
      FeatureGroupName: "orders",
      RecordIdentifierFeatureName: "customer_id",
      EventTimeFeatureName: "event_time",
      FeatureDefinitions: [
        { FeatureName: "customer_id", FeatureType: "String" },
        { FeatureName: "event_time", FeatureType: "String" },
        { FeatureName: "count", FeatureType: "Integral" },
        { FeatureName: "total", FeatureType: "Fractional" },
      ],
      OnlineStoreConfig: { EnableOnlineStore: true },
      ...changes,
    }),
  );
}

/** The same with an offline store beside the online one. */
export async function createOrdersWithOffline(setup: Pick<Setup, "control">): Promise<void> {
  await createOrders(setup, {
    OfflineStoreConfig: { S3StorageConfig: { S3Uri: "s3://bucket/prefix" } },
    RoleArn: ROLE_ARN,
  });
}

/** A record of the group "orders". An undefined feature is left out. */
export function anOrder(features: Readonly<Record<string, string | undefined>> = {}): FeatureValue[] {
  const all = { customer_id: "c-1", event_time: "2024-05-01T10:00:00Z", count: "3", ...features };
  return Object.entries(all).flatMap(([FeatureName, ValueAsString]) =>
    ValueAsString === undefined ? [] : [{ FeatureName, ValueAsString }],
  );
}

export async function putOrder(
  setup: Pick<Setup, "runtime">,
  features: Readonly<Record<string, string | undefined>> = {},
  group = "orders",
): Promise<void> {
  await setup.runtime.send(new PutRecordCommand({ FeatureGroupName: group, Record: anOrder(features) }));
}

/** The record's features by name, or undefined when there is no record. */
export async function getOrder(setup: Setup, recordId = "c-1"): Promise<Record<string, unknown> | undefined> {
  const reply = await setup.runtime.send(
    new GetRecordCommand({ FeatureGroupName: "orders", RecordIdentifierValueAsString: recordId }),
  );
  if (reply.Record === undefined) return undefined;
  return Object.fromEntries(reply.Record.map((value) => [value.FeatureName, value.ValueAsString]));
}

/** The status that DescribeFeatureGroup reports, or undefined once the group is gone. */
export async function statusOf(setup: Pick<Setup, "control">, group = "orders"): Promise<string | undefined> {
  try {
    const reply = await setup.control.send(new DescribeFeatureGroupCommand({ FeatureGroupName: group }));
    return reply.FeatureGroupStatus;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFound") return undefined;
    throw error;
  }
}

/** The name, HTTP status and message of the error that a call ends with. */
export async function errorOf(
  call: Promise<unknown>,
): Promise<{ name: string; status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const metadata: unknown = Reflect.get(error, "$metadata");
    const status = Number(Object(metadata).httpStatusCode);
    return { name: error.name, status, message: error.message };
  }
  throw new Error("the call was expected to fail");
}

/** A call to the emulator's own endpoints. */
export async function admin(
  setup: Pick<Setup, "url">,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const reply = await fetch(`${setup.url}/_steward/${path}`, init);
  return reply.json();
}

/** What a closed emulator has kept for the offline store of its first group. */
export function readOfflineRows(state: string): readonly OfflineRow[] {
  const database = openDatabase(state);
  try {
    return [...new OfflineLog(database.sql).rows(1)];
  } finally {
    database.close();
  }
}
