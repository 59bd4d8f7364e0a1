#!/usr/bin/env python3
"""Lints responses of every kind with httplint.

usage: lint.py HOST PORT

httplint (PyPI) checks responses against the HTTP specifications, field by field. Each response of
the running server is checked together with its request; notes of the levels WARN and BAD are
errors.
"""

import socket
import sys
import time

from httplint import HttpRequestLinter, HttpResponseLinter
from httplint.note import levels

TAG = "{tag}"

# Notes that only repeat a status that the request was meant to get.
EXPECTED = {"STATUS_BAD_REQUEST", "STATUS_URI_TOO_LONG"}

# Requests, and the status of the response.
REQUESTS = [
    ("GET", "/", {}, 200),
    ("HEAD", "/", {}, 200),
    ("GET", "/book", {}, 200),
    ("GET", "/book", {"Accept-Encoding": "gzip"}, 200),
    ("GET", "/", {"Accept-Encoding": "gzip"}, 200),
    ("GET", "/style.css", {"Accept-Encoding": "br"}, 200),
    ("GET", "/icon.svg", {}, 200),
    ("GET", "/", {"If-None-Match": TAG}, 304),
    ("GET", "/", {"Range": "bytes=0-9"}, 206),
    ("GET", "/", {"Range": "bytes=-9", "Accept-Encoding": "gzip"}, 206),
    ("GET", "/", {"Range": "bytes=99999999-"}, 416),
    ("GET", "/", {"If-Match": '"nope"'}, 412),
    ("GET", "/", {"Accept-Encoding": "identity;q=0, gzip;q=0, br;q=0"}, 406),
    ("GET", "/", {"Connection": "close"}, 200),
    ("GET", "/nope", {}, 404),
    ("HEAD", "/nope", {}, 404),
    ("GET", "/nope", {"Accept-Encoding": "gzip"}, 404),
    ("OPTIONS", "/book", {}, 204),
    ("OPTIONS", "*", {}, 204),
    ("POST", "/book", {"Content-Length": "0"}, 405),
    ("BREW", "/book", {}, 501),
    ("GET", "/%zz", {}, 400),
    ("GET", "/", {"Expect": "miracles"}, 417),
    ("GET", "https://localhost/", {}, 421),
    ("GET", "/" + "a" * 9000, {}, 414),
    ("GET", "/", {"X": "a" * 20000}, 431),
    ("POST", "/", {"Content-Length": "99999999"}, 413),
]


def exchange(address, method, target, fields):
    """Sends one request and returns the status line, the fields and the content of the response."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, _, content = received.partition(b"\r\n\r\n")
    status_line, *field_lines = head.split(b"\r\n")
    return status_line, [tuple(line.split(b": ", 1)) for line in field_lines], content


def lint(address, method, target, fields, expected):
    """The errors in the response to one request."""
    status_line, received, content = exchange(address, method, target, fields)
    version, status, phrase = status_line.split(b" ", 2)
    if int(status) != expected:
        return [f"status {int(status)}, not {expected}"]
    request = HttpRequestLinter()
    iri = target if "://" in target else f"http://localhost{target}"
    request.process_request_topline(method.encode(), iri.encode(), b"1.1")
    sent = {"Host": "localhost"} | fields
    request.process_headers([(name.encode(), value.encode()) for name, value in sent.items()])
    request.finish_content(True)
    response = HttpResponseLinter(
        start_time=time.time(), no_content=method == "HEAD", _related=request
    )
    response.process_response_topline(version.removeprefix(b"HTTP/"), status, phrase)
    response.process_headers(received)
    response.feed_content(content)
    response.finish_content(True)
    notes = [note for note in response.notes if note.__class__.__name__ not in EXPECTED]
    errors = [note for note in notes if note.level in (levels.WARN, levels.BAD)]
    return [f"{note.level.name}: {note.subject}: {note.summary}" for note in errors]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    address = (sys.argv[1], int(sys.argv[2]))
    _, fields, _ = exchange(address, "GET", "/", {})
    tag = dict(fields)[b"ETag"].decode()
    count = 0
    for method, target, fields, expected in REQUESTS:
        fields = {name: value.replace(TAG, tag) for name, value in fields.items()}
        for error in lint(address, method, target, fields, expected):
            count += 1
            print(f"{method} {target[:40]} {str(fields)[:60]}: {error}")
    print(f"{len(REQUESTS)} responses, {count} errors")
    sys.exit(count != 0)


if __name__ == "__main__":
    main()
