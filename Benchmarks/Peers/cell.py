"""One measurement: a row of the table, at one concurrency, with one server."""

import dataclasses
import itertools
import json
import os
import pathlib
import subprocess
import time

from servers import TICK
from wire import NotServed

WARM_UP = 0.5
LARGE = 64 << 20
PATIENCE = 30  # seconds that a server has to do what it has accepted


@dataclasses.dataclass
class Result:
    """Latencies are those of requests, in milliseconds; `operations` took `cpu` microseconds of the server's time."""

    rate: float
    p50: float
    p99: float
    operations: int
    client: float  # share of one processor
    others: float = 0  # processors that anything else on the machine kept busy
    cpu: float = 0
    note: str = ""


class Cell:
    numbers = itertools.count(1)

    def __init__(self, server, connections, options):
        self.server, self.connections, self.options = server, connections, options
        self.seconds, self.backlog = options.seconds, options.backlog
        self.tag = f"c{next(Cell.numbers)}"  # names of what is made for this measurement alone

    def measure(self, row):
        with row(self) as measured:
            return self.meter(measured)

    def meter(self, measured):
        """Adds what the processors did meanwhile to the result of `measured`."""
        before, begin = processors(self.server), time.monotonic()
        result = measured()
        elapsed = (time.monotonic() - begin) * 1e6
        taken, client, all_of_them = (now - then for now, then in zip(processors(self.server), before))
        result.others = max(0, all_of_them - taken - client) / elapsed
        result.cpu = max(0, taken) / result.operations
        return result

    def generate(self, request, large=False, **arguments):
        """Runs the load generator; returns what it printed, which Load/Report.swift describes."""
        folder = pathlib.Path(self.options.folder)
        (folder / "request").write_bytes(request)
        arguments = {"connections": self.connections, "seconds": self.seconds, **arguments}
        command = [self.options.load, "--port", str(self.server.port), "--request", str(folder / "request")]
        if large:
            command += ["--body", str(folder / "large")]
        for name, value in arguments.items():
            if isinstance(value, bytes):
                (folder / name).write_bytes(value)
                value = folder / name
            command += [f"--{name}", str(value)]
        limit = WARM_UP + arguments["seconds"] + 30
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired as error:
            raise NotServed(f"the load did not end within {limit:.0f} s") from error
        if run.returncode:
            raise NotServed(run.stderr.strip())
        report = json.loads(run.stdout)
        if not report["total"]:
            raise NotServed(report["first_error"] or "nothing was answered")
        return report

    def load(self, request, **arguments):
        """Measures requests that are done when they are answered."""
        report = self.generate(request, **{"warm-up": WARM_UP, **arguments})
        return result(report, report["requests"] / report["seconds"], report["total"])

    def load_until(self, arrived, request, operations=1):
        """Measures until all is done that the requests asked for: `operations` each, of which `arrived` counts those
        that are done."""
        begin = time.monotonic()
        report = self.generate(request)
        seconds, expected = report["total_seconds"], report["total"] * operations
        count = arrived(expected)
        if count < expected:
            deadline = time.monotonic() + PATIENCE
            while count < expected and time.monotonic() < deadline:
                time.sleep(0.02)
                if (now := arrived(expected)) > count:
                    count, seconds = now, time.monotonic() - begin
        if not count:
            raise NotServed(f"nothing arrived within {PATIENCE} s")
        measured = result(report, min(count, expected) / seconds, count)
        if count != expected:
            measured.note += f" {count} of {expected} arrived"
        return measured


def processors(server):
    """Microseconds of processor time so far: of the server, of this process with the load that it ran, of everything.
    """
    own = os.times()
    ticks = list(map(int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    idle = ticks[3] + ticks[4]
    return server.cpu(), sum(own[:4]) * 1e6, (sum(ticks) - idle) * 1e6 / TICK


def result(report, rate, operations):
    note = ""
    if report["errors"]:
        note = f"{report['errors']} errors: {' '.join(report['first_error'].split())[:120]}"
    return Result(rate, report["p50_us"] / 1e3, report["p99_us"] / 1e3, operations,
                  report["cpu_us"] / 1e6 / report["elapsed"], note=note)
