"""Every operation of both services through boto3, success and every documented error."""

from checks import error_of, run_checks
from groups import FEATURES, a_group, a_record, control, heal, inject, runtime

ROLE = "arn:aws:iam::000000000000:role/feature-store"
VALIDATION = ("ValidationError", 400)
NOT_FOUND = ("ResourceNotFound", 404)


def put(group, *arguments, **more):
    runtime.put_record(FeatureGroupName=group, Record=a_record(*arguments), **more)


def get(group, record_id="a", **more):
    return runtime.get_record(FeatureGroupName=group, RecordIdentifierValueAsString=record_id, **more)


def values_of(reply):
    return {value["FeatureName"]: value["ValueAsString"] for value in reply["Record"]}


def check_put_and_get_record():
    group = a_group()
    put(group)
    assert values_of(get(group)) == {"id": "a", "time": "2026-01-01T00:00:00Z", "count": "1", "total": "2.5"}
    assert values_of(get(group, FeatureNames=["total", "count"])) == {"count": "1", "total": "2.5"}
    put(group, "a", "2025-01-01T00:00:00Z", TargetStores=["OnlineStore"])
    assert values_of(get(group))["time"] == "2026-01-01T00:00:00Z"
    assert "Record" not in get(group, "none")


def check_get_record_by_arn():
    group = a_group()
    put(group)
    arn = control.describe_feature_group(FeatureGroupName=group)["FeatureGroupArn"]
    assert values_of(get(arn))["id"] == "a"


def check_time_to_live():
    group = a_group()
    ttl = {"Unit": "Weeks", "Value": 5_000}
    put(group, TtlDuration=ttl)
    reply = get(group, ExpirationTimeResponse="Enabled")
    assert reply["ExpiresAt"] == "2121-10-30T00:00:00Z", reply["ExpiresAt"]
    put(group, "b", TtlDuration={"Unit": "Seconds", "Value": 1})
    assert "Record" not in get(group, "b")


def check_put_record_errors():
    group = a_group()
    record = a_record()
    assert error_of(runtime.put_record, FeatureGroupName="none", Record=record) == VALIDATION
    for wrong in (a_record(time=None), a_record(record_id=None), a_record(count="1.5"), a_record(other="x")):
        assert error_of(runtime.put_record, FeatureGroupName=group, Record=wrong) == VALIDATION
    offline = {"FeatureGroupName": group, "Record": record, "TargetStores": ["OfflineStore"]}
    assert error_of(runtime.put_record, **offline) == VALIDATION
    assert "Record" not in get(group)


def check_get_record_errors():
    group = a_group()
    assert error_of(get, group="none") == VALIDATION
    assert error_of(get, group=group, FeatureNames=["none"]) == VALIDATION


def check_delete_record():
    group = a_group()
    put(group)
    key = {"FeatureGroupName": group, "RecordIdentifierValueAsString": "a"}
    runtime.delete_record(**key, EventTime="2025-01-01T00:00:00Z")
    assert "Record" in get(group), "a soft delete that comes too late changes nothing and does not say so"
    late = {**key, "EventTime": "2026-01-01T00:00:00Z", "DeletionMode": "HardDelete"}
    assert error_of(runtime.delete_record, **late) == VALIDATION
    runtime.delete_record(**key, EventTime="2026-01-02T00:00:00Z", TargetStores=["OnlineStore"])
    assert "Record" not in get(group)
    listed = runtime.list_records(FeatureGroupName=group, IncludeSoftDeletedRecords=True)
    assert listed["RecordIdentifiers"] == ["a"]
    runtime.delete_record(**key, EventTime="2026-01-03T00:00:00Z", DeletionMode="HardDelete")
    listed = runtime.list_records(FeatureGroupName=group, IncludeSoftDeletedRecords=True)
    assert listed["RecordIdentifiers"] == []
    assert error_of(runtime.delete_record, **{**key, "FeatureGroupName": "none"}, EventTime="2026-01-03T00:00:00Z") == VALIDATION


