"""What is measured. Each row prepares what it needs, yields the measurement, and takes its things away again."""

import base64
import contextlib
import io
import json
import time
import zipfile

from cell import LARGE
from queues import Queues
from wire import MARK, NotServed

ROWS = {}  # name: (row, the most connections)
TEXT = "m" * 200
PASSES = 10
RULES = 100
QUEUES = 10
BATCH = 10
SMALL_OBJECTS = 100
LARGE_OBJECTS = 8
HANDLER = 'def handler(event, context):\n    return {"got": event}\n'


def row(name, most=1 << 10):
    def keep(function):
        ROWS[name] = (contextlib.contextmanager(function), most)
        return function
    return keep


def bucket(server):
    """Returns its path."""
    server.once("bucket", lambda: server.call(server.s3("PUT", "/peers-benchmark")))
    return "/peers-benchmark"


@row("s3 put 1 KB")
def put_small(cell):
    path = f"{bucket(cell.server)}/put-{cell.tag}-"
    yield lambda: cell.load(cell.server.s3("PUT", path + MARK, "x" * 1024))


@row("s3 get 1 KB")
def get_small(cell):
    def prepare():
        for number in range(SMALL_OBJECTS):
            cell.server.call(cell.server.s3("PUT", f"{bucket(cell.server)}/get-{number:010}", "x" * 1024))
    cell.server.once("small", prepare)
    request = cell.server.s3("GET", f"{bucket(cell.server)}/get-{MARK}")
    if cell.server.call(request.replace(MARK.encode(), b"%010d" % 7)) != b"x" * 1024:
        raise NotServed("another body than was put")
    yield lambda: cell.load(request, cycle=SMALL_OBJECTS)


# Of 64 MB so many at once as a machine of ordinary size has memory for: some servers keep all of them there.
@row("s3 put 64 MB", most=8)
def put_large(cell):
    path = f"{bucket(cell.server)}/large-{cell.tag}-"
    request = cell.server.s3("PUT", path + MARK, length=LARGE)
    yield lambda: cell.load(request, large=True, cycle=LARGE_OBJECTS)
    for number in range(LARGE_OBJECTS):
        cell.server.call(cell.server.s3("DELETE", f"{path}{number:010}"))


@row("s3 get 64 MB", most=8)
def get_large(cell):
    path = f"{bucket(cell.server)}/large"
    put = cell.server.s3("PUT", path, length=LARGE)
    cell.server.once("large", lambda: cell.generate(put, large=True, requests=1, connections=1))
    if len(cell.server.call(cell.server.s3("GET", path))) != LARGE:
        raise NotServed("another body than was put")
    yield lambda: cell.load(cell.server.s3("GET", path))


@row("sqs send")
def send(cell):
    queues = Queues(cell)
    yield lambda: cell.load(cell.server.json("sqs", "SendMessage", {"QueueUrl": queues.urls[0], "MessageBody": TEXT}))
    queues.delete()


@row("sqs receive and delete")
def receive(cell):
    queues = Queues(cell)
    url = queues.urls[0]
    entries = [{"Id": str(number), "MessageBody": TEXT} for number in range(BATCH)]
    fill = cell.server.json("sqs", "SendMessageBatch", {"QueueUrl": url, "Entries": entries})
    backlog = cell.generate(fill, requests=cell.backlog // BATCH)["total"] * BATCH
    request = cell.server.json("sqs", "ReceiveMessage", {
        "QueueUrl": url, "MaxNumberOfMessages": BATCH, "VisibilityTimeout": 600})
    head, body = cell.server.json("sqs", "DeleteMessageBatch", {"QueueUrl": url, "Entries": "@"}).split(b"\r\n\r\n")
    length = f"Content-Length: {len(body)}".encode()
    deletion = head.replace(length, b"Content-Length: {length}") + b"\r\n\r\n" + body.replace(b'"@"', b"[{entries}]")
    yield lambda: cell.load(request, delete=deletion, requests=backlog, **{"warm-up": 0})
    queues.delete()


@row("sns publish to ten queues")
def publish(cell):
    server, queues = cell.server, Queues(cell, QUEUES)
    topic = server.call_query("sns", "CreateTopic", "TopicArn", Name=cell.tag)
    for arn in queues.arns():
        server.call_query("sns", "Subscribe", "SubscriptionArn", TopicArn=topic, Protocol="sqs", Endpoint=arn)
    request = server.query("sns", "Publish", TopicArn=topic, Message=TEXT)
    arrivals = queues.arrivals(request, QUEUES)
    yield lambda: cell.load_until(arrivals, request, QUEUES)
    server.call(server.query("sns", "DeleteTopic", TopicArn=topic))
    queues.delete()


@row("events through 100 rules")
def put_events(cell):
    server, queues, bus = cell.server, Queues(cell), "peers-benchmark"
    arn = queues.arns()[0]

    def prepare():
        server.call_json("events", "CreateEventBus", {"Name": bus})
        for number in range(RULES):
            pattern = {"source": [f"peers.{number}"], "detail": {"kind": ["a", f"k{number}"]}}
            server.call_json("events", "PutRule", {
                "Name": f"r{number}", "EventBusName": bus, "EventPattern": json.dumps(pattern), "State": "ENABLED"})
            put_target(number)

    def put_target(number):
        server.call_json("events", "PutTargets", {
            "Rule": f"r{number}", "EventBusName": bus, "Targets": [{"Id": "1", "Arn": arn}]})

    server.once("rules", prepare)
    put_target(RULES // 2)
    detail = json.dumps({"kind": f"k{RULES // 2}", "text": TEXT})
    request = server.json("events", "PutEvents", {"Entries": [
        {"Source": f"peers.{RULES // 2}", "DetailType": "t", "Detail": detail, "EventBusName": bus}]})
    arrivals = queues.arrivals(request, 1)
    yield lambda: cell.load_until(arrivals, request)
    queues.delete()


def role(server):
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
        "Action": "sts:AssumeRole"}]}
    return server.once("role", lambda: server.call_query(
        "iam", "CreateRole", "Arn", RoleName="peers-benchmark", AssumeRolePolicyDocument=json.dumps(trust)))


