"""Every error that the SDK's own model gives an operation is one that the emulator answers, with the model's status."""

import uuid

from botocore import xform_name
from checks import error_of, run_checks
from groups import FEATURES, a_group, a_record, control, heal, inject, runtime

TO_ORDER = ("InternalFailure", "ServiceUnavailable", "AccessForbidden")


def expect_modelled_errors(client, operation, provoked, never=()):
    """Each error of the model is among those provoked, by its name and status, but those the page on limits speaks of."""
    shapes = client.meta.service_model.operation_model(operation).error_shapes
    modelled = {shape.name: shape.metadata.get("error", {}).get("httpStatusCode", 400) for shape in shapes}
    wanted = {name: status for name, status in modelled.items() if name not in never}
    found = {}
    for name, arguments in provoked.items():
        code, status = error_of(getattr(client, xform_name(operation)), **arguments)
        assert code == name, f"{operation} was to answer {name}, not {code}"
        found[code] = status
    assert wanted.items() <= found.items(), f"{operation}: {wanted} of the model, {found} seen"


def expect_runtime_errors(operation, arguments, never=(), **wrong):
    provoked = {name: {**arguments, **change} for name, change in wrong.items()}
    shapes = runtime.meta.service_model.operation_model(operation).error_shapes
    expect_modelled_errors(runtime, operation, provoked, never=(*TO_ORDER, *never))
    for name in TO_ORDER:
        assert name in {shape.name for shape in shapes}
        inject(errorRate=1, errorName=name)
        try:
            expect_modelled_errors(runtime, operation, {name: arguments}, never={shape.name for shape in shapes} - {name})
        finally:
            heal()


def a_filled_group():
    group = a_group()
    runtime.put_record(FeatureGroupName=group, Record=a_record())
    return group


def check_errors_of_put_record():
    arguments = {"FeatureGroupName": a_group(), "Record": a_record()}
    expect_runtime_errors("PutRecord", arguments, ValidationError={"Record": a_record(count="many")})


def check_errors_of_get_record():
    arguments = {"FeatureGroupName": a_filled_group(), "RecordIdentifierValueAsString": "a"}
    # A group that is not there is a ValidationError, as clients of AWS have seen it.
    expect_runtime_errors("GetRecord", arguments, never=["ResourceNotFound"], ValidationError={"FeatureNames": ["none"]})


def check_errors_of_delete_record():
    key = {"FeatureGroupName": a_filled_group(), "RecordIdentifierValueAsString": "a"}
    arguments = {**key, "EventTime": "2026-01-02T00:00:00Z"}
    expect_runtime_errors("DeleteRecord", arguments, ValidationError={"EventTime": "yesterday"})


def check_errors_of_batch_get_record():
    asked = {"FeatureGroupName": a_filled_group(), "RecordIdentifiersValueAsString": ["a"]}
    many = {**asked, "RecordIdentifiersValueAsString": [str(number) for number in range(101)]}
    expect_runtime_errors("BatchGetRecord", {"Identifiers": [asked]}, ValidationError={"Identifiers": [many]})


def check_errors_of_batch_write_record():
    entry = {"FeatureGroupName": a_group(), "Record": a_record()}
    expect_runtime_errors(
        "BatchWriteRecord",
        {"Entries": [entry]},
        ValidationError={"Entries": [entry] * 26},
        ResourceNotFound={"Entries": [{**entry, "FeatureGroupName": "none"}]},
    )


def check_errors_of_list_records():
    arguments = {"FeatureGroupName": a_group()}
    wrong = {"ValidationError": {"NextToken": "forged"}, "ResourceNotFound": {"FeatureGroupName": "none"}}
    expect_runtime_errors("ListRecords", arguments, **wrong)


def check_errors_of_update_record():
    key = {"FeatureGroupName": a_filled_group(), "RecordIdentifierValueAsString": "a"}
    older = [{"FeatureName": "time", "ValueAsString": "2025-01-01T00:00:00Z"}]
    expect_runtime_errors(
        "UpdateRecord",
        {**key, "Features": [{"FeatureName": "count", "ValueAsString": "2"}]},
        ValidationError={"Features": [{"FeatureName": "none", "ValueAsString": "2"}]},
        ResourceNotFound={"RecordIdentifierValueAsString": "none"},
        ConflictException={"Features": older},
    )


def check_errors_of_create_feature_group():
    definition = {
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "time",
        "FeatureDefinitions": FEATURES,
        "OnlineStoreConfig": {"EnableOnlineStore": True},
    }
    names, error = [a_group()], None
    while error is None:
        try:
            names.append(a_group())
        except control.exceptions.ResourceLimitExceeded as limit:
            error = limit
    taken, another = ({"FeatureGroupName": name, **definition} for name in (names[0], f"g-{uuid.uuid4().hex[:12]}"))
    provoked = {"ResourceInUse": taken, "ResourceLimitExceeded": another}
    expect_modelled_errors(control, "CreateFeatureGroup", provoked)
    for name in names:
        control.delete_feature_group(FeatureGroupName=name)


def check_errors_of_the_other_operations_on_groups():
    missing = {"FeatureGroupName": "none"}
    feature = {**missing, "FeatureName": "count"}
    more = {**missing, "FeatureAdditions": [{"FeatureName": "more", "FeatureType": "String"}]}
    expect_modelled_errors(control, "DescribeFeatureGroup", {"ResourceNotFound": missing})
    expect_modelled_errors(control, "DeleteFeatureGroup", {"ResourceNotFound": missing})
    expect_modelled_errors(control, "DescribeFeatureMetadata", {"ResourceNotFound": feature})
    expect_modelled_errors(control, "UpdateFeatureMetadata", {"ResourceNotFound": {**feature, "Description": "so far"}})
    # Which limit an update can exceed, no page says.
    expect_modelled_errors(control, "UpdateFeatureGroup", {"ResourceNotFound": more}, never=["ResourceLimitExceeded"])


run_checks(dict(globals()))
