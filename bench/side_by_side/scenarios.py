"""The requests of the benchmark, and a check of the responses."""

import dataclasses
import gzip
import re

from .process import Failure


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A request that is repeated over a number of connections."""

    name: str
    path: str = "/small.html"
    status: int = 200
    connections: int = 64
    pipeline: int = 1
    workers: int = 1
    fields: tuple = ()
    # Whether the request has the entity tag or the date of the first response as a condition.
    revalidates: bool = False
    # Whether a further connection resumes the session of TLS.
    resumes: bool = False
    # Whether wrk runs on the CPU of the server.
    shares_cpu: bool = False

    def closes(self):
        return ("Connection", "close") in self.fields


SMALL = Scenario("64 connections")
CROWD = Scenario("1,000 connections", connections=1000)
PIPELINED = Scenario("16 pipelined requests", pipeline=16)
FRESH = Scenario("one request per connection", fields=(("Connection", "close"),))
UNCHANGED = Scenario("304", status=304, revalidates=True)
COMPRESSED = Scenario("gzip", path="/text.html", fields=(("Accept-Encoding", "gzip"),))
MISSING = Scenario("404", path="/nothing.html", status=404)
MEDIUM = Scenario("64 KiB file", path="/medium.bin", connections=16)
LARGE = Scenario("1.4 MB file", path="/large.bin", connections=16)
TWO = Scenario("64 connections, two workers", workers=2)
TWO_PIPELINED = Scenario("16 pipelined requests, two workers", pipeline=16, workers=2)

ALL = [
    SMALL, CROWD, PIPELINED, FRESH, UNCHANGED, COMPRESSED, MISSING, MEDIUM, LARGE,
    TWO, TWO_PIPELINED,
]
# The same over TLS, without a baseline.
TLS_SMALL = dataclasses.replace(SMALL, name="TLS, 64 connections")
TLS_BATCHES = dataclasses.replace(
    SMALL, name="TLS, 64 connections, one CPU", shares_cpu=True
)
TLS_FRESH = dataclasses.replace(FRESH, name="TLS, one request per connection")
TLS_RESUMED = dataclasses.replace(
    FRESH, name="TLS, one request per connection, resumed", resumes=True
)
TLS_MEDIUM = dataclasses.replace(MEDIUM, name="TLS, 64 KiB file")
TLS_LARGE = dataclasses.replace(LARGE, name="TLS, 1.4 MB file")
TLS = [TLS_SMALL, TLS_BATCHES, TLS_FRESH, TLS_RESUMED, TLS_MEDIUM, TLS_LARGE]
# Only Chapbook, with the small site and the one of 10,000 pages in turn.
MANY_ROUTES = Scenario("10,000 routes")


def request(process, path, fields):
    """The status, the fields by name in lower case, the content and the length of a response."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{process.port}"]
    lines += [f"{name}: {value}" for name, value in fields]
    head = "\r\n".join([*lines, "", ""]).encode()
    with process.connect() as connection:
        connection.sendall(head)
        with connection.makefile("rb") as response:
            head = b""
            while not head.endswith(b"\r\n\r\n") and (line := response.readline()):
                head += line
            status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
            if not status:
                raise Failure(f"{process.name} responds {head[:60]!r} to {path}")
            pairs = re.findall(rb"(?m)^([^:\s]+):[ \t]*(.*?)\r$", head)
            received = {name.decode().lower(): value.decode() for name, value in pairs}
            content, length = b"", 0
            if int(status[1]) != 304:
                content, length = read_content(response, received)
    return int(status[1]), received, content, len(head) + length


def read_content(response, fields):
    """The content, and its length on the wire."""
    if fields.get("transfer-encoding") != "chunked":
        content = response.read(int(fields["content-length"]))
        return content, len(content)
    content, length = b"", 0
    while line := response.readline():
        piece = response.read(int(line, 16))
        length += len(line) + len(piece) + len(response.readline())
        content += piece
        if not piece:
            break
    return content, length


@dataclasses.dataclass(frozen=True)
class Exchange:
    """The fields of the request, and the status and the length of each response."""

    fields: list
    status: int
    length: int
    content_bytes: int


def prepared(scenario, process, site):
    """The request for this server and its response, compared with the file in the folder `site`.

    Without `site`, the response is not compared.
    """
    fields = list(scenario.fields)
    if scenario.revalidates and site:
        _, received, _, _ = request(process, scenario.path, fields)
        # Not every server has entity tags.
        if "etag" in received:
            fields.append(("If-None-Match", received["etag"]))
        else:
            fields.append(("If-Modified-Since", received["last-modified"]))
    # The first response can differ from the following ones.
    for _ in range(2):
        status, received, content, length = request(process, scenario.path, fields)
    if site:
        check(scenario, process.name, site, (status, received, content))
    return Exchange(fields, status, length, len(content))


def check(scenario, name, site, response):
    status, received, content = response
    if status != scenario.status:
        raise Failure(f"{name} serves {scenario.path} with {status}, not {scenario.status}")
    is_compressed = any(field == "Accept-Encoding" for field, _ in scenario.fields)
    if is_compressed and received.get("content-encoding") != "gzip":
        raise Failure(f"{name} does not send gzip")
    if status == 200:
        expected = (site / scenario.path[1:]).read_bytes()
        if (gzip.decompress(content) if is_compressed else content) != expected:
            raise Failure(f"the content of {scenario.path} from {name} is wrong")