# A connection is a process of Python here.
@row("lambda invoke", most=8)
def invoke(cell):
    server, name = cell.server, "peers-benchmark"
    headers = ["Content-Type: application/json"]

    def prepare():
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("app.py", HANDLER)
        server.call(server.request("lambda", "POST", "/2015-03-31/functions", json.dumps({
            "FunctionName": name, "Runtime": "python3.12", "Role": role(server), "Handler": "app.handler",
            "Timeout": 30, "Code": {"ZipFile": base64.b64encode(package.getvalue()).decode()}}), headers))

    server.once("function", prepare)
    deadline = time.monotonic() + 30
    while True:
        path = f"/2015-03-31/functions/{name}/configuration"
        state = json.loads(server.call(server.request("lambda", "GET", path))).get("State", "Active")
        if state == "Active":
            break
        if state == "Failed" or time.monotonic() > deadline:
            raise NotServed(f"the function is {state}")
        time.sleep(0.1)
    request = server.request("lambda", "POST", f"/2015-03-31/functions/{name}/invocations", '{"n": 1}', headers)
    answer = server.call(request).decode("utf8", "replace")
    if answer.replace(" ", "").strip() != '{"got":{"n":1}}':
        raise NotServed(f"the function was not run; the answer is {answer[:120]!r}")
    yield lambda: cell.load(request, **{"warm-up": 2})


def machine(server, name, kind):
    states = {f"P{number}": {"Type": "Pass", "Next": f"P{number + 1}"} for number in range(PASSES - 1)}
    states[f"P{PASSES - 1}"] = {"Type": "Pass", "End": True}
    return server.call_json("states", "CreateStateMachine", {
        "name": name, "definition": json.dumps({"StartAt": "P0", "States": states}), "roleArn": role(server),
        "type": kind})["stateMachineArn"]


@row("Standard, ten Pass states")
def standard(cell):
    server = cell.server
    arn = machine(server, cell.tag, "STANDARD")

    def listed(status, **more):
        return server.call_json("states", "ListExecutions", {"stateMachineArn": arn, "statusFilter": status, **more})

    def succeeded(_):
        """0 while one runs: counting all of them again and again would cost the server more than running them."""
        if listed("RUNNING", maxResults=1)["executions"]:
            return 0
        count, more = 0, {}
        while True:
            page = listed("SUCCEEDED", maxResults=1000, **more)
            count += len(page["executions"])
            if not page.get("nextToken"):
                return count
            more = {"nextToken": page["nextToken"]}

    request = server.json("states", "StartExecution", {
        "stateMachineArn": arn, "name": f"e-{MARK}", "input": "{}"})
    yield lambda: cell.load_until(succeeded, request)
    server.call_json("states", "DeleteStateMachine", {"stateMachineArn": arn})


@row("Express, ten Pass states")
def express(cell):
    server = cell.server
    arn = server.once("express", lambda: machine(server, "express", "EXPRESS"))
    request = server.json("states", "StartSyncExecution", {"stateMachineArn": arn, "input": "{}"})
    answer = json.loads(server.call(request))
    if answer.get("status") != "SUCCEEDED":
        raise NotServed(f"the execution is {answer.get('status')}: {answer.get('cause', '')[:120]}")
    yield lambda: cell.load(request)
