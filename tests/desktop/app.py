#!/usr/bin/env python3
"""Tests of sites as apps, on a desktop of their own: Xvfb, openbox and Chromium.

    tests/desktop/app.py EXECUTABLE [ROUNDS]

Starts packed sites as a file manager does: without arguments and without a terminal. ROUNDS is the
number of starts of the first test, 5 by default.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START_S_MAX = 30
END_S_MAX = 1.0
SECOND_CLICK_S_MAX = 0.3

# Counts its visits in each kind of storage, and shows the counts in its title once it is painted.
PAGE = """<!doctype html>
<html lang=en><meta charset=utf-8><title>NAME</title><link rel=icon href="data:,">
<p>NAME</p>
<script>
const count = text => Number((/^NAME (\\d+)$/.exec(text ?? "NAME 0") ?? [0, -1000])[1]) + 1;
const database = () => new Promise((resolve, reject) => {
  const opening = indexedDB.open("visits", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("visits");
  opening.onerror = reject;
  opening.onsuccess = () => {
    const store = opening.result.transaction("visits", "readwrite").objectStore("visits");
    const reading = store.get("visits");
    reading.onsuccess = () => {
      const visits = count(reading.result);
      store.put(`NAME ${visits}`, "visits").transaction.oncomplete = () => resolve(visits);
    };
  };
});
const local = count(localStorage.visits);
localStorage.visits = `NAME ${local}`;
const cookie = count((/visits=([^;]*)/.exec(document.cookie) ?? [])[1]);
document.cookie = `visits=NAME ${cookie}; max-age=86400`;
(async () => {
  const known = (await navigator.serviceWorker.getRegistrations()).map(it => it.active?.scriptURL);
  await navigator.serviceWorker.register("/NAME.js");
  await navigator.serviceWorker.ready;
  const workers = known.map(it => it?.split("/").pop() ?? "none").join("+") || "none";
  const visits = await database();
  await new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)));
  document.title = `NAME: local ${local}, cookie ${cookie}, database ${visits}, worker ${workers}`;
})();
</script>
"""
WORKER = "addEventListener('fetch', () => {});\n"


def wait_for(what, condition, limit=START_S_MAX):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    sys.exit(f"{what}: not within {limit} s")


class Desktop:
    """A display with a window manager, and a home folder."""

    def __init__(self, folder):
        self.folder = folder
        reader, writer = os.pipe()
        # Without it, the server starts anew when its only client ends, and others lose it.
        screen = ["-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"]
        self.processes = [
            subprocess.Popen(["Xvfb", "-displayfd", str(writer), *screen], pass_fds=[writer],
                             stderr=subprocess.DEVNULL)
        ]
        os.close(writer)
        # The end of the line is written separately, which a closed pipe would not take.
        with open(reader) as number:
            display = number.readline().strip()
        programs = folder / "bin"
        programs.mkdir()
        # Chromium refuses to start as root with its sandbox.
        root = "--no-sandbox" if os.getuid() == 0 else ""
        options = f"{root} --disable-gpu --disable-dev-shm-usage --disable-background-networking"
        self.program("chromium", f'exec /usr/bin/chromium {options} "$@"')
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("CHAPBOOK_", "XDG_")) and name != "INVOCATION_ID"}
        self.environment = kept | {
            "DISPLAY": f":{display}",
            "HOME": str(folder),
            "PATH": f"{programs}:{os.environ['PATH']}",
            # Only one browser may be found.
            "CHAPBOOK_BROWSER": str(programs / "chromium"),
        }
        self.start("openbox")
        wait_for("the window manager", lambda: self.run("wmctrl", "-m").returncode == 0)

    def program(self, name, script):
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def start(self, *command, **environment):
        process = subprocess.Popen(
            command, env=self.environment | environment, start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=open(self.folder / "stdout", "w"), stderr=open(self.folder / "stderr", "w"))
        self.processes.append(process)
        return process

    def run(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True)

    def output(self):
        return (self.folder / "stdout").read_text() + (self.folder / "stderr").read_text()

    def windows(self, title):
        """The windows whose titles start with this text, with the titles."""
        rows = [line.split(None, 3) for line in self.run("wmctrl", "-l").stdout.splitlines()]
        return [(row[0], row[3]) for row in rows if len(row) == 4 and row[3].startswith(title)]

    def close_windows(self, title):
        for window, _ in self.windows(title):
            self.run("wmctrl", "-i", "-c", window)

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                process.wait()


def pack(executable, folder, name):
    site = folder / f"{name} site"
    site.mkdir()
    (site / "index.html").write_text(PAGE.replace("NAME", name))
    (site / f"{name}.js").write_text(WORKER)
    output = folder / name
    subprocess.run([executable, "pack", site, "-o", output], check=True, stdout=subprocess.DEVNULL)
    return output


def await_end(process, limit=END_S_MAX):
    started = time.monotonic()
    try:
        status = process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        sys.exit("the process did not end with its window")
    seconds = time.monotonic() - started
    if status != 0 or seconds > limit:
        sys.exit(f"the process ended with status {status} after {seconds:.2f} s")
    return seconds


def visit(desktop, packed, name):
    """Starts a site, and returns the title of its painted page and how long it took to end."""
    process = desktop.start(packed)
    title = wait_for(f"the page of {name}: {desktop.output()}",
                     lambda: desktop.windows(f"{name}: "))[0][1]
    desktop.close_windows(name)
    return title, await_end(process)


def test_clicks(desktop, packed, rounds):
    ends = []
    for number in range(1, rounds + 1):
        title, seconds = visit(desktop, packed, "alpha")
        worker = "none" if number == 1 else "alpha.js"
        expected = f"local {number}, cookie {number}, database {number}, worker {worker}"
        if title != f"alpha: {expected}":
            sys.exit(f"start {number}: {title}")
        ends.append(seconds)
    print(f"{rounds} of {rounds} starts painted the page; the process ended "
          f"{max(ends):.2f} s after its window at most")


def test_second_click(desktop, packed):
    process = desktop.start(packed)
    wait_for("the page", lambda: desktop.windows("alpha: "))
    started = time.monotonic()
    status = desktop.start(packed).wait(timeout=10)
    seconds = time.monotonic() - started
    if status != 0 or seconds > SECOND_CLICK_S_MAX:
        sys.exit(f"the second start ended with status {status} after {seconds:.2f} s")
    wait_for("the second window", lambda: len(desktop.windows("alpha: ")) == 2)
    desktop.close_windows("alpha")
    await_end(process)
    print(f"a second click opened a window and ended after {seconds:.3f} s")


def test_storage(desktop, sites, turns=20):
    """Starts sites in turn. Before each start, some of their ports are taken."""
    visits = {}
    blocked_count = 0
    for turn in range(turns):
        name, packed, first_port = sites[turn % len(sites)]
        blockers = []
        for port in {first_port, first_port + 1, sites[0][2], sites[1][2]}:
            if random.random() < 0.5:
                blocker = socket.socket()
                blocker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                blocker.bind(("127.0.0.1", port))
                blocker.listen()
                blockers.append(blocker)
                blocked_count += port == first_port
        title, _ = visit(desktop, packed, name)
        for blocker in blockers:
            blocker.close()
        number = visits[name] = visits.get(name, 0) + 1
        counts = f"local {number}, cookie {number}, database {number}"
        worker = "none" if number == 1 else f"{name}.js"
        if title != f"{name}: {counts}, worker {worker}":
            sys.exit(f"turn {turn}: {title}")
    print(f"{turns} starts of two sites found their own data only; the port was taken in "
          f"{blocked_count} of them")


def test_kiosk(desktop, packed):
    process = desktop.start(packed, CHAPBOOK_KIOSK="1")
    wait_for("the kiosk", lambda: desktop.windows("alpha: "))
    browser = desktop.run("pgrep", "-o", "-P", str(process.pid)).stdout.strip()
    os.kill(int(browser), signal.SIGKILL)
    wait_for("the end of the first window", lambda: not desktop.windows("alpha"))
    wait_for("the window of another browser", lambda: desktop.windows("alpha: "))
    desktop.close_windows("alpha")
    await_end(process)
    print("a kiosk starts a browser again that was killed, and ends with its window")


def test_default_browser(desktop, packed, folder):
    opened, shown = folder / "opened", folder / "shown"
    desktop.program("zenity", f'echo "$@" >{shown}; read x <{folder / "button"}')
    os.mkfifo(folder / "button")
    for opener, words in [(f'echo "$1" >{opened}', "is open in your browser"),
                          ("exit 3", "No browser could be started")]:
        for name in ["xdg-open", "gio", "gnome-open", "kde-open", "wslview"]:
            desktop.program(name, opener)
        for path in [opened, shown]:
            path.unlink(missing_ok=True)
        # A browser that cannot show a window.
        process = desktop.start(packed, CHAPBOOK_BROWSER="/bin/false")
        text = wait_for("the message", lambda: shown.exists() and shown.read_text())
        if words not in text or "http://alpha.localhost:" not in text:
            sys.exit(f"the message is {text!r}")
        if opener != "exit 3":
            wait_for("the default browser", opened.exists)
        (folder / "button").write_text("\n")
        await_end(process)
    print("the default browser and a message replace a window, and the message ends the server")


def test_service(desktop, packed):
    for variables in [{"INVOCATION_ID": "a"}, {"LISTEN_FDS": "0"}, {"CHAPBOOK_APP": "0"}]:
        process = desktop.start(packed, **variables)
        wait_for("a service", lambda: "Listening on http://127.0.0.1:80" in desktop.output())
        if "localhost" in desktop.output() or desktop.windows("alpha"):
            sys.exit(f"{variables} is not a click: {desktop.output()}")
        process.terminate()
        process.wait()
    print("a service opens no window")


def main():
    executable = Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    folder = Path(tempfile.mkdtemp(prefix="chapbook-desktop-"))
    desktop = Desktop(folder)
    try:
        alpha, beta = (pack(executable, folder, name) for name in ["alpha", "beta"])
        test_clicks(desktop, alpha, rounds)
        test_second_click(desktop, alpha)
        port = int((folder / ".local/share/chapbook/site-alpha/place").read_text().split()[0])
        shutil.rmtree(folder / ".local/share/chapbook")
        visit(desktop, beta, "beta")
        other = int((folder / ".local/share/chapbook/site-beta/place").read_text().split()[0])
        shutil.rmtree(folder / ".local/share/chapbook")
        test_storage(desktop, [("alpha", alpha, port), ("beta", beta, other)])
        test_kiosk(desktop, alpha)
        test_service(desktop, alpha)
        test_default_browser(desktop, alpha, folder)
    finally:
        desktop.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
