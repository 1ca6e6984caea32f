// The emulator inside a program or a test of yours, for the AWS SDK: in memory, on a free port, its clock driven.
// npm install steward-feature-store @aws-sdk/client-sagemaker @aws-sdk/client-sagemaker-featurestore-runtime
// node example.mts

import { CreateFeatureGroupCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  GetRecordCommand,
  PutRecordCommand,
  SageMakerFeatureStoreRuntimeClient,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { startFeatureStore } from "steward-feature-store";

const store = await startFeatureStore({ creationDelayMs: 0 });
const credentials = { accessKeyId: "any", secretAccessKey: "any" };
const settings = { endpoint: store.url, region: "us-east-1", credentials };
const control = new SageMakerClient(settings);
const runtime = new SageMakerFeatureStoreRuntimeClient(settings);
const driveClock = (time: string) =>
  fetch(`${store.url}/_steward/clock`, {
    method: "PUT",
    body: JSON.stringify({ nowMs: Date.parse(time) }),
  });
const read = async () => {
  const customer = { FeatureGroupName: "customers", RecordIdentifierValueAsString: "00042" };
  const { Record } = await runtime.send(new GetRecordCommand(customer));
  return Record?.map(({ ValueAsString }) => ValueAsString);
};

await control.send(
  new CreateFeatureGroupCommand({
    FeatureGroupName: "customers",
    RecordIdentifierFeatureName: "customer_id",
    EventTimeFeatureName: "event_time",
    FeatureDefinitions: [
      { FeatureName: "customer_id", FeatureType: "String" },
      { FeatureName: "event_time", FeatureType: "String" },
    ],
    OnlineStoreConfig: { EnableOnlineStore: true, TtlDuration: { Unit: "Hours", Value: 1 } },
  }),
);
await driveClock("2026-01-01T00:30:00Z");
await runtime.send(
  new PutRecordCommand({
    FeatureGroupName: "customers",
    Record: [
      { FeatureName: "customer_id", ValueAsString: "00042" },
      { FeatureName: "event_time", ValueAsString: "2026-01-01T00:00:00Z" },
    ],
  }),
);
console.log("half an hour later:", await read());
await driveClock("2026-01-01T01:00:00Z");
console.log("once it has expired:", await read());
await store.close();
