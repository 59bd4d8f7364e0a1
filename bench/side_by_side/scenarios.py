"""What is asked while it is measured, and that what comes back is right.

A row is a question that any server of files can be asked. The figures come from `load.py`.
"""

import dataclasses
import gzip
import re

from .process import Failure


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One question, asked again and again over so many connections."""

    name: str
    path: str = "/small.html"
    status: int = 200
    connections: int = 64
    pipeline: int = 1
    workers: int = 1
    fields: tuple = ()
    # Whether the client sends back what it was told of the version that it has.
    revalidates: bool = False

    def closes(self):
        return ("Connection", "close") in self.fields


SMALL = Scenario("64 connections")
CROWD = Scenario("1,000 connections", connections=1000)
PIPELINED = Scenario("16 requests in one go", pipeline=16)
FRESH = Scenario("a new connection each", fields=(("Connection", "close"),))
UNCHANGED = Scenario("304", status=304, revalidates=True)
CODED = Scenario("gzip", path="/text.html", fields=(("Accept-Encoding", "gzip"),))
MISSING = Scenario("404", path="/nothing.html", status=404)
MEDIUM = Scenario("a file of 64 KiB", path="/medium.bin", connections=16)
LARGE = Scenario("a file of 1.4 MB", path="/large.bin", connections=16)
TWO = Scenario("64 connections, two workers", workers=2)
TWO_PIPELINED = Scenario("16 in one go, two workers", pipeline=16, workers=2)

ALL = [SMALL, CROWD, PIPELINED, FRESH, UNCHANGED, CODED, MISSING, MEDIUM, LARGE, TWO, TWO_PIPELINED]
# Chapbook alone, on the small site and the one of 10,000 pages in turn.
MANY_ROUTES = Scenario("10,000 routes")


def ask(process, path, fields):
    """The status, the fields by name in lower case, the content and the length of an answer."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{process.port}"]
    lines += [f"{name}: {value}" for name, value in fields]
    request = "\r\n".join([*lines, "", ""]).encode()
    with process.connect() as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answer:
            head = b""
            while not head.endswith(b"\r\n\r\n") and (line := answer.readline()):
                head += line
            status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
            if not status:
                raise Failure(f"{process.name} says {head[:60]!r} to {path}")
            found = re.findall(rb"(?m)^([^:\s]+):[ \t]*(.*?)\r$", head)
            told = {name.decode().lower(): value.decode() for name, value in found}
            content, length = b"", 0
            if int(status[1]) != 304:
                content, length = read_content(answer, told)
    return int(status[1]), told, content, len(head) + length


def read_content(answer, told):
    """The content, and how many bytes it came in."""
    if told.get("transfer-encoding") != "chunked":
        content = answer.read(int(told["content-length"]))
        return content, len(content)
    content, length = b"", 0
    while line := answer.readline():
        piece = answer.read(int(line, 16))
        length += len(line) + len(piece) + len(answer.readline())
        content += piece
        if not piece:
            break
    return content, length


@dataclasses.dataclass(frozen=True)
class Exchange:
    """What is sent beside the path, and what comes back each time."""

    fields: list
    status: int
    length: int
    content_bytes: int


def prepared(scenario, process, site):
    """The question as this server is asked it, and the answer, which is right.

    `site` is the folder that is served; without one, nobody knows what is right.
    """
    fields = list(scenario.fields)
    if scenario.revalidates and site:
        _, told, _, _ = ask(process, scenario.path, fields)
        # Not every server makes entity tags of files.
        if "etag" in told:
            fields.append(("If-None-Match", told["etag"]))
        else:
            fields.append(("If-Modified-Since", told["last-modified"]))
    # The first answer may be made in another way than those that follow.
    for _ in range(2):
        status, told, content, length = ask(process, scenario.path, fields)
    if site:
        check(scenario, process.name, site, (status, told, content))
    return Exchange(fields, status, length, len(content))


def check(scenario, name, site, answer):
    status, told, content = answer
    if status != scenario.status:
        raise Failure(f"{name} answers {scenario.path} with {status}, not {scenario.status}")
    is_coded = any(field == "Accept-Encoding" for field, _ in scenario.fields)
    if is_coded and told.get("content-encoding") != "gzip":
        raise Failure(f"{name} does not send gzip")
    if status == 200:
        right = (site / scenario.path[1:]).read_bytes()
        if (gzip.decompress(content) if is_coded else content) != right:
            raise Failure(f"{name} sends something else than {scenario.path}")
