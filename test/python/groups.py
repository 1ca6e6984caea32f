"""Feature groups and records for the checks, and faults to order."""

import json
import urllib.request
import uuid

from checks import ENDPOINT, clients

control, runtime = clients()
FEATURES = [
    {"FeatureName": "id", "FeatureType": "String"},
    {"FeatureName": "time", "FeatureType": "String"},
    {"FeatureName": "count", "FeatureType": "Integral"},
    {"FeatureName": "total", "FeatureType": "Fractional"},
]


def a_group(**more):
    name = f"g-{uuid.uuid4().hex[:12]}"
    control.create_feature_group(
        **{
            "FeatureGroupName": name,
            "RecordIdentifierFeatureName": "id",
            "EventTimeFeatureName": "time",
            "FeatureDefinitions": FEATURES,
            "OnlineStoreConfig": {"EnableOnlineStore": True, "StorageType": "Standard_V2"},
            **more,
        }
    )
    return name


def a_record(record_id="a", time="2026-01-01T00:00:00Z", **features):
    values = {"id": record_id, "time": time, "count": "1", "total": "2.5", **features}
    return [{"FeatureName": name, "ValueAsString": value} for name, value in values.items() if value is not None]


def inject(**settings):
    request = urllib.request.Request(f"{ENDPOINT}/_steward/faults", json.dumps(settings).encode(), method="PUT")
    urllib.request.urlopen(request).read()


def heal():
    urllib.request.urlopen(urllib.request.Request(f"{ENDPOINT}/_steward/faults", method="DELETE")).read()
