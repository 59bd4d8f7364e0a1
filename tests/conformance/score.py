#!/usr/bin/env python3
"""Runs the conformance table against servers that serve the default site, and prints their scores.

usage: score.py [-v] NAME=HOST:PORT...    against running servers
       score.py [-v]                      starts Chapbook, nginx, lighttpd and h2o

-v prints the names of the cases that fail. The second form needs target/release/chapbook and
Debian's packages nginx-light, lighttpd, lighttpd-mod-deflate and h2o; it skips a server that is not
installed. A case about something that a server does not offer at all, for example a date, is not
counted for that server.
"""

import concurrent.futures
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from email.utils import formatdate, parsedate_to_datetime

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = json.loads((ROOT / "tests/conformance/cases.json").read_text())
SILENCE_SECONDS = 0.7
# The placeholders of the table: a repeated text, and a value of a page of the server.
REPEAT = re.compile(r"\{\{repeat:(.*?):(\d+)\}\}", re.DOTALL)
VALUE = re.compile(r"\{\{([a-z]+[a-z0-9]*)(-truncated)?([+-]\d+)?:(/[^}]*)\}\}")


class Malformed(Exception):
    """The received bytes are not a valid response."""


class Response:
    """The status, the fields by name in lower case, and the content of one response."""

    def __init__(self, head):
        status_line, *lines = head.split(b"\r\n")
        match = re.fullmatch(rb"HTTP/1\.[01] (\d{3})( .*)?", status_line)
        if not match:
            raise Malformed(status_line[:60])
        self.status, self.fields, self.content = int(match[1]), {}, b""
        for line in lines:
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or not re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", name):
                raise Malformed(line[:60])
            name, value = name.lower(), value.strip(" \t")
            known = self.fields.get(name)
            self.fields[name] = value if known is None else f"{known}, {value}"


def take_response(received, is_head, has_ended):
    """The first response in the bytes and the bytes after it; None if it is incomplete."""
    head, separator, rest = received.partition(b"\r\n\r\n")
    if not separator:
        return None
    response = Response(head)
    if is_head or response.status < 200 or response.status in (204, 304):
        return response, rest
    if "chunked" in response.fields.get("transfer-encoding", ""):
        while True:
            size, line_end, rest = rest.partition(b"\r\n")
            if not line_end:
                return None
            length = int(size.split(b";")[0], 16)
            if len(rest) < length + 2:
                return None
            response.content += rest[:length]
            rest = rest[length + 2:]
            if length == 0:
                return response, rest
    length = response.fields.get("content-length")
    if length is None:
        response.content = rest
        return (response, b"") if has_ended else None
    if len(rest) < int(length):
        return None
    response.content = rest[:int(length)]
    return response, rest[int(length):]


def talk(address, sent, shuts_down=False, heads=()):
    """All responses until the server closes or sends nothing more, and whether it closed."""
    received, is_closed = b"", False
    with socket.create_connection(address, timeout=5) as connection:
        try:
            connection.sendall(sent)
            if shuts_down:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        connection.settimeout(SILENCE_SECONDS)
        try:
            while piece := connection.recv(65536):
                received += piece
            is_closed = True
        except TimeoutError:
            pass
        except OSError:
            is_closed = True
    responses, finals = [], 0
    while received:
        taken = take_response(received, finals in heads, is_closed)
        if taken is None:
            if is_closed:
                raise Malformed(b"cut short: " + received[:60])
            break
        response, received = taken
        responses.append(response)
        finals += response.status >= 200
    return responses, is_closed


class Subject:
    """A server under test, with the values of the table's placeholders for it."""

    def __init__(self, host, port):
        self.address = (host, int(port))
        self.pages = {path: self.get(path) for path in ("/", "/book", "/book.json")}
        book = self.pages["/book.json"]
        compressed = self.get("/", "Accept-Encoding: gzip\r\n")
        tag = book.fields.get("etag", "")
        self.offers = {
            "etag": bool(tag),
            "strong-etag": tag.startswith('"'),
            "last-modified": "last-modified" in book.fields,
            "gzip": "content-encoding" in compressed.fields,
        }

    def get(self, path, fields=""):
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}Connection: close\r\n\r\n"
        responses, _ = talk(self.address, request.encode())
        return responses[0]

    def expand(self, text):
        text = REPEAT.sub(lambda match: match[1] * int(match[2]), text)
        return VALUE.sub(self.value, text)

    def value(self, match):
        name, truncated, shift, page = match[1], match[2], int(match[3] or 0), self.pages[match[4]]
        if name == "etag":
            tag = page.fields["etag"]
            return tag[:-2] + '"' if truncated else tag
        if name == "len":
            return str(len(page.content) + shift)
        date = parsedate_to_datetime(page.fields["last-modified"])
        if name == "lm850":
            return date.strftime("%A, %d-%b-%y %H:%M:%S GMT")
        return formatdate(date.timestamp() + shift, usegmt=True)

    def holds(self, case):
        """Whether the case holds; None if it does not apply."""
        if not all(self.offers.get(need, True) for need in case.get("needs", [])):
            return None
        sent = self.expand(case["send"]).encode("latin-1")
        try:
            responses, is_closed = talk(
                self.address, sent, case.get("shutdown") == "write", case.get("heads", [])
            )
        except (Malformed, OSError):
            return False
        interim = [response for response in responses if response.status < 200]
        finals = [response for response in responses if response.status >= 200]
        if not finals and interim and case.get("allow100"):
            return True
        expected = case["expect"]
        status = finals[0].status if finals else (0 if is_closed else -1)
        return (
            status in expected["status"]
            and all(map(is_sound, finals))
            and all(map(self.fits, [expected] + expected.get("next", []), finals))
            and len(finals) in expected.get("count", [len(finals)])
            and expected["close"] in (None, is_closed)
            and not (interim and case.get("no1xx"))
            and all(response.status != 101 for response in interim)
        )

    def fits(self, expected, response):
        if response.status not in expected["status"]:
            return False
        for name, pattern in expected.get("headers", {}).items():
            value = response.fields.get(name.rstrip("?"))
            if value is None:
                if pattern is not None and not name.endswith("?"):
                    return False
            elif pattern is None or not re.search(self.expand(pattern), value):
                return False
        content = response.content.decode("latin-1")
        return not expected.get("body") or re.search(expected["body"], content) is not None


