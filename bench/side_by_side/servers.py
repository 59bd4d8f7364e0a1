"""Which servers there are, how each is started, and which version it is.

It knows command lines and configurations, and nothing of requests. A server that is not on this
machine is left out.
"""

import os
import pathlib
import re
import shutil
import subprocess

from .process import DESCRIPTORS, Failure, Process, free_port

BENCH = pathlib.Path(__file__).resolve().parents[1]
ROOT = BENCH.parent
PEERS = ROOT / "target/peers"
FIRST_BYTE = BENCH / "baseline/target/release/first_byte"
# As the release is built: with no library beside it.
RELEASED = ("--config", "deploy/release.toml")


# The executable that cannot pack; it is the same server, so only its footprint differs.
READER = "Chapbook, reader only"


def run(command, **options):
    outcome = subprocess.run([str(word) for word in command], check=False, **options)
    if outcome.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))} ended with {outcome.returncode}")
    return outcome


def cargo_build(directory, *arguments, **environment):
    command = ["cargo", "build", "--release", "--locked", "--quiet", *arguments]
    # Cargo would take flags from the environment instead of those of a file.
    kept = {name: value for name, value in os.environ.items() if "RUSTFLAGS" not in name}
    run(command, cwd=directory, env=kept | environment)


def release_target():
    told = run([ROOT / "deploy/release-target"], capture_output=True, text=True)
    return told.stdout.strip()


class Server:
    """A server that can be started on a site. `places` is where the sites are."""

    def __init__(self, name, executable, places):
        self.name, self.executable, self.places = name, pathlib.Path(executable), places

    def command(self, site, port, workers):
        raise NotImplementedError

    def start(self, site, workers, cpus):
        port = free_port()
        return Process(self.name, self.command(site, port, workers), port, cpus)

    def start_timed(self, site, cpus):
        """One worker on a CPU, and on another what asks it and prints how long that took."""
        port = free_port()
        command = [FIRST_BYTE, port, *cpus[:2], *self.command(site, port, 1)]
        return Process(self.name, command, port, set(cpus), subprocess.PIPE)

    def version(self):
        told = subprocess.run(
            [self.executable, *self.version_words], capture_output=True, text=True, check=False
        )
        return re.search(r"\d+\.\d+\.\d+", told.stdout + told.stderr)[0]

    version_words = ["--version"]

    def size_bytes(self):
        return self.executable.resolve().stat().st_size


class Chapbook(Server):
    """An executable for each site; the full one packs them."""

    def __init__(self, name, executable, places, packer):
        super().__init__(name, executable, places)
        self.packer = packer

    def command(self, site, port, workers):
        executable = self.executable
        if site != "default":
            executable = self.places / f"{self.name}-{site}"
            if not executable.exists():
                pack = [self.packer, "pack", self.places / site, "-o", executable]
                pack += ["--base", self.executable]
                run(pack, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # On one address, like the others.
        words = [executable, "--host", "127.0.0.1", "--port", port]
        words += ["--workers", workers, "--quiet"]
        # As many as would be all of them would be less than asked for, and said at each start.
        return [*words, "--max-connections", DESCRIPTORS * 9 // 10]


class Baseline(Server):
    """The loop that does nothing; its answers are as large as it is told."""

    content_bytes = 253

    def command(self, site, port, workers):
        return [self.executable, port, self.content_bytes, workers]

    def version(self):
        return "0.1.0"


class Configured(Server):
    """A server that reads a file, written for it from the one in `peers/`."""

    template = None
    words = ()

    def command(self, site, port, workers):
        scratch = self.places / f"{self.name}-{port}"
        scratch.mkdir(exist_ok=True)
        scratch.chmod(0o777)
        # lighttpd counts the children beside it, and has none where one is enough.
        children = 0 if workers == 1 else workers
        values = {"port": port, "workers": workers, "children": children, "scratch": scratch}
        values |= {"descriptors": DESCRIPTORS, "site": self.places / site}
        text = (BENCH / "peers" / self.template).read_text()
        text = re.sub(r"@(\w+)@", lambda found: str(values[found[1]]), text)
        configuration = scratch / self.template
        configuration.write_text(text)
        return [self.executable, *self.words, configuration]


class Nginx(Configured):
    template, words, version_words = "nginx.conf", ("-c",), ["-v"]


class Lighttpd(Configured):
    template, words, version_words = "lighttpd.conf", ("-D", "-f"), ["-v"]


class H2o(Configured):
    template, words = "h2o.yaml", ("-c",)


class MemoryServe(Server):
    """Both sites are inside; see `peers/memory-serve`."""

    def command(self, site, port, workers):
        return [self.executable, port, workers, site]

    def version(self):
        lock = (BENCH / "peers/memory-serve/Cargo.lock").read_text()
        return re.search(r'name = "memory-serve"\nversion = "(.*)"', lock)[1]


class StaticWebServer(Server):
    """It has a thread for each CPU that it may use."""

    def command(self, site, port, workers):
        folder = self.places / site
        words = [self.executable, "--host", "127.0.0.1", "--port", port, "--root", folder]
        words += ["--log-level", "error", "--compression-static", "true"]
        return [*words, "--page404", folder / "404.html"]


def build_ours():
    """Builds Chapbook and its reader as they are released, and the baseline: their executables."""
    target = release_target()
    slim = ROOT / "target/slim"
    cargo_build(ROOT, *RELEASED, "--target", target)
    reader = ["--no-default-features", "--target-dir", slim, "--target", target]
    cargo_build(ROOT, *RELEASED, *reader)
    cargo_build(BENCH / "baseline")
    built = f"{target}/release/chapbook"
    return ROOT / "target" / built, slim / built, BENCH / "baseline/target/release/baseline"


def build_peers(places):
    """Builds the peers that come as Rust crates; memory-serve anew for each place of its sites."""
    cargo_build(BENCH / "peers/memory-serve", "--target-dir", PEERS, SITES=str(places))
    if not (PEERS / "bin/static-web-server").exists():
        command = ["cargo", "install", "static-web-server@2.44.1", "--locked", "--quiet"]
        run([*command, "--no-default-features", "--root", PEERS])


def all_of(places, with_crates):
    """Every server that is here, ours first."""

    def copied(executable, name):
        """What was built, as whoever downloads it has it: written from front to end, like what
        comes as a package. As the linker left it, a file takes 3 % longer to start."""
        return pathlib.Path(shutil.copy(executable, places / name))

    chapbook, reader, baseline = build_ours()
    if with_crates:
        build_peers(places)
    chapbook = copied(chapbook, "chapbook")
    found = [
        Chapbook("Chapbook", chapbook, places, chapbook),
        Chapbook(READER, copied(reader, "chapbook-reader"), places, chapbook),
        Baseline("baseline", copied(baseline, "baseline"), places),
    ]
    for name, kind in (("nginx", Nginx), ("h2o", H2o), ("lighttpd", Lighttpd)):
        if executable := shutil.which(name):
            found.append(kind(name, executable, places))
    if with_crates:
        memory_serve = copied(PEERS / "release/memory-serve-peer", "memory-serve")
        static_web_server = copied(PEERS / "bin/static-web-server", "static-web-server")
        found.append(MemoryServe("memory-serve", memory_serve, places))
        found.append(StaticWebServer("static-web-server", static_web_server, places))
    return found