def check_batch_write_and_batch_get():
    group = a_group()
    good = {"FeatureGroupName": group, "Record": a_record("b")}
    bad = {"FeatureGroupName": group, "Record": a_record("c", count="x")}
    reply = runtime.batch_write_record(Entries=[good, bad])
    assert [error["Entry"] for error in reply["Errors"]] == [bad], reply["Errors"]
    assert reply["Errors"][0]["ErrorCode"] == "ValidationError" and reply["UnprocessedEntries"] == []
    read = runtime.batch_get_record(
        Identifiers=[
            {"FeatureGroupName": group, "RecordIdentifiersValueAsString": ["b", "c"], "FeatureNames": ["count"]},
            {"FeatureGroupName": "none", "RecordIdentifiersValueAsString": ["d"]},
        ]
    )
    assert [(one["RecordIdentifierValueAsString"], values_of(one)) for one in read["Records"]] == [("b", {"count": "1"})]
    assert [(one["RecordIdentifierValueAsString"], one["ErrorCode"]) for one in read["Errors"]] == [("d", "ValidationError")]
    assert read["UnprocessedIdentifiers"] == []


def check_batch_errors():
    group = a_group()
    entry = {"FeatureGroupName": group, "Record": a_record()}
    assert error_of(runtime.batch_write_record, Entries=[entry] * 26) == VALIDATION
    assert error_of(runtime.batch_write_record, Entries=[{**entry, "FeatureGroupName": "none"}]) == NOT_FOUND
    many = {"FeatureGroupName": group, "RecordIdentifiersValueAsString": [str(n) for n in range(101)]}
    assert error_of(runtime.batch_get_record, Identifiers=[many]) == VALIDATION


def check_list_records_pages():
    group = a_group()
    ids = {f"r{n}" for n in range(7)}
    for record_id in ids:
        put(group, record_id)
    pages = list(runtime.get_paginator("list_records").paginate(FeatureGroupName=group, MaxResults=3)) \
        if runtime.can_paginate("list_records") else pages_of(group)
    found = [one for page in pages for one in page["RecordIdentifiers"]]
    assert set(found) == ids and len(found) == len(ids)
    assert error_of(runtime.list_records, FeatureGroupName="none") == NOT_FOUND
    assert error_of(runtime.list_records, FeatureGroupName=group, MaxResults=101) == VALIDATION
    assert error_of(runtime.list_records, FeatureGroupName=group, NextToken="forged") == VALIDATION


def pages_of(group):
    page = runtime.list_records(FeatureGroupName=group, MaxResults=3)
    yield page
    while "NextToken" in page:
        page = runtime.list_records(FeatureGroupName=group, MaxResults=3, NextToken=page["NextToken"])
        yield page


def check_update_record():
    group = a_group()
    put(group)
    key = {"FeatureGroupName": group, "RecordIdentifierValueAsString": "a"}
    count = [{"FeatureName": "count", "ValueAsString": "9"}]
    runtime.update_record(**key, Features=count)
    assert values_of(get(group)) == {"id": "a", "time": "2026-01-01T00:00:00Z", "count": "9", "total": "2.5"}
    older = [*count, {"FeatureName": "time", "ValueAsString": "2025-01-01T00:00:00Z"}]
    assert error_of(runtime.update_record, **key, Features=older) == ("ConflictException", 409)
    missing = {**key, "RecordIdentifierValueAsString": "none"}
    assert error_of(runtime.update_record, **missing, Features=count) == NOT_FOUND
    assert error_of(runtime.update_record, **{**key, "FeatureGroupName": "none"}, Features=count) == NOT_FOUND
    ttl = {"Unit": "Days", "Value": 1}
    assert error_of(runtime.update_record, **key, Features=count, TtlDuration=ttl) == VALIDATION
    standard = a_group(OnlineStoreConfig={"EnableOnlineStore": True})
    assert error_of(runtime.update_record, **{**key, "FeatureGroupName": standard}, Features=count) == VALIDATION


