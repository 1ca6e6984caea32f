"""The SageMaker Python SDK 3: create, ingest a frame with one and with several workers and by batches, read back, list."""

import inspect

from checks import run_checks
from frame import a_frame
from sagemaker.core.resources import FeatureGroup
from sagemaker.core.shapes import FeatureDefinition, OnlineStoreConfig
from sagemaker.mlops.feature_store import IngestionError, ingest_dataframe, list_records, update_record


def a_group(name):
    types = {"customer_id": "String", "event_time": "Fractional", "orders": "Integral", "spend": "Fractional"}
    return FeatureGroup.create(
        feature_group_name=name,
        record_identifier_feature_name="customer_id",
        event_time_feature_name="event_time",
        feature_definitions=[FeatureDefinition(feature_name=key, feature_type=value) for key, value in types.items()],
        online_store_config=OnlineStoreConfig(enable_online_store=True, storage_type="Standard_V2"),
    )


def listed(name):
    page = list_records(name, max_results=100)
    ids = list(page.record_identifiers)
    while page.next_token:
        page = list_records(name, max_results=100, next_token=page.next_token)
        ids += page.record_identifiers
    return ids


def read(name, record_id):
    reply = FeatureGroup.get(feature_group_name=name).get_record(record_identifier_value_as_string=record_id)
    return {one.feature_name: one.value_as_string for one in reply.record}


def expect_all(name, rows):
    ids = listed(name)
    assert sorted(ids) == sorted(f"c{n}" for n in range(rows)), len(ids)
    whole = {"customer_id": "c7", "event_time": "1700000007.0", "orders": "7", "spend": "1.75"}
    assert read(name, "c7") == whole, read(name, "c7")
    assert set(read(name, "c3")) == {"customer_id", "event_time", "orders"}, "a null is not sent"


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


def check_sdk_3_names_the_rows_of_a_batch_that_failed():
    a_group("sdk3-failed")
    frame = a_frame(60)
    frame.loc[[7, 41], "customer_id"] = "c" * 3_000
    try:
        ingest_dataframe(feature_group_name="sdk3-failed", data_frame=frame, wait=True, use_batch_write_record=True)
        raise AssertionError("two identifiers are too long")
    except IngestionError as error:
        assert sorted(error.failed_rows) == [7, 41], error.failed_rows
    assert len(listed("sdk3-failed")) == 58


def check_sdk_3_updates_and_deletes_a_record():
    group = a_group("sdk3-updated")
    ingest_dataframe(feature_group_name="sdk3-updated", data_frame=a_frame(2), wait=True)
    update_record("sdk3-updated", "c1", [{"feature_name": "orders", "value_as_string": "9"}])
    assert read("sdk3-updated", "c1") == {"customer_id": "c1", "event_time": "1700000001.0", "orders": "9", "spend": "0.25"}
    group.delete_record(record_identifier_value_as_string="c1", event_time="1700000009.0")
    assert listed("sdk3-updated") == ["c0"]
    deleted = list_records("sdk3-updated", include_soft_deleted_records=True)
    assert sorted(deleted.record_identifiers) == ["c0", "c1"]


def check_sdk_3_lists_groups():
    a_group("sdk3-listed")
    names = [one.feature_group_name for one in FeatureGroup.get_all(name_contains="sdk3-listed")]
    assert names == ["sdk3-listed"], names


if __name__ == "__main__":
    run_checks(dict(globals()))
