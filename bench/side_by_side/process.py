"""A server's processes: their start and end, the CPU time that they took, and their memory.

It knows the files of /proc, and nothing of what the server is for.
"""

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
# What each server may open, if the machine lets it.
DESCRIPTORS = min(20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])


class Failure(Exception):
    """There is no figure that can be relied on."""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def pinned(cpus):
    """What is started within runs on these CPUs, as a process inherits them."""
    before = os.sched_getaffinity(0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Process:
    """A server that runs, with whatever processes it started; it ends with its block."""

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
        # What it started is another's child by now, and is waited for until it is gone.
        while pids := self.pids():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def await_listener(self):
        """Returns when somebody answers at the port; how long that took has no meaning."""
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.connect().close()
                return self
            time.sleep(0.02)
        self.__exit__()
        raise Failure(f"{self.name} does not listen on port {self.port}")

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=START_SECONDS)

    def pids(self):
        """It and its children: all of its session, whose name is its number."""
        pids = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                # The name in brackets may hold anything, so the rest is behind the last one.
                pid, _, rest = stat.read_text().partition(" ")
                fields = rest.rpartition(")")[2].split()
                if int(fields[3]) == self.process.pid and fields[0] != "Z":
                    pids.append(int(pid))
        return sorted(pids)

    def cpu_seconds(self):
        """All CPU time so far, also that of threads that have ended."""
        # clock_getcpuclockid(3) makes this number of a process.
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self.pids())

    def resident_kib(self):
        """Resident memory, all processes together."""
        return sum(self._status_kib(pid, "VmRSS") for pid in self.pids())

    def own_kib(self):
        """What of it is in no file, so that nobody else can share it."""
        return sum(self._status_kib(pid, "RssAnon") for pid in self.pids())

    @staticmethod
    def _status_kib(pid, field):
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(re.search(rf"^{field}:\s*(\d+) kB$", text, re.MULTILINE)[1])
