// What is asked of SageMaker Feature Store when a group is created.

import {
  boolean,
  count,
  date,
  decimal,
  entity,
  featureGroup,
  instant,
  latest,
  mean,
  source,
  sum,
  text,
  toCreateFeatureGroupInput,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { aFeatureGroup } from "../../support/builders.ts";

const PLACEMENT = {
  offlineUri: "s3://features/offline",
  roleArn: "arn:aws:iam::123456789012:role/feature-store",
};

describe("toCreateFeatureGroupInput", () => {
  it("asks for both stores, the identifier and the event time first, features ascending by name", () => {
    expect(toCreateFeatureGroupInput(aFeatureGroup(), PLACEMENT)).toEqual({
      FeatureGroupName: "customer-orders",
      RecordIdentifierFeatureName: "customer_id",
      EventTimeFeatureName: "event_time",
      FeatureDefinitions: [
        { FeatureName: "customer_id", FeatureType: "String" },
        { FeatureName: "event_time", FeatureType: "String" },
        { FeatureName: "avg_order_value_30d", FeatureType: "Fractional" },
        { FeatureName: "last_channel", FeatureType: "String" },
        { FeatureName: "last_ordered_at", FeatureType: "String" },
        { FeatureName: "orders_30d", FeatureType: "Integral" },
      ],
      OnlineStoreConfig: { EnableOnlineStore: true },
      OfflineStoreConfig: { S3StorageConfig: { S3Uri: "s3://features/offline" }, TableFormat: "Glue" },
      RoleArn: "arn:aws:iam::123456789012:role/feature-store",
      Tags: [
        { Key: "steward:owner", Value: "growth" },
        { Key: "steward:entity", Value: "customer" },
        { Key: "steward:pii", Value: "false" },
      ],
    });
  });

  it("gives each kind of value the type in which Feature Store keeps it", () => {
    const columns = { id: text(), at: instant(), on: date(), gift: boolean(), amount: decimal(10, 2) };
    const group = featureGroup("kinds", {
      entity: entity("customer", { key: "id" }),
      source: source("orders", { columns, eventTime: "at" }),
      owner: "growth",
      features: {
        a_count: count(),
        b_sum: sum("amount"),
        c_mean: mean("amount"),
        d_gift: latest("gift"),
        e_on: latest("on"),
        f_at: latest("at"),
        g_id: latest("id"),
      },
    });

    const types = toCreateFeatureGroupInput(group, PLACEMENT).FeatureDefinitions.slice(2);

    expect(types.map(({ FeatureType }) => FeatureType)).toEqual([
      "Integral",
      "Fractional",
      "Fractional",
      "Integral",
      "String",
      "String",
      "String",
    ]);
  });

  it("asks for the ttl in seconds, online alone", () => {
    const input = toCreateFeatureGroupInput(aFeatureGroup({ ttl: "30 days" }), PLACEMENT);

    expect(input.OnlineStoreConfig.TtlDuration).toEqual({ Unit: "Seconds", Value: 2_592_000 });
  });

  it("encrypts both stores with the key that is given", () => {
    const input = toCreateFeatureGroupInput(aFeatureGroup(), { ...PLACEMENT, kmsKeyId: "alias/growth" });

    expect(input.OnlineStoreConfig.SecurityConfig).toEqual({ KmsKeyId: "alias/growth" });
    expect(input.OfflineStoreConfig.S3StorageConfig.KmsKeyId).toBe("alias/growth");
  });

  it("says the description and that a group is personal", () => {
    const input = toCreateFeatureGroupInput(
      aFeatureGroup({ description: "What a customer bought", pii: true }),
      PLACEMENT,
    );

    expect(input.Description).toBe("What a customer bought");
    expect(input.Tags).toContainEqual({ Key: "steward:pii", Value: "true" });
  });
});
