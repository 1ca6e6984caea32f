"""Runs every function `check_*` of a script and prints what became of each as one JSON object."""

import json
import os
import traceback

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"total_max_attempts": 1})


def clients():
    """The two clients as anybody makes them: the endpoints come from the environment."""
    return boto3.client("sagemaker", config=CONFIG), boto3.client("sagemaker-featurestore-runtime", config=CONFIG)


def error_of(call, **arguments):
    """(code, HTTP status) of the error that the call must end with."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError("the call was expected to fail")


def run_checks(names):
    results = {}
    for name, check in names.items():
        if not name.startswith("check_"):
            continue
        try:
            check()
            results[name] = "ok"
        except Exception:  # whatever it is, it is this check's result
            results[name] = traceback.format_exc()
    print(json.dumps(results))


ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
