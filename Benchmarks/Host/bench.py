#!/usr/bin/env python3
"""Starts a release host and measures what a person waits for: start, memory at rest, a dropped file's way to its
function, a large object's way beside nginx, and what 100,000 schedules and 100,000 waiting executions cost. Each row is
a ratio to its bound: 1.00 or less keeps it. The processor time that the host itself took stands beside times of the
clock, because it does not depend on what else the machine does.

    swift build -c release --product millrace && python3 Benchmarks/Host/bench.py
"""

import argparse
import asyncio
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICK = os.sysconf("SC_CLK_TCK")

HANDLER = """
import time
first = time.clock_gettime_ns
import os, socket
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.connect(("127.0.0.1", int(os.environ["REPORT_PORT"])))
def handler(event, context):
    now = first(time.CLOCK_MONOTONIC)
    out.send(f"{event['Records'][0]['s3']['object']['key']} {now}".encode())
"""
MANIFEST = """Runtime: python3.12
Handler: app.handler
Timeout: 10
ReservedConcurrentExecutions: 1
ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 1}
Environment: {Variables: {REPORT_PORT: "${REPORT_PORT}"}}
Events: {Drop: {Type: S3, Properties: {Bucket: inbox}}}
"""
WAITING = '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":10000000,"End":true}}}'


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Host:
    running = []

    def __init__(self, program, folder, project=None, environment=None):
        self.port, self.webhook_port = free_port(), free_port()
        self.data = f"{folder}/data"
        self.command = [program, "up", "--data", self.data, "--port", str(self.port),
                        "--webhook-port", str(self.webhook_port)]
        if project:
            self.command.insert(2, project)
        self.environment = dict(os.environ, **(environment or {}))
        self.log = f"{folder}/log"

    def start(self):
        """Starts the host; returns the milliseconds until it has answered its first request."""
        request = f"GET /_millrace/health HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode()
        with open(self.log, "wb") as log:
            begin = time.perf_counter()
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, env=self.environment, cwd="/tmp")
        Host.running.append(self.process)
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port)) as caller:
                    caller.sendall(request)
                    if caller.recv(64).startswith(b"HTTP/1.1 200"):
                        return (time.perf_counter() - begin) * 1000
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"the host ended:\n{pathlib.Path(self.log).read_text()}")
                time.sleep(0.0002)
            if time.perf_counter() - begin > 60:
                sys.exit("the host does not answer")

    def wait_until_serving(self):
        deadline = time.monotonic() + 60
        while "serves http" not in pathlib.Path(self.log).read_text():
            if time.monotonic() > deadline:
                sys.exit(f"the host does not serve:\n{pathlib.Path(self.log).read_text()}")
            time.sleep(0.01)

    def cpu(self):
        """Seconds of processor time that the host has taken."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def megabytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def row(name, measured, bound, unit, note=""):
    print(f"{name:<52} {measured:>10.2f} {unit:<6} {bound:>6.3g} {measured / bound:>7.2f}   {note}", flush=True)


def starts(program, folder, rounds):
    host = Host(program, folder)
    host.start()
    host.stop()
    times, costs, idle = [], [], []
    for _ in range(rounds):
        times.append(host.start())
        costs.append(host.cpu() * 1000)
        time.sleep(2)  # the host gives back what only its start needed
        idle.append(host.megabytes())
        host.stop()
    spawn = []
    for _ in range(rounds):
        begin = time.perf_counter()
        subprocess.run(["/bin/true"], check=True)
        spawn.append((time.perf_counter() - begin) * 1000)
    note = f"best {min(times):.1f}, processor {statistics.median(costs):.0f} ms; /bin/true {statistics.median(spawn):.1f} ms"
    row("start to first answered request", statistics.median(times), 30, "ms", note)
    row("memory at rest", statistics.median(idle), 20, "MB")


def drops(program, folder, count):
    project = f"{folder}/project/functions/note"
    os.makedirs(project)
    pathlib.Path(f"{project}/function.yaml").write_text(MANIFEST)
    pathlib.Path(f"{project}/app.py").write_text(HANDLER)
    reports = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    reports.bind(("127.0.0.1", 0))
    reports.settimeout(30)
    host = Host(program, folder, f"{folder}/project", {"REPORT_PORT": str(reports.getsockname()[1])})
    host.start()
    host.wait_until_serving()
    times = []
    for index in range(count + 20):
        name = f"f{index}"
        with open(f"{host.data}/buckets/inbox/{name}", "w") as file:
            file.write("x")
        closed = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        while True:
            key, arrived = reports.recv(256).decode().split()
            if key == name:
                break
        if index >= 20:
            times.append((int(arrived) - closed) / 1e6)
    host.stop()
    times.sort()
    note = f"best {times[0]:.2f}, p95 {times[int(len(times) * 0.95)]:.2f} ms, {len(times)} files"
    row("dropped file to warm function's first instruction", statistics.median(times), 3, "ms", note)


async def calls(port, service, target, bodies, connections=32):
    """Sends the calls over some connections, each one after another."""
    authorization = (f"AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/{service}/aws4_request, "
                     "SignedHeaders=host, Signature=0")
    content = "Content-Type: application/json\r\n"
    if target:
        content = f"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: {target}\r\n"
    rest = iter(bodies)

    async def caller():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for method, path, body in rest:
            writer.write((f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
                          f"{content}Authorization: {authorization}\r\n\r\n{body}").encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                          if line.lower().startswith(b"content-length"))
            answer = await reader.readexactly(length)
            if not head.startswith(b"HTTP/1.1 200"):
                sys.exit(f"{target}{path}: {head.decode()}{answer.decode()}")
        writer.close()

    await asyncio.gather(*(caller() for _ in range(connections)))


def at_rest(program, folder, count):
    os.makedirs(f"{folder}/project/workflows")
    pathlib.Path(f"{folder}/project/workflows/waits.asl.json").write_text(WAITING)
    host = Host(program, folder, f"{folder}/project")
    host.start()
    host.wait_until_serving()
    before = host.megabytes()
    schedule = json.dumps({
        "FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": "cron(0 6 1 1 ? *)",
        "Target": {"Arn": "arn:aws:sqs:us-east-1:000000000000:none", "RoleArn": "arn:aws:iam::000000000000:role/bench"},
    })
    begin = time.perf_counter()
    asyncio.run(calls(host.port, "scheduler", "", (("POST", f"/schedules/s{i}", schedule) for i in range(count))))
    scheduled = time.perf_counter()
    machine = "arn:aws:states:us-east-1:000000000000:stateMachine:waits"
    asyncio.run(calls(host.port, "states", "AWSStepFunctions.StartExecution", (
        ("POST", "/", json.dumps({"stateMachineArn": machine, "name": f"x{i}", "input": "{}"})) for i in range(count))))
    started = time.perf_counter()
    time.sleep(3)
    note = (f"{before:.0f} MB before; made at {count / (scheduled - begin):,.0f} schedules and "
            f"{count / (started - scheduled):,.0f} executions a second")
    name = f"{count:,} schedules and {count:,} waiting executions"
    row(name, host.megabytes(), 500, "MB", note)
    idle(host)
    host.stop(signal.SIGKILL)
    begin = time.perf_counter()
    host.start()
    host.wait_until_serving()
    print(f"    killed and started again: serves after {time.perf_counter() - begin:.2f} s, {host.megabytes():.0f} MB")
    time.sleep(3)
    idle(host)
    host.stop()


def idle(host, seconds=10):
    begin = host.cpu()
    time.sleep(seconds)
    # A hundredth of one processor is what counts as none.
    row("    processor at rest", (host.cpu() - begin) / seconds * 100, 1, "%", f"over {seconds} s")


def transfers(program, folder, megabytes, rounds):
    """GET of a large object beside nginx with the same file: one connection, the same reader."""
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not nginx:
        print("    nginx is not installed: the GET of a large object was not compared with it")
        return
    host = Host(program, folder)
    host.start()
    host.wait_until_serving()
    authorization = ("AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/s3/aws4_request, "
                     "SignedHeaders=host, Signature=0")
    asyncio.run(calls(host.port, "s3", "", [("PUT", "/large", "")], 1))
    file = f"{host.data}/buckets/large/object"
    with open(file, "wb") as content:
        for _ in range(megabytes):
            content.write(os.urandom(1 << 20))
    port = free_port()
    pathlib.Path(f"{folder}/nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        f"events {{}} http {{ access_log off; sendfile on; tcp_nopush on; server {{ listen 127.0.0.1:{port}; "
        f"root {host.data}/buckets; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; "
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; }} }}\n"
        + ("user root;\n" if os.geteuid() == 0 else ""))
    Host.running.append(subprocess.Popen([nginx, "-c", f"{folder}/nginx.conf"], stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL))
    sink = bytearray(1 << 20)

    def get(port):
        request = (f"GET /large/object HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {authorization}\r\n"
                   "Connection: close\r\n\r\n").encode()
        begin = time.perf_counter()
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(request)
            total = 0
            while count := caller.recv_into(sink):
                total += count
        return total, time.perf_counter() - begin

    deadline = time.monotonic() + 60
    while True:
        try:
            if min(get(host.port)[0], get(port)[0]) > megabytes << 20:
                break
        except OSError:
            pass
        if time.monotonic() > deadline:
            sys.exit("the object is not served")
        time.sleep(0.1)
    own, other = [], []
    for _ in range(rounds):
        own.append(get(host.port)[1])
        other.append(get(port)[1])
    own, other = statistics.median(own), statistics.median(other)
    note = f"{megabytes / own:,.0f} MB/s, nginx {megabytes / other:,.0f} MB/s; bound: 0.7 of its throughput"
    row(f"GET of {megabytes} MB, time beside nginx", own / other, 1 / 0.7, "", note)
    host.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / ".build/release/millrace"))
    parser.add_argument("--starts", type=int, default=15)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=256, help="megabytes of the large object")
    parser.add_argument("--only", choices=["starts", "drops", "transfers", "waiting"])
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    if not os.access(options.program, os.X_OK):
        sys.exit(f"{options.program} is missing: swift build -c release --product millrace")
    print(f"{'':<52} {'measured':>10} {'':<6} {'bound':>6} {'ratio':>7}")
    parts = {
        "starts": lambda folder: starts(options.program, folder, options.starts),
        "drops": lambda folder: drops(options.program, folder, options.files),
        "transfers": lambda folder: transfers(options.program, folder, options.large, 15),
        "waiting": lambda folder: at_rest(options.program, folder, options.waiting),
    }
    for name, part in parts.items():
        if options.only in (None, name):
            folder = tempfile.mkdtemp(prefix="millrace-bench-")
            try:
                part(folder)
            finally:
                for process in Host.running:
                    process.kill()
                    process.wait()
                Host.running.clear()
                shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