def check_server_faults():
    group = a_group()
    try:
        inject(group=group, errorRate=1)
        assert error_of(get, group=group) == ("InternalFailure", 500)
        inject(group=group, errorRate=1, errorName="ServiceUnavailable")
        assert error_of(get, group=group) == ("ServiceUnavailable", 503)
        inject(group=group, errorRate=1, errorName="AccessForbidden")
        assert error_of(get, group=group) == ("AccessForbidden", 403)
        inject(group=group, throttleRate=1)
        assert error_of(get, group=group) == ("ThrottlingException", 400)
        inject(group=group, partialBatchRate=1)
        entry = {"FeatureGroupName": group, "Record": a_record()}
        assert runtime.batch_write_record(Entries=[entry])["UnprocessedEntries"] == [entry]
        asked = {"FeatureGroupName": group, "RecordIdentifiersValueAsString": ["a"]}
        assert runtime.batch_get_record(Identifiers=[asked])["UnprocessedIdentifiers"] == [asked]
    finally:
        heal()


def check_feature_groups():
    group = a_group(OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://bucket/prefix"}}, RoleArn=ROLE)
    described = control.describe_feature_group(FeatureGroupName=group)
    assert described["FeatureGroupStatus"] == "Created" and described["OfflineStoreStatus"] == {"Status": "Active"}
    assert described["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"].endswith("/data")
    assert described.get("NextToken") is None
    listed = control.list_feature_groups(NameContains=group)["FeatureGroupSummaries"]
    assert [one["FeatureGroupName"] for one in listed] == [group]
    control.update_feature_group(FeatureGroupName=group, FeatureAdditions=[{"FeatureName": "more", "FeatureType": "String"}])
    described = control.describe_feature_group(FeatureGroupName=group)
    assert described["LastUpdateStatus"]["Status"] == "Successful" and len(described["FeatureDefinitions"]) == 5
    control.delete_feature_group(FeatureGroupName=group)


def check_feature_group_errors():
    group = a_group()
    taken = {
        "FeatureGroupName": group,
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "time",
        "FeatureDefinitions": FEATURES,
        "OnlineStoreConfig": {"EnableOnlineStore": True},
    }
    assert error_of(control.create_feature_group, **taken) == ("ResourceInUse", 400)
    no_store = {**taken, "FeatureGroupName": "no-store", "OnlineStoreConfig": {"EnableOnlineStore": False}}
    assert error_of(control.create_feature_group, **no_store) == ("ValidationException", 400)
    for call in (control.describe_feature_group, control.delete_feature_group):
        assert error_of(call, FeatureGroupName="none") == ("ResourceNotFound", 400)
    assert error_of(control.update_feature_group, FeatureGroupName=group) == ("ValidationException", 400)


def check_feature_metadata_and_tags():
    group = a_group(Tags=[{"Key": "owner", "Value": "growth"}])
    key = {"FeatureGroupName": group, "FeatureName": "count"}
    control.update_feature_metadata(**key, Description="so far", ParameterAdditions=[{"Key": "pii", "Value": "false"}])
    described = control.describe_feature_metadata(**key)
    assert described["Description"] == "so far" and described["Parameters"] == [{"Key": "pii", "Value": "false"}]
    assert described["FeatureType"] == "Integral"
    arn = described["FeatureGroupArn"]
    control.add_tags(ResourceArn=arn, Tags=[{"Key": "pii", "Value": "yes"}])
    control.delete_tags(ResourceArn=arn, TagKeys=["owner"])
    assert control.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "pii", "Value": "yes"}]
    missing = {**key, "FeatureName": "none"}
    assert error_of(control.describe_feature_metadata, **missing) == ("ResourceNotFound", 400)


run_checks(dict(globals()))
