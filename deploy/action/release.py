"""Executables of a release, downloaded and verified against its SHA256SUMS."""

import hashlib
import io
import pathlib
import re
import tarfile
import time
import urllib.error
import urllib.request
import zipfile

CARGO_TOML = pathlib.Path(__file__).resolve().parents[2] / "Cargo.toml"
ARCHIVE_BYTES_MAX = 128 << 20
TIMEOUT_SECONDS = 60
# Waits before another attempt, after an error that may pass.
RETRY_SECONDS = (1, 5)

# The targets of a release by `RUNNER_OS` and `RUNNER_ARCH`.
RUNNER_TARGETS = {
    ("Linux", "X64"): "x86_64-unknown-linux-musl",
    ("Linux", "ARM64"): "aarch64-unknown-linux-musl",
    ("Linux", "ARM"): "armv7-unknown-linux-musleabihf",
    ("macOS", "X64"): "x86_64-apple-darwin",
    ("macOS", "ARM64"): "aarch64-apple-darwin",
    ("Windows", "X64"): "x86_64-pc-windows-msvc",
    ("Windows", "ARM64"): "aarch64-pc-windows-msvc",
}


class Problem(Exception):
    """Why the action fails, and what to do."""


def of_package(field):
    """A field of Cargo.toml, which is at the version of this action."""
    # Without a TOML parser, because runners of one's own may have a Python before 3.11.
    package = CARGO_TOML.read_text().split("\n[", 1)[0]
    found = re.search(rf'^{field} = "(.+)"$', package, re.MULTILINE)
    return found and found[1]


def runner_target(system, architecture):
    target = RUNNER_TARGETS.get((system, architecture))
    if target is None:
        raise Problem(f"no release for a runner with {system} on {architecture}; "
                      "set the input `executable`")
    return target


def fetch(url):
    """The content of a URL. Errors of servers and networks are tried again."""
    for wait in (*RETRY_SECONDS, None):
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response:
                if url.startswith("https:") and not response.geturl().startswith("https:"):
                    raise Problem(f"cannot download {url}: it redirects to an address without TLS")
                content = response.read(ARCHIVE_BYTES_MAX + 1)
        except urllib.error.HTTPError as error:
            if error.code < 500 or wait is None:
                raise Problem(f"cannot download {url}: {error}; is there such a release?") from None
        except OSError as error:
            if wait is None or url.startswith("file:"):
                raise Problem(f"cannot download {url}: {error}") from None
        else:
            if len(content) > ARCHIVE_BYTES_MAX:
                raise Problem(f"cannot download {url}: longer than {ARCHIVE_BYTES_MAX} bytes")
            return content
        time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def member(archive, name, content):
    """One file of an archive. Nothing is unpacked, so no path in the archive matters."""
    try:
        if archive.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as opened:
                return opened.read(name)
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as opened:
            found = opened.extractfile(name)
            if found is None:
                raise KeyError(name)
            return found.read()
    except (KeyError, tarfile.TarError, zipfile.BadZipFile, OSError) as error:
        raise Problem(f"cannot read {name} in {archive}: {error}") from None


class Release:
    """The archives at an address."""

    def __init__(self, version=None, address=None):
        self.version = version or of_package("version")
        if not re.fullmatch(r"[0-9A-Za-z.-]+", self.version):
            raise Problem(f"`{self.version}` is not a version; leave out the `v`")
        if not address:
            repository = of_package("repository")
            if repository is None:
                raise Problem("Cargo.toml has no `repository` to download from; "
                              "set the input `release` or `executable`")
            address = f"{repository}/releases/download/v{self.version}"
        self.address = address.rstrip("/")
        self.sums = None

    def download(self, name):
        return fetch(f"{self.address}/{name}")

    def verified(self, archive):
        """The content of an archive that has the hash in SHA256SUMS."""
        if self.sums is None:
            lines = self.download("SHA256SUMS").decode("utf-8", "replace").splitlines()
            pairs = [line.replace("*", " ").split() for line in lines]
            self.sums = {pair[1]: pair[0] for pair in pairs if len(pair) == 2}
        if archive not in self.sums:
            raise Problem(f"SHA256SUMS has no {archive}; is it a target of version {self.version}?")
        content = self.download(archive)
        if hashlib.sha256(content).hexdigest() != self.sums[archive]:
            raise Problem(f"{archive} does not have the hash in SHA256SUMS; nothing was run")
        return content

    def executable(self, name, target, folder):
        """Writes the executable `name` for a target to a folder, once, and returns its path."""
        if not re.fullmatch(r"[a-z0-9_-]+", target):
            raise Problem(f"`{target}` is not a target")
        is_windows = "windows" in target
        inner = f"{name}-v{self.version}-{target}"
        path = pathlib.Path(folder) / f"{inner}{'.exe' if is_windows else ''}"
        if not path.exists():
            archive = f"{inner}.zip" if is_windows else f"{inner}.tar.gz"
            file = f"{inner}/{name}{'.exe' if is_windows else ''}"
            path.write_bytes(member(archive, file, self.verified(archive)))
            path.chmod(0o755)
        return path
