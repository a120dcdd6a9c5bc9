"""The servers that are compared: how they are found, started, metered and stopped."""

import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from wire import Endpoint, NotServed

TICK = os.sysconf("SC_CLK_TCK")
PEERS = {
    "moto": (["moto_server", "-H", "127.0.0.1", "-p", "{port}"], "pip install 'moto[server]'"),
    "ministack": (["ministack"], "pip install ministack"),
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server(Endpoint):
    """`command`: a list, with {port} and {webhook} to be filled in, or a string for the shell, which reads PORT."""

    def __init__(self, name, command, folder):
        super().__init__(free_port())
        self.name, self.folder = name, pathlib.Path(folder)
        self.prepared = {}
        self.process = None
        self.command = command
        if isinstance(command, list):
            self.command = [part.format(port=self.port, webhook=free_port(), folder=folder) for part in command]

    def start(self):
        self.folder.mkdir()
        environment = dict(os.environ, PORT=str(self.port), TMPDIR=str(self.folder),
                           GATEWAY_PORT=str(self.port), BIND_HOST="127.0.0.1")
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                self.command, shell=isinstance(self.command, str), env=environment, cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.begin()

    def begin(self):
        """Waits until it serves, and sets it up."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self.account = self.call_query("sts", "GetCallerIdentity", "Account")
                break
            except NotServed as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")[-2000:]
                    raise SystemExit(f"{self.name} does not serve: {error}\n{log}") from error
                time.sleep(0.05)
        # What moto does only when it is told to: run executions, and functions without containers. Others know no
        # such path.
        settings = json.dumps({"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}})
        self.send(self.request("moto", "POST", "/moto-api/config", settings, ["Content-Type: application/json"]))

    def cpu(self):
        """Microseconds of processor time of the whole tree, and of those in it that have ended."""
        ticks = sum(sum(map(int, fields[11:15])) for process in tree(self.process.pid)
                    if (fields := stat(process)))
        return ticks * 1e6 / TICK

    def once(self, name, prepare):
        """What `prepare` made when it was first asked for."""
        if name not in self.prepared:
            self.prepared[name] = prepare()
        return self.prepared[name]


def tree(root):
    """The ids of a process and of all that descend from it."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := stat(entry)):
            children.setdefault(int(fields[1]), []).append(int(entry))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def stat(process):
    """The fields of /proc/N/stat behind the name; None when the process has gone."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def rest(servers, seconds=10):
    """Waits until no server is busy with what was asked of it before: all of them share the processors."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        before = [server.cpu() for server in servers]
        time.sleep(0.2)
        if all(server.cpu() - cpu <= 2e6 / TICK for server, cpu in zip(servers, before)):
            return


def adopt():
    """Makes this process the parent of those whose own parents end, so that `stop` finds them."""
    set_child_subreaper = 36
    ctypes.CDLL(None).prctl(set_child_subreaper, 1)


def stop(servers):
    """Ends the servers, and all that they and this process have started."""
    running = [server.process for server in servers if server.process]
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    while orphans := tree(os.getpid())[1:]:
        for process in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


def found(program, environment, named, folder, sync):
    """Millrace and every peer of this machine; says how to install those that are not."""
    millrace = [program, "up", "--data", "{folder}/data", "--port", "{port}", "--webhook-port", "{webhook}", "--quiet",
                "--sync", sync]
    commands = {"millrace": millrace}
    for name, (command, installation) in PEERS.items():
        path = shutil.which(command[0], path=f"{environment}/bin" if environment else None)
        path = path or shutil.which(command[0])
        if path:
            commands[name] = [path, *command[1:]]
        else:
            print(f"{name} is not installed: {installation}, in a virtual environment named by --environment")
    for text in named:
        name, _, command = text.partition("=")
        if not command:
            raise SystemExit(f"--peer {text}: NAME=COMMAND is wanted")
        commands[name] = command
    return [Server(name, command, f"{folder}/{name}") for name, command in commands.items()]
