"""What a server takes beside CPU time: memory at rest and at work, and the time of its start.

It holds connections and counts; which servers there are, others know.
"""

import contextlib
import dataclasses
import select

from .load import asked
from .process import Failure
from .scenarios import PIPELINED, ask

IDLE_CONNECTIONS = 10_000
MILLION = 1_000_000
BOOKS = dataclasses.replace(PIPELINED, path="/book.json")


@dataclasses.dataclass(frozen=True)
class Memory:
    """Resident memory, and what of it is the server's own and not that of a file."""

    resident_kib: int
    own_kib: int


def first_byte_ms(server, site, cpus):
    """From before the start to the first byte of an answer; server and client have a CPU each."""
    with server.start_timed(site, cpus) as process:
        told = process.process.stdout.read().decode().strip()
        if not told.isdigit():
            raise Failure(f"{server.name} gives no first byte: {told}")
        return int(told) / 1000


def first_bytes_ms(pairs, rounds, cpus):
    """The times of each pair of a server and a site, in turn."""
    times = [[] for _ in pairs]
    for _ in range(rounds):
        for (server, site), list_of in zip(pairs, times):
            list_of.append(first_byte_ms(server, site, cpus))
    return times


def memory_after_a_million(server, cpus, load_cpus):
    """Memory with the default site, when it has answered that many requests."""
    with server.start("default", 1, cpus).await_listener() as process:
        answered = 0
        while answered < MILLION:
            counts = asked(BOOKS, process, [], load_cpus, 2)
            if counts["requests"] == 0:
                raise Failure(f"{server.name} does not answer")
            answered += counts["requests"]
        return Memory(process.resident_kib(), process.own_kib())


def idle_bytes(server, cpus):
    """Resident growth for each connection that has asked once and is silent from then on."""
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(server.start("files", 1, cpus).await_listener())
        # What the first requests make it allocate is not the connections' own.
        for _ in range(200):
            ask(process, "/small.html", [])
        before = process.resident_kib()
        held = [stack.enter_context(asked_once(process)) for _ in range(IDLE_CONNECTIONS)]
        growth = process.resident_kib() - before
        if gone := len(ready(held)):
            raise Failure(f"{server.name} closed {gone} of {len(held)} idle connections")
        return growth * 1024 / IDLE_CONNECTIONS


def asked_once(process):
    connection = process.connect()
    connection.sendall(b"GET /small.html HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while not answer.endswith(b"</html>\n"):
        piece = connection.recv(65536)
        if not piece:
            raise Failure(f"{process.name} closes a connection instead of answering")
        answer += piece
    return connection


def ready(connections):
    """Those with something to read, which is only their end."""
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLIN)
    return poll.poll(0)
