"""The bound of each row: what a server reaches on this machine that leaves out all that can be left out. Where ten times
a peer's rate is more than that, no server gets there."""

import socket
import time

from cell import LARGE
from rows import QUEUES, TEXT
from servers import Server
from wire import MARK

NAME = "bound"


class Bound(Server):
    def __init__(self, program, folder):
        super().__init__(NAME, [program, "--port", "{port}", "--large", f"{folder}/large", "--folder", "{folder}"],
                         f"{folder}/{NAME}")

    def begin(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"the bound cannot be measured: {error}") from error
                time.sleep(0.05)


def message(server, path):
    return server.request("sqs", "POST", path, '{"MessageBody": "%s"}' % TEXT)


# What its requests come to, and how many operations each of them is.
REQUESTS = {
    "s3 put 1 KB": (lambda server: server.s3("PUT", f"/durable/{MARK}", "x" * 1024), 1),
    "s3 get 1 KB": (lambda server: server.s3("GET", f"/small/{MARK}"), 1),
    "s3 put 64 MB": (lambda server: server.s3("PUT", f"/digest/{MARK}", length=LARGE), 1),
    "s3 get 64 MB": (lambda server: server.s3("GET", "/large"), 1),
    "sqs send": (lambda server: message(server, "/durable"), 1),
    "sns publish to ten queues": (lambda server: message(server, "/durable"), QUEUES),
    "events through 100 rules": (lambda server: message(server, "/durable"), 1),
    "Standard, ten Pass states": (lambda server: message(server, "/durable"), 1),
    "Express, ten Pass states": (lambda server: message(server, "/answer"), 1),
}


def row(name):
    """The measurement of a row's bound; nothing for rows whose work cannot be told from what serves it."""
    if name not in REQUESTS:
        return None
    request, operations = REQUESTS[name]

    def measure(cell):
        result = cell.load(request(cell.server), large="64 MB" in name and "put" in name)
        result.rate *= operations
        result.operations *= operations
        return result
    return measure
