"""The servers: how each is built and started, and its version.

A server that is not installed is skipped.
"""

import copy
import os
import pathlib
import re
import shutil
import subprocess

from . import tls
from .process import DESCRIPTORS, Failure, Process, free_port

BENCH = pathlib.Path(__file__).resolve().parents[1]
ROOT = BENCH.parent
PEERS = ROOT / "target/peers"
FIRST_BYTE = BENCH / "baseline/target/release/first_byte"
# The folder of the local CA: $XDG_STATE_HOME in the sites' folder.
STATE = "state"
# The executable without the compiler; it is the same server, so only its footprint is measured.
SLIM = "Chapbook, slim"


def run(command, **options):
    outcome = subprocess.run([str(word) for word in command], check=False, **options)
    if outcome.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))} exited with {outcome.returncode}")
    return outcome


def cargo_build(directory, *arguments, **environment):
    command = ["cargo", "build", "--release", "--locked", "--quiet", *arguments]
    # Variables must not change the flags of some of the servers.
    kept = {name: value for name, value in os.environ.items() if "RUSTFLAGS" not in name}
    run(command, cwd=directory, env=kept | environment)


def release_build():
    """The executables of the release build, which are static: complete and slim."""
    folder = ROOT / "target/executables"
    run([ROOT / "deploy/release/executables", release_target(), folder])
    return folder / "chapbook", folder / "chapbook-slim"


def release_target():
    outcome = run([ROOT / "deploy/release/host-target"], capture_output=True, text=True)
    return outcome.stdout.strip()


class Server:
    """A server that can serve a site; `folder` has the sites and is for its files."""

    # Whether the server can serve with TLS, and whether it does.
    has_tls, uses_tls = False, False

    def __init__(self, name, executable, folder):
        self.name, self.executable, self.folder = name, pathlib.Path(executable), folder

    def with_tls(self):
        """The same server with TLS."""
        server = copy.copy(self)
        server.uses_tls = True
        return server

    def command(self, site, port, workers):
        raise NotImplementedError

    def start(self, site, workers, cpus):
        port = free_port()
        process = Process(self.name, self.command(site, port, workers), port, cpus)
        process.tls = tls.client_context() if self.uses_tls else None
        return process

    def start_timed(self, site, cpus):
        """One worker on a CPU, and on the other a client that prints the time to the first byte."""
        port = free_port()
        command = [FIRST_BYTE, port, *cpus[:2], *self.command(site, port, 1)]
        return Process(self.name, command, port, set(cpus), subprocess.PIPE)

    def version(self):
        outcome = subprocess.run(
            [self.executable, *self.version_words], capture_output=True, text=True, check=False
        )
        return re.search(r"\d+\.\d+\.\d+", outcome.stdout + outcome.stderr)[0]

    version_words = ["--version"]

    def size_bytes(self):
        return self.executable.resolve().stat().st_size


