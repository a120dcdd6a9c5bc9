"""Reads a CSV file of one day's flights from its bucket and starts a workflow with the flights of each carrier.

Only the standard library is used, so that the function runs wherever Python does; with boto3 the two calls would be
`s3.get_object` and `stepfunctions.start_execution`.
"""

import csv
import io
import json
import os
import urllib.parse
import urllib.request

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
COLUMNS = ["carrier", "dep_delay", "arr_delay", "dest"]


def handler(event, context):
    started = []
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        day = key.rsplit("/", 1)[-1].removesuffix(".csv")
        carriers = by_carrier(read(bucket, key))
        print(f"{key}: {sum(len(c['flights']) for c in carriers)} flights of {len(carriers)} carriers")
        name = f"{day}-{record['s3']['object'].get('sequencer', '0')}"
        started.append(start(name, {"day": day, "carriers": carriers}))
    return {"started": started}


def read(bucket, key):
    with urllib.request.urlopen(f"{ENDPOINT}/{bucket}/{urllib.parse.quote(key)}") as response:
        return response.read().decode("utf-8")


def by_carrier(text):
    rows = csv.DictReader(io.StringIO(text))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or [])]
    if missing:
        raise ValueError(f"not a file of flights: it has no column {', '.join(missing)}")
    carriers = {}
    for row in rows:
        flights = carriers.setdefault(row["carrier"], [])
        flights.append([number(row["dep_delay"]), number(row["arr_delay"]), row["dest"]])
    return [{"carrier": carrier, "flights": flights} for carrier, flights in sorted(carriers.items())]


def number(text):
    """Minutes of delay; nothing when the flight was cancelled."""
    return int(float(text)) if text not in ("", "NA", "NaN", "nan") else None


def start(name, payload):
    body = {
        "stateMachineArn": os.environ["STATE_MACHINE"],
        "name": name,
        "input": json.dumps(payload),
    }
    request = urllib.request.Request(
        ENDPOINT,
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "AWSStepFunctions.StartExecution",
        },
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)["executionArn"]
