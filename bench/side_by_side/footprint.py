"""Memory of a server, idle and after requests, and the time of its start."""

import contextlib
import dataclasses
import select

from .load import run_wrk
from .process import Failure
from .scenarios import PIPELINED, request

IDLE_CONNECTIONS = 10_000
# With TLS: a client with 10,000 sessions would take as much memory as the server.
IDLE_TLS_CONNECTIONS = 1_000
MILLION = 1_000_000
BOOKS = dataclasses.replace(PIPELINED, path="/book.json")


@dataclasses.dataclass(frozen=True)
class Memory:
    """Resident memory, and the part of it that does not come from a file."""

    resident_kib: int
    private_kib: int


def first_byte_ms(server, site, cpus):
    """Time from the start to the first byte of a response; server and client have a CPU each."""
    with server.start_timed(site, cpus) as process:
        output = process.process.stdout.read().decode().strip()
        if not output.isdigit():
            raise Failure(f"{server.name} sends no first byte: {output}")
        return int(output) / 1000


def first_bytes_ms(pairs, rounds, cpus):
    """The times of each pair of a server and a site, measured in turn."""
    times = [[] for _ in pairs]
    for _ in range(rounds):
        for (server, site), column in zip(pairs, times):
            column.append(first_byte_ms(server, site, cpus))
    return times


def memory_after_a_million(server, cpus, load_cpus):
    """Memory with the default site after a million requests."""
    with server.start("default", 1, cpus).await_listener() as process:
        requests = 0
        while requests < MILLION:
            counts = run_wrk(BOOKS, process, [], load_cpus, 2)
            if counts["requests"] == 0:
                raise Failure(f"{server.name} does not respond")
            requests += counts["requests"]
        return Memory(process.resident_kib(), process.private_kib())


def idle_bytes(server, cpus, count=IDLE_CONNECTIONS):
    """Growth of resident memory per connection that has sent one request and is then idle."""
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(server.start("files", 1, cpus).await_listener())
        # The first requests allocate memory that does not belong to connections.
        for _ in range(200):
            request(process, "/small.html", [])
        before = process.resident_kib()
        idle = [stack.enter_context(idle_connection(process)) for _ in range(count)]
        growth = process.resident_kib() - before
        if closed := len(readable(idle)):
            raise Failure(f"{server.name} closed {closed} of {len(idle)} idle connections")
        return growth * 1024 / count


def idle_connection(process):
    """A connection that has received one response."""
    connection = process.connect()
    connection.sendall(b"GET /small.html HTTP/1.1\r\nHost: localhost\r\n\r\n")
    response = b""
    while not response.endswith(b"</html>\n"):
        piece = connection.recv(65536)
        if not piece:
            raise Failure(f"{process.name} closes a connection instead of responding")
        response += piece
    return connection


def readable(connections):
    """The connections with input, which here means that the server closed them."""
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLIN)
    return poll.poll(0)