class Chapbook(Server):
    """An executable for each site, packed by the complete one."""

    def __init__(self, name, executable, folder, packer):
        super().__init__(name, executable, folder)
        self.packer = packer
        self.has_tls = name != SLIM

    def command(self, site, port, workers):
        executable = self.executable
        if site != "default":
            executable = self.folder / f"{self.name}-{site}"
            if not executable.exists():
                pack = [self.packer, "pack", self.folder / site, "-o", executable]
                pack += ["--base", self.executable]
                run(pack, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # On one address, like the others.
        words = [executable, "--host", "127.0.0.1", "--port", port]
        words += ["--workers", workers, "--quiet"]
        if self.uses_tls:
            words += ["--tls-cert", self.folder / "certificate.pem"]
            words += ["--tls-key", self.folder / "key.pem"]
        # All descriptors would be more than the limit allows, with a warning at each start.
        return [*words, "--max-connections", DESCRIPTORS * 9 // 10]


class WithLocalCa(Chapbook):
    """Chapbook with `--https`, which reads its local CA, or makes it if `is_first`."""

    def __init__(self, chapbook, is_first):
        super().__init__(chapbook.name, chapbook.executable, chapbook.folder, chapbook.packer)
        self.is_first = is_first

    def command(self, site, port, workers):
        return [*super().command(site, port, workers), "--https"]

    def start_timed(self, site, cpus):
        if self.is_first:
            shutil.rmtree(self.folder / STATE, ignore_errors=True)
        return super().start_timed(site, cpus)


class Baseline(Server):
    """The loop that only receives and sends; the size of its responses can be set."""

    content_bytes = 253

    def command(self, site, port, workers):
        return [self.executable, port, self.content_bytes, workers]

    def version(self):
        return "0.1.0"


class Configured(Server):
    """A server with a configuration file, made from the template in `peers/`."""

    template = None
    words = ()

    def command(self, site, port, workers):
        scratch = self.folder / f"{self.name}-{port}"
        scratch.mkdir(exist_ok=True)
        scratch.chmod(0o777)
        # lighttpd counts child processes, and needs none for one worker.
        children = 0 if workers == 1 else workers
        values = {"port": port, "workers": workers, "children": children, "scratch": scratch}
        values |= {"descriptors": DESCRIPTORS, "site": self.folder / site}
        values |= {"certificates": self.folder}
        text = (BENCH / "peers" / self.template).read_text()
        if self.uses_tls:
            text = text.replace("#tls ", "")
        text = re.sub(r"@(\w+)@", lambda match: str(values[match[1]]), text)
        configuration = scratch / self.template
        configuration.write_text(text)
        return [self.executable, *self.words, configuration]


class Nginx(Configured):
    template, words, version_words = "nginx.conf", ("-c",), ["-v"]
    has_tls = True


class Lighttpd(Configured):
    template, words, version_words = "lighttpd.conf", ("-D", "-f"), ["-v"]


class H2o(Configured):
    template, words = "h2o.yaml", ("-c",)
    has_tls = True


class MemoryServe(Server):
    """Has both sites in its executable; see `peers/memory-serve`."""

    def command(self, site, port, workers):
        return [self.executable, port, workers, site]

    def version(self):
        lock = (BENCH / "peers/memory-serve/Cargo.lock").read_text()
        return re.search(r'name = "memory-serve"\nversion = "(.*)"', lock)[1]


class StaticWebServer(Server):
    """Has a thread for each CPU that it can use."""

    def command(self, site, port, workers):
        folder = self.folder / site
        words = [self.executable, "--host", "127.0.0.1", "--port", port, "--root", folder]
        words += ["--log-level", "error", "--compression-static", "true"]
        return [*words, "--page404", folder / "404.html"]


def build_ours():
    """Builds the release executables of Chapbook and the slim one, and the baseline."""
    complete, slim = release_build()
    cargo_build(BENCH / "baseline")
    return complete, slim, BENCH / "baseline/target/release/baseline"


def build_peers(folder):
    """Builds the servers that are Rust crates; memory-serve embeds the sites in `folder`."""
    cargo_build(BENCH / "peers/memory-serve", "--target-dir", PEERS, SITES=str(folder))
    if not (PEERS / "bin/static-web-server").exists():
        command = ["cargo", "install", "static-web-server@2.44.1", "--locked", "--quiet"]
        run([*command, "--no-default-features", "--root", PEERS])


def all_servers(folder, with_crates):
    """Every server that is installed, Chapbook first."""

    def copied(executable, name):
        """A copy, written sequentially as by a download or a package manager. The file that the
        linker wrote takes 3 % longer to start."""
        return pathlib.Path(shutil.copy(executable, folder / name))

    chapbook, slim, baseline = build_ours()
    if with_crates:
        build_peers(folder)
    chapbook = copied(chapbook, "chapbook")
    found = [
        Chapbook("Chapbook", chapbook, folder, chapbook),
        Chapbook(SLIM, copied(slim, "chapbook-slim"), folder, chapbook),
        Baseline("baseline", copied(baseline, "baseline"), folder),
    ]
    for name, kind in (("nginx", Nginx), ("h2o", H2o), ("lighttpd", Lighttpd)):
        if executable := shutil.which(name):
            found.append(kind(name, executable, folder))
    if with_crates:
        memory_serve = copied(PEERS / "release/memory-serve-peer", "memory-serve")
        static_web_server = copied(PEERS / "bin/static-web-server", "static-web-server")
        found.append(MemoryServe("memory-serve", memory_serve, folder))
        found.append(StaticWebServer("static-web-server", static_web_server, folder))
    return found
