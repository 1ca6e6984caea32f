// The emulator inside a program or a test: in memory, on a free port, its clock driven. Run it with `node example.mts`.

import { startFeatureStore } from "steward-feature-store";

const store = await startFeatureStore({ creationDelayMs: 0 });
const signed = {
  authorization:
    "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0",
};
const call = async (method: string, path: string, body?: object, target?: string) => {
  const headers = target === undefined ? signed : { ...signed, "x-amz-target": `SageMaker.${target}` };
  const reply = await fetch(store.url + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return text === "" ? {} : JSON.parse(text);
};

await call(
  "POST",
  "/",
  {
    FeatureGroupName: "customers",
    RecordIdentifierFeatureName: "customer_id",
    EventTimeFeatureName: "event_time",
    FeatureDefinitions: [
      { FeatureName: "customer_id", FeatureType: "String" },
      { FeatureName: "event_time", FeatureType: "String" },
    ],
    OnlineStoreConfig: { EnableOnlineStore: true, TtlDuration: { Unit: "Hours", Value: 1 } },
  },
  "CreateFeatureGroup",
);
await call("PUT", "/_steward/clock", { nowMs: Date.parse("2026-01-01T00:30:00Z") });
await call("PUT", "/FeatureGroup/customers", {
  Record: [
    { FeatureName: "customer_id", ValueAsString: "00042" },
    { FeatureName: "event_time", ValueAsString: "2026-01-01T00:00:00Z" },
  ],
});
const read = () => call("GET", "/FeatureGroup/customers?RecordIdentifierValueAsString=00042");
console.log("half an hour later:", JSON.stringify(await read()));
await call("PUT", "/_steward/clock", { nowMs: Date.parse("2026-01-01T01:00:00Z") });
console.log("once it has expired:", JSON.stringify(await read()));
await store.close();
