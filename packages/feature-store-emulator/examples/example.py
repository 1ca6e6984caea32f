"""A feature group, a record, and a reading of it: boto3 against the emulator.

AWS_ENDPOINT_URL=http://127.0.0.1:8190 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any python example.py
"""

import time

import boto3

control = boto3.client("sagemaker")
runtime = boto3.client("sagemaker-featurestore-runtime")

control.create_feature_group(
    FeatureGroupName="customers",
    RecordIdentifierFeatureName="customer_id",
    EventTimeFeatureName="event_time",
    FeatureDefinitions=[
        {"FeatureName": "customer_id", "FeatureType": "String"},
        {"FeatureName": "event_time", "FeatureType": "String"},
        {"FeatureName": "orders", "FeatureType": "Integral"},
    ],
    OnlineStoreConfig={"EnableOnlineStore": True},
)
while control.describe_feature_group(FeatureGroupName="customers")["FeatureGroupStatus"] == "Creating":
    time.sleep(0.05)

values = {"customer_id": "00042", "event_time": "2026-01-01T00:00:00Z", "orders": "3"}
runtime.put_record(
    FeatureGroupName="customers",
    Record=[{"FeatureName": name, "ValueAsString": value} for name, value in values.items()],
)
record = runtime.get_record(FeatureGroupName="customers", RecordIdentifierValueAsString="00042")["Record"]
print({value["FeatureName"]: value["ValueAsString"] for value in record})