def is_sound(response):
    """Whether a response meets the requirements on all responses."""
    fields, status = response.fields, response.status
    return (
        ("date" in fields or status >= 500)
        and not (status == 204 and ("content-length" in fields or "transfer-encoding" in fields))
        and (status != 405 or "allow" in fields)
        and (status != 416 or re.fullmatch(r"bytes \*/\d+", fields.get("content-range", "")))
        and (status != 206 or "content-range" in fields or "byteranges" in fields["content-type"])
    )


NGINX = """daemon off; pid {out}/pid; error_log /dev/null; events {{}}
http {{ access_log off; types {{ text/html html; application/json json; text/css css;
    text/javascript js; image/svg+xml svg; }} gzip on; gzip_vary on; gzip_min_length 1;
    gzip_types *; client_body_temp_path {out}; proxy_temp_path {out}; fastcgi_temp_path {out};
    uwsgi_temp_path {out}; scgi_temp_path {out};
    server {{ listen 127.0.0.1:{port}; root {site}; error_page 404 /404.html;
        location / {{ try_files $uri $uri/index.html $uri.html $uri.json =404; }} }} }}
"""

LIGHTTPD = """server.document-root = "{site}"
server.port = {port}
server.bind = "127.0.0.1"
server.modules = ( "mod_rewrite", "mod_deflate" )
index-file.names = ( "index.html" )
url.rewrite-once = ( "^/book$" => "/book.json" )
server.errorfile-prefix = "{site}/"
deflate.mimetypes = ( "" )
deflate.allowed-encodings = ( "gzip" )
mimetype.assign = ( ".html" => "text/html", ".json" => "application/json", ".css" => "text/css",
    ".js" => "text/javascript", ".svg" => "image/svg+xml" )
"""

H2O = """listen: {{ host: 127.0.0.1, port: {port} }}
user: nobody
compress: [gzip]
hosts: {{ default: {{ paths: {{
    "/book": {{ file.file: {site}/book.json, file.mime.addtypes: {{ "application/json": .json }} }},
    "/": {{ file.dir: {site} }} }} }} }}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def start_all(out):
    """Starts the installed servers; yields their names, ports and processes."""
    executable = ROOT / "target/release/chapbook"
    commands = {
        "Chapbook": ([executable, "--port", "{port}", "--quiet"], None),
        "nginx": (["nginx", "-c", "{config}"], NGINX),
        "lighttpd": (["lighttpd", "-D", "-f", "{config}"], LIGHTTPD),
        "h2o": (["h2o", "-c", "{config}"], H2O),
    }
    for name, (command, template) in commands.items():
        if not shutil.which(command[0]):
            print(f"{name} is not installed", file=sys.stderr)
            continue
        port, config = free_port(), out / f"{name}.conf"
        if template:
            config.write_text(template.format(site=out / "site", port=port, out=out))
        arguments = [str(word).format(port=port, config=config) for word in command]
        quiet = subprocess.DEVNULL
        yield name, port, subprocess.Popen(arguments, stdout=quiet, stderr=quiet)


def wait_for(port):
    """Waits until a server listens on the port."""
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
    sys.exit(f"no server listens on port {port}")


def score(name, host, port, is_verbose):
    subject = Subject(host, port)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(subject.holds, CASES))
    failed = [case["id"] for case, holds in zip(CASES, outcomes) if holds is False]
    counted = sum(holds is not None for holds in outcomes)
    held = counted - len(failed)
    print(f"| {name} | {held} of {counted} | {100 * held / counted:.1f} % |", flush=True)
    if is_verbose and failed:
        print("  " + " ".join(failed))


def main():
    arguments = [word for word in sys.argv[1:] if word != "-v"]
    is_verbose = "-v" in sys.argv
    print("| server | cases that hold | share |\n|---|---|---|")
    if arguments:
        for argument in arguments:
            name, _, address = argument.partition("=")
            score(name, *address.rsplit(":", 1), is_verbose)
        return
    with tempfile.TemporaryDirectory() as out:
        out = pathlib.Path(out)
        out.chmod(0o755)
        shutil.copytree(ROOT / "site", out / "site")
        started = list(start_all(out))
        try:
            for name, port, _ in started:
                wait_for(port)
                score(name, "127.0.0.1", port, is_verbose)
        finally:
            for _, _, process in started:
                process.terminate()


if __name__ == "__main__":
    main()
