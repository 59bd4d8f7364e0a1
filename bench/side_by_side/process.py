"""The processes of a server: start and end, CPU time, and memory, from /proc."""

import contextlib
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import time

START_SECONDS = 10
# File descriptors of each server, if the machine allows it.
DESCRIPTORS = min(20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])


class Failure(Exception):
    """A measurement failed."""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def pinned(cpus):
    """Processes that are started in this context run on these CPUs."""
    before = os.sched_getaffinity(0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Process:
    """A running server with its child processes; it is killed at the end of the context."""

    # The context of the clients' TLS, if the server has TLS.
    tls = None

    def __init__(self, name, command, port, cpus, output=subprocess.DEVNULL):
        self.name, self.port = name, port
        words = [str(word) for word in command]
        with pinned(cpus):
            self.process = subprocess.Popen(
                words,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Orphaned children have another parent, so this polls until they are gone.
        while pids := self.pids():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def await_listener(self):
        """Waits until the server listens on its port."""
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.connect().close()
                return self
            time.sleep(0.02)
        self.__exit__()
        raise Failure(f"{self.name} does not listen on port {self.port}")

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=START_SECONDS)
        return self.tls.wrap_socket(connection) if self.tls else connection

    def pids(self):
        """All processes of its session, whose ID is that of the first process."""
        pids = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                # The name in parentheses can contain any character, even a parenthesis.
                pid, _, rest = stat.read_text().partition(" ")
                fields = rest.rpartition(")")[2].split()
                if int(fields[3]) == self.process.pid and fields[0] != "Z":
                    pids.append(int(pid))
        return sorted(pids)

    def cpu_seconds(self):
        """CPU time so far, including threads that have ended."""
        # The clock of a process, as clock_getcpuclockid(3) computes it.
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self.pids())

    def resident_kib(self):
        """Resident memory of all processes."""
        return sum(self._status_kib(pid, "VmRSS") for pid in self.pids())

    def private_kib(self):
        """Resident memory that does not come from a file."""
        return sum(self._status_kib(pid, "RssAnon") for pid in self.pids())

    @staticmethod
    def _status_kib(pid, field):
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(re.search(rf"^{field}:\s*(\d+) kB$", text, re.MULTILINE)[1])
