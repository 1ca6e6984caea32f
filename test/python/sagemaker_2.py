"""The SageMaker Python SDK 2: create, ingest a frame with one and with several workers, read back, list."""

import boto3
from checks import run_checks
from frame import a_frame
from sagemaker.feature_store.feature_group import FeatureGroup, IngestionError
from sagemaker.feature_store.inputs import TableFormatEnum
from sagemaker.session import Session

session = Session(boto_session=boto3.Session(), default_bucket="bucket")
runtime = boto3.client("sagemaker-featurestore-runtime")
ROLE = "arn:aws:iam::000000000000:role/feature-store"


def a_group(name, frame):
    group = FeatureGroup(name=name, sagemaker_session=session)
    group.load_feature_definitions(data_frame=frame)
    group.create(
        s3_uri="s3://bucket/prefix",
        record_identifier_name="customer_id",
        event_time_feature_name="event_time",
        role_arn=ROLE,
        enable_online_store=True,
        table_format=TableFormatEnum.GLUE,
    )
    return group


def records_of(name):
    ids, token = [], None
    while True:
        more = {} if token is None else {"NextToken": token}
        page = runtime.list_records(FeatureGroupName=name, MaxResults=100, **more)
        ids += page["RecordIdentifiers"]
        token = page.get("NextToken")
        if token is None:
            return ids


def expect_all(group, name, rows):
    assert sorted(records_of(name)) == sorted(f"c{n}" for n in range(rows))
    read = {one["FeatureName"]: one["ValueAsString"] for one in group.get_record("c7")}
    assert read == {"customer_id": "c7", "event_time": "1700000007.0", "orders": "7", "spend": "1.75"}, read
    without = {one["FeatureName"] for one in group.get_record("c3")}
    assert without == {"customer_id", "event_time", "orders"}, "a null is not sent"


def check_sdk_2_ingests_with_one_worker():
    frame = a_frame(50)
    group = a_group("sdk2-one", frame)
    group.ingest(data_frame=frame, max_workers=1, wait=True)
    expect_all(group, "sdk2-one", 50)


def check_sdk_2_ingests_with_several_workers_and_processes():
    frame = a_frame(200)
    group = a_group("sdk2-many", frame)
    group.ingest(data_frame=frame, max_workers=3, max_processes=2, wait=True)
    expect_all(group, "sdk2-many", 200)


def check_sdk_2_names_the_rows_that_failed():
    frame = a_frame(20)
    group = a_group("sdk2-failed", frame)
    frame.loc[[7, 11], "customer_id"] = "c" * 3_000
    try:
        group.ingest(data_frame=frame, max_workers=2, wait=True)
        raise AssertionError("two identifiers are too long")
    except IngestionError as error:
        assert sorted(error.failed_rows) == [7, 11], error.failed_rows
    assert len(records_of("sdk2-failed")) == 18


def check_sdk_2_describes_and_lists():
    frame = a_frame(1)
    group = a_group("sdk2-described", frame)
    described = group.describe()
    assert described["FeatureGroupStatus"] == "Created"
    assert [one["FeatureType"] for one in described["FeatureDefinitions"]] == ["String", "Fractional", "Integral", "Fractional"]
    others = ("feature_group_status_equals", "offline_store_status_equals", "creation_time_after", "creation_time_before")
    paging = ("sort_order", "sort_by", "max_results", "next_token")
    nothing = {name: None for name in (*others, *paging)}
    listed = session.list_feature_groups(name_contains="sdk2-described", **nothing)["FeatureGroupSummaries"]
    assert [one["FeatureGroupName"] for one in listed] == ["sdk2-described"]
    group.update_feature_metadata("orders", description="orders so far")
    assert group.describe_feature_metadata("orders")["Description"] == "orders so far"
    group.delete()


if __name__ == "__main__":  # processes of the ingestion import this file again
    run_checks(dict(globals()))
