#!/usr/bin/env python3
"""Measures Millrace side by side with other servers that speak AWS's protocols. Each row is measured server after
server, round after round, so that what else the machine does falls on all of them; the figures are the medians of the
rounds. Millrace keeps on disk what it has acknowledged; what the peers keep is their own affair.

ops/s     operations that were done: requests answered, messages deleted or arrived, executions that succeeded
p50, p99  of one request, in milliseconds
cpu us    processor time of the server's processes for one operation
client    share of one processor that the load generator took; * marks the rows that it limited (above 0.9)
others    processors that anything else on the machine kept busy meanwhile
times     Millrace's operations a second for each of the peer's, or of the bound's
cpu times the peer's processor time for each of Millrace's, which depends less on what else the machine does

bound     a server that does only what none of the row can leave out: it reads requests without decoding them, brings
          to disk what must be durable in one file and with one wait for all that came meanwhile, takes the MD5 that
          is an object's ETag, lets the kernel send a large object, and knows nothing of AWS

Some file systems are slow to make files for a minute after very many were removed, such as those of an earlier run: the
first row suffers from that.

    swift build -c release --product millrace && swift build -c release --product PeersBenchmarkLoad
    swift build -c release --product PeersBenchmarkBound
    python3 -m venv peers && peers/bin/pip install 'moto[server]' ministack
    Benchmarks/Peers/compare.py --environment peers
"""

import argparse
import dataclasses
import json
import math
import os
import pathlib
import re
import shutil
import signal
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import bounds  # noqa: E402
from cell import LARGE, Cell  # noqa: E402
from rows import ROWS  # noqa: E402
from servers import adopt, found, rest, stop  # noqa: E402
from wire import NotServed  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLIENT_LIMIT = 0.9
AIM = 10


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / ".build/release/millrace"))
    parser.add_argument("--load", default=str(ROOT / ".build/release/PeersBenchmarkLoad"))
    parser.add_argument("--bound", default=str(ROOT / ".build/release/PeersBenchmarkBound"))
    parser.add_argument("--sync", default="commit", choices=["commit", "second"], help="as for millrace up")
    parser.add_argument("--environment", help="a virtual environment of Python that the peers are installed in")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                        help="another server: a command for the shell, which serves on $PORT")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--concurrency", default="8,32", help="connections, separated by commas")
    parser.add_argument("--seconds", type=float, default=3, help="of one measurement")
    parser.add_argument("--backlog", type=int, default=20000, help="most messages that are put up to be received")
    parser.add_argument("--rows", default="", metavar="PATTERN", help="only the rows whose names it matches")
    parser.add_argument("--folder", default="/var/tmp", help="where the servers' data goes: on a disk")
    parser.add_argument("--json", metavar="FILE", help="also writes every round to a file")
    options = parser.parse_args()
    for name in ("program", "load", "bound"):
        path = os.path.abspath(getattr(options, name))
        setattr(options, name, path)
        if not os.access(path, os.X_OK):
            product = {"program": "millrace", "load": "PeersBenchmarkLoad", "bound": "PeersBenchmarkBound"}[name]
            parser.error(f"{path} is missing: swift build -c release --product {product}")
    options.concurrency = [int(part) for part in options.concurrency.split(",")]
    return options


def median(results):
    fields = dataclasses.asdict(results[0])
    for name, value in fields.items():
        if not isinstance(value, str):
            fields[name] = statistics.median(getattr(result, name) for result in results)
    fields["note"] = next((result.note for result in results if result.note), "").strip()
    return fields


def measure(name, connections, servers, options):
    """Returns the results of each server by its name, and in place of them what the server said that does not serve
    the row."""
    results, missing = {server.name: [] for server in servers}, {}
    for number in range(options.rounds):
        # Each goes first in its turn.
        first = number % len(servers)
        for server in servers[first:] + servers[:first]:
            if server.name in missing:
                continue
            rest(servers)
            try:
                results[server.name].append(attempt(name, Cell(server, connections, options)))
            except (NotServed, KeyError, ValueError) as error:
                kind = "" if isinstance(error, NotServed) else f"{type(error).__name__}: "
                text = re.sub("<[^>]*>", " ", f"{kind}{error}")
                missing[server.name] = " ".join(text.split())
    return results, missing


