"""The SageMaker Python SDK 3: create, ingest a frame with one and with several workers and by batches, read back, list."""

import inspect

import boto3
import pandas as pd
from checks import run_checks
from sagemaker.core.resources import FeatureGroup
from sagemaker.core.shapes import FeatureDefinition, OnlineStoreConfig
from sagemaker.mlops.feature_store import ingest_dataframe

runtime = boto3.client("sagemaker-featurestore-runtime")


def a_frame(rows):
    return pd.DataFrame(
        {
            "customer_id": pd.Series([f"c{n}" for n in range(rows)], dtype="string"),
            "event_time": pd.Series([1_700_000_000.0 + n for n in range(rows)], dtype="float64"),
            "orders": pd.Series(range(rows), dtype="int64"),
            "spend": pd.Series([n / 4 if n % 3 else None for n in range(rows)], dtype="float64"),
        }
    )


def a_group(name):
    types = {"customer_id": "String", "event_time": "Fractional", "orders": "Integral", "spend": "Fractional"}
    return FeatureGroup.create(
        feature_group_name=name,
        record_identifier_feature_name="customer_id",
        event_time_feature_name="event_time",
        feature_definitions=[FeatureDefinition(feature_name=key, feature_type=value) for key, value in types.items()],
        online_store_config=OnlineStoreConfig(enable_online_store=True),
    )


def expect_all(name, rows):
    ids, token = [], None
    while True:
        more = {} if token is None else {"NextToken": token}
        page = runtime.list_records(FeatureGroupName=name, MaxResults=100, **more)
        ids += page["RecordIdentifiers"]
        token = page.get("NextToken")
        if token is None:
            break
    assert sorted(ids) == sorted(f"c{n}" for n in range(rows)), len(ids)
    group = FeatureGroup.get(feature_group_name=name)
    reply = group.get_record(record_identifier_value_as_string="c7")
    read = {one.feature_name: one.value_as_string for one in reply.record}
    assert read == {"customer_id": "c7", "event_time": "1700000007.0", "orders": "7", "spend": "1.75"}, read


def check_sdk_3_ingests_with_one_worker():
    a_group("sdk3-one")
    ingest_dataframe(feature_group_name="sdk3-one", data_frame=a_frame(50), max_workers=1, wait=True)
    expect_all("sdk3-one", 50)


def check_sdk_3_ingests_with_several_workers():
    a_group("sdk3-many")
    ingest_dataframe(feature_group_name="sdk3-many", data_frame=a_frame(200), max_workers=4, wait=True)
    expect_all("sdk3-many", 200)


def check_sdk_3_ingests_by_batches():
    assert "use_batch_write_record" in inspect.signature(ingest_dataframe).parameters
    a_group("sdk3-batch")
    ingest_dataframe(
        feature_group_name="sdk3-batch", data_frame=a_frame(120), max_workers=2, wait=True, use_batch_write_record=True
    )
    expect_all("sdk3-batch", 120)


def check_sdk_3_lists_groups():
    a_group("sdk3-listed")
    names = [one.feature_group_name for one in FeatureGroup.get_all(name_contains="sdk3-listed")]
    assert names == ["sdk3-listed"], names


if __name__ == "__main__":
    run_checks(dict(globals()))
