#!/usr/bin/env python3
"""Keeps a release host under load for ten minutes, good requests and bad ones, and watches its memory, descriptors and
threads: after a quarter of the time, for what fills first, none of them may grow by more than a tenth.

    swift build -c release --product millrace && python3 Benchmarks/Host/soak.py [--minutes 10]

Requests: queue send, receive and delete, topic to queue, events through a rule, objects put, read and deleted, a function
invoked, workflows of both types; malformed XML, JSON, CBOR and queries, wrong signatures, oversized headers, senders that
stop in the middle, close half a connection or send a byte at a time.
"""

import argparse
import asyncio
import base64
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zipfile

from bench import ROOT, Host

ACCOUNT = "000000000000"


def signature(service):
    return (f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/us-east-1/{service}/aws4_request, "
            "SignedHeaders=host, Signature=0")


class Caller:
    """One connection, opened anew whenever the host closes it."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def send(self, method, path, service, body=b"", headers=()):
        for attempt in range(2):
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
            head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}",
                    f"Authorization: {signature(service)}", *headers]
            try:
                self.writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
                return await self.answer(method)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.close()
                if attempt:
                    raise

    async def answer(self, method):
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        body = b""
        if method != "HEAD" and b"content-length" in fields:
            body = await self.reader.readexactly(int(fields[b"content-length"]))
        elif fields.get(b"transfer-encoding") == b"chunked":
            while size := int((await self.reader.readline()).split(b";")[0], 16):
                body += await self.reader.readexactly(size)
                await self.reader.readline()
            await self.reader.readline()
        if fields.get(b"connection") == b"close":
            self.close()
        return int(lines[0].split()[1]), body

    async def json(self, service, target, document, version="1.0"):
        status, body = await self.send(
            "POST", "/", service, json.dumps(document).encode(),
            [f"X-Amz-Target: {target}", f"Content-Type: application/x-amz-json-{version}"])
        if status != 200:
            raise RuntimeError(f"{target}: {status} {body[:300]}")
        return json.loads(body or b"{}")

    async def form(self, service, **fields):
        status, body = await self.send(
            "POST", "/", service, urllib.parse.urlencode(fields).encode(),
            ["Content-Type: application/x-www-form-urlencoded"])
        if status != 200:
            raise RuntimeError(f"{fields}: {status} {body[:300]}")
        return body.decode()

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None


QUEUE = f"http://127.0.0.1/{ACCOUNT}/soak"
PASSES = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}}}


def arn(service, resource):
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}"


async def prepare(port):
    call = Caller(port)
    await call.json("sqs", "AmazonSQS.CreateQueue", {"QueueName": "soak"})
    await call.form("sns", Action="CreateTopic", Version="2010-03-31", Name="soak")
    await call.form("sns", Action="Subscribe", Version="2010-03-31", TopicArn=arn("sns", "soak"), Protocol="sqs",
                    Endpoint=arn("sqs", "soak"))
    await call.json("events", "AWSEvents.PutRule", {"Name": "soak", "EventPattern": '{"source":["soak"]}'}, "1.1")
    await call.json("events", "AWSEvents.PutTargets", {
        "Rule": "soak", "Targets": [{"Id": "q", "Arn": arn("sqs", "soak")}]}, "1.1")
    for kind in ("STANDARD", "EXPRESS"):
        await call.json("states", "AWSStepFunctions.CreateStateMachine", {
            "name": kind.lower(), "type": kind, "definition": json.dumps(PASSES), "roleArn": "arn:aws:iam::000000000000:role/r"})
    await call.send("PUT", "/soak", "s3")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "def handler(event, context):\n    return event\n")

    status, body = await call.send("POST", "/2015-03-31/functions", "lambda", json.dumps({
        "FunctionName": "soak", "Runtime": "python3.12", "Handler": "app.handler",
        "Role": "arn:aws:iam::000000000000:role/r", "Code": {"ZipFile": base64.b64encode(archive.getvalue()).decode()},
    }).encode(), ["Content-Type: application/json"])
    if status != 201:
        sys.exit(f"the function was not made: {status} {body}")
    call.close()


# Each takes a connection and does a bounded amount of work.

async def queue(call):
    await call.json("sqs", "AmazonSQS.SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x" * random.choice([10, 1000])})
    await drain(call)


async def drain(call):
    got = await call.json("sqs", "AmazonSQS.ReceiveMessage", {"QueueUrl": QUEUE, "MaxNumberOfMessages": 10})
    for message in got.get("Messages", []):
        await call.json("sqs", "AmazonSQS.DeleteMessage", {"QueueUrl": QUEUE, "ReceiptHandle": message["ReceiptHandle"]})


async def topic(call):
    await call.form("sns", Action="Publish", Version="2010-03-31", TopicArn=arn("sns", "soak"), Message="hello")
    await drain(call)


async def events(call):
    await call.json("events", "AWSEvents.PutEvents", {
        "Entries": [{"Source": "soak", "DetailType": "t", "Detail": '{"n":1}'}]}, "1.1")
    await drain(call)


async def objects(call):
    path = f"/soak/folder/{random.randrange(500)}"
    body = b"x" * random.choice([1, 1000, 200_000])
    await call.send("PUT", path, "s3", body, ["x-amz-content-sha256: UNSIGNED-PAYLOAD"])
    await call.send("GET", path, "s3")
    await call.send("GET", "/soak?list-type=2&max-keys=50", "s3")
    await call.send("DELETE", path, "s3")


async def function(call):
    status, body = await call.send("POST", "/2015-03-31/functions/soak/invocations", "lambda", b'{"a":1}')
    if (status, body) != (200, b'{"a": 1}') and status != 429:
        raise RuntimeError(f"invoke: {status} {body}")


async def workflow(call):
    await call.json("states", "AWSStepFunctions.StartExecution", {
        "stateMachineArn": arn("states", "stateMachine:standard"), "input": "{}"})
    await call.json("states", "AWSStepFunctions.StartSyncExecution", {
        "stateMachineArn": arn("states", "stateMachine:express"), "input": "{}"})


BAD = [
    ("POST", "/", "sqs", b'{"QueueName":', ["X-Amz-Target: AmazonSQS.CreateQueue", "Content-Type: application/x-amz-json-1.0"]),
    ("POST", "/", "sqs", b"\x00\xff" * 50, ["X-Amz-Target: AmazonSQS.CreateQueue", "Content-Type: application/x-amz-json-1.0"]),
    ("POST", "/", "sqs", b"[" * 5000, ["X-Amz-Target: AmazonSQS.SendMessage", "Content-Type: application/x-amz-json-1.0"]),
    ("POST", "/", "sns", b"Action=Publish&Attributes.entry.9999999999.key=1&a.b.c.d.e.f=%ZZ", ["Content-Type: application/x-www-form-urlencoded"]),
    ("PUT", "/soak?tagging", "s3", b"<a><b></a>" + b"<x>" * 200, []),
    ("PUT", "/soak?lifecycle", "s3", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', []),
    ("PUT", "/soak/chunked", "s3", b"5;chunk-signature=0\r\nhel", ["x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-decoded-content-length: 5"]),
    ("PUT", "/soak/..%2f..%2f..%2fetc%2fpasswd", "s3", b"x", []),
    ("GET", "/soak/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20200101T000000Z&X-Amz-Expires=1&X-Amz-Signature=0", "s3", b"", []),
    ("POST", "/2015-03-31/functions/soak/invocations", "lambda", b"{", []),
    ("POST", "/2015-03-31/functions", "lambda", b'{"FunctionName":"z","Code":{"ZipFile":"UEsDBAo="},"Role":"arn:aws:iam::000000000000:role/r","Runtime":"python3.12","Handler":"a.b"}', []),
    ("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", "monitoring", b"\xbf\xff\xff", ["smithy-protocol: rpc-v2-cbor", "Content-Type: application/cbor"]),
    ("GET", "/" + "a" * 9000, "s3", b"", []),
    ("GET", "/", "s3", b"", ["X-Large: " + "y" * 60_000]),
]


async def bad(call):
    status, body = await call.send(*random.choice(BAD))
    if status >= 500 and status != 501:
        raise RuntimeError(f"a bad request was answered with {status} {body[:200]}")


async def rude(call):
    """Stops in the middle, sends a byte at a time, or closes half."""
    reader, writer = await asyncio.open_connection("127.0.0.1", call.port)
    kind = random.randrange(4)
    if kind == 0:
        writer.write(b"PUT /soak/half HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc")
        await writer.drain()
    elif kind == 1:
        for byte in b"GET / HTTP/1.1\r\n":
            writer.write(bytes([byte]))
            await asyncio.sleep(0.01)
    elif kind == 2:
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not http\r\n\r\n")
        await reader.read(1000)
    else:
        writer.write(b"GET /soak HTTP/1.1\r\nHost: h\r\n\r\n")
        writer.write_eof()
        await reader.read(1000)
    writer.close()


async def load(port, until, counts):
    kinds = [queue] * 4 + [topic] * 2 + [events] * 2 + [objects] * 3 + [function] * 3 + [workflow] * 3 + [bad] * 3 + [rude]
    call = Caller(port)
    while time.monotonic() < until:
        kind = random.choice(kinds)
        try:
            await asyncio.wait_for(kind(call), 60)
            counts[kind.__name__] = counts.get(kind.__name__, 0) + 1
        except (ConnectionError, asyncio.IncompleteReadError):
            call.close()  # the host closed it on a rude sender's neighbour or a bad request; that is its right


def sample(host):
    """Megabytes of memory of its own, descriptors and threads."""
    status = pathlib.Path(f"/proc/{host.process.pid}/status").read_text()
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon")) / 1024
    threads = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads"))
    return own, len(os.listdir(f"/proc/{host.process.pid}/fd")), threads


async def watch(host, until, samples):
    while time.monotonic() < until:
        await asyncio.sleep(min(10, max(0.1, until - time.monotonic())))
        samples.append(sample(host))
        own, descriptors, threads = samples[-1]
        print(f"{own:8.1f} MB  {descriptors:5} descriptors  {threads:4} threads", flush=True)


async def soak(host, minutes, connections):
    await prepare(host.port)
    until, counts, samples = time.monotonic() + minutes * 60, {}, []
    await asyncio.gather(watch(host, until, samples), *(load(host.port, until, counts) for _ in range(connections)))
    return counts, samples


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / ".build/release/millrace"))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="millrace-soak-")
    host = Host(os.path.abspath(options.program), folder)
    try:
        host.start()
        counts, samples = asyncio.run(soak(host, options.minutes, options.connections))
        time.sleep(2)
        samples.append(sample(host))
        alive = host.process.poll() is None
        print(", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())))
        early = samples[len(samples) // 4 : len(samples) // 2]
        late = samples[-(len(samples) // 4 + 1) :]
        grew = False
        for place, name in enumerate(("memory, MB", "descriptors", "threads")):
            first, last = (max(sample[place] for sample in part) for part in (early, late))
            print(f"{name:<14} {first:8.1f} then {last:8.1f}   ratio {last / first:.2f}")
            grew = grew or last > first * 1.1 + 2
        sys.exit("the host ended" if not alive else "something grew" if grew else None)
    finally:
        host.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