def attempt(name, cell):
    if cell.server.name != bounds.NAME:
        return cell.measure(ROWS[name][0])
    bound = bounds.row(name)
    if not bound:
        raise NotServed("the row has no bound")
    return cell.meter(lambda: bound(cell))


def show(name, connections, results, missing):
    """Prints the row; returns the rates."""
    rates = {}
    own = median(results["millrace"]) if results["millrace"] else None
    for server, rounds in results.items():
        label = f"{name if server == 'millrace' else '':<26} {connections:>3}  {server:<10}"
        if not rounds:
            print(f"{label} no figure: {missing[server][:140]}", flush=True)
            continue
        row = median(rounds)
        mark = "*" if row["client"] > CLIENT_LIMIT else " "
        rates[server] = row["rate"]
        text = ""
        if server != "millrace" and own:
            text = f"{own['rate'] / row['rate']:>8.{places(server)}f} {row['cpu'] / max(own['cpu'], 1e-9):>10.1f}"
        rate = f"{row['rate']:,.0f}" if row["rate"] >= 100 else f"{row['rate']:.2f}"
        note = row["note"] or missing.get(server, "")[:140]
        print(f"{label} {rate:>9} {row['p50']:>9.2f} {row['p99']:>9.2f} {row['cpu']:>11,.0f}   {row['client']:>5.2f}"
              f"{mark} {row['others']:>6.2f}{text:<19}  {note}".rstrip(), flush=True)
    return rates


def places(server):
    return 2 if server == bounds.NAME else 1


def conclude(rows):
    """`rows`: the rates of each row."""
    for server in dict.fromkeys(server for rates in rows for server in rates if server not in ("millrace", bounds.NAME)):
        both = [rates for rates in rows if server in rates and "millrace" in rates]
        ratios = [rates["millrace"] / rates[server] for rates in both]
        if not ratios:
            continue
        beyond = sum(ratio < AIM and AIM * rates[server] > rates.get(bounds.NAME, math.inf)
                     for ratio, rates in zip(ratios, both))
        print(f"{server}: {sum(ratio >= AIM for ratio in ratios)} of {len(ratios)} rows at {AIM} times its rate or "
              f"better, {beyond} where {AIM} times its rate is beyond the bound; the lowest is {min(ratios):.1f}")


def compare(servers, options):
    for server in servers:
        server.start()
    print(f"{'':<26} {'c':>3}  {'server':<10} {'ops/s':>9} {'p50 ms':>9} {'p99 ms':>9} {'cpu us':>11}   client  others"
          f"{'times':>8} {'cpu times':>10}", flush=True)
    everything, rows = [], []
    for name, (_, most) in ROWS.items():
        if not re.search(options.rows, name):
            continue
        for connections in sorted({min(count, most) for count in options.concurrency}):
            results, missing = measure(name, connections, servers, options)
            rows.append(show(name, connections, results, missing))
            everything.append({"row": name, "connections": connections, "missing": missing, "rounds": {
                server: [dataclasses.asdict(result) for result in rounds] for server, rounds in results.items()}})
    conclude(rows)
    return everything


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    options.folder = tempfile.mkdtemp(prefix="millrace-peers-", dir=options.folder)
    servers, begin = [], time.monotonic()
    adopt()
    try:
        with open(f"{options.folder}/large", "wb") as large:
            large.write(os.urandom(1 << 20) * (LARGE >> 20))
        servers = found(options.program, options.environment, options.peer, options.folder, options.sync)
        if len(servers) == 1:
            print("no peer is installed: Millrace is measured alone")
        servers.append(bounds.Bound(options.bound, options.folder))
        everything = compare(servers, options)
        print(f"{time.monotonic() - begin:.0f} s, {os.cpu_count()} processors")
        if options.json:
            pathlib.Path(options.json).write_text(json.dumps({
                "processors": os.cpu_count(), "seconds": options.seconds, "rows": everything}, indent=1) + "\n")
    except KeyboardInterrupt:
        sys.exit("interrupted")
    finally:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        stop(servers)
        shutil.rmtree(options.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
