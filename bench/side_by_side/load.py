"""CPU time per request and latency of a server under the load of wrk.

A run with an error, a wrong status or a response of another length has no figure.
"""

import pathlib
import re
import subprocess

from . import tls
from .process import Failure, pinned
from .scenarios import prepared

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "wrk.lua"


def run_wrk(scenario, process, fields, cpus, seconds):
    """The counts of wrk."""
    command = ["wrk", "-t1", f"-c{scenario.connections}", f"-d{seconds}s", "-s", str(SCRIPT)]
    for name, value in fields:
        command += ["-H", f"{name}: {value}"]
    scheme = "https" if process.tls else "http"
    url = f"{scheme}://127.0.0.1:{process.port}{scenario.path}"
    command += [url, "--", str(scenario.pipeline)]
    environment = tls.client_environment(scenario.resumes) if process.tls else None
    with pinned(cpus):
        outcome = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment
        )
    summary = re.search(r"^SUMMARY (.*)$", outcome.stdout, re.MULTILINE)
    if outcome.returncode != 0 or not summary:
        raise Failure(f"wrk failed on {process.name}: {outcome.stdout}{outcome.stderr}")
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", summary[1])}


def load(scenario, process, exchange, cpus, seconds):
    """The counts of wrk; fails if a response was wrong."""
    counts = run_wrk(scenario, process, exchange.fields, cpus, seconds)
    errors = [key for key in ("connect", "read", "write", "timeout") if counts[key]]
    if scenario.closes() and errors == ["read"]:
        # wrk counts a close as an error unless the response announces it.
        errors = []
    # wrk counts every status from 400 as an error.
    failed = counts["status"]
    if exchange.status >= 400:
        failed = counts["requests"] - failed
    if errors or failed or counts["requests"] == 0:
        raise Failure(f"{process.name}, {scenario.name}: wrk reports errors: {counts}")
    # When wrk stops, each connection can have a batch under way.
    unfinished = scenario.connections * scenario.pipeline * exchange.length
    if abs(counts["bytes"] - counts["requests"] * exchange.length) > unfinished:
        raise Failure(f"{process.name}, {scenario.name}: responses of different lengths: {counts}")
    return counts


def measure(scenario, process, exchange, cpus, seconds):
    """One measurement: CPU time per request in microseconds, and more."""
    before = process.cpu_seconds()
    counts = load(scenario, process, exchange, cpus, seconds)
    used = (process.cpu_seconds() - before) * 1e6
    return {
        "each_us": used / counts["requests"],
        "busy": used / counts["microseconds"],
        "rate": counts["requests"] / counts["microseconds"] * 1e6,
        "p99_ms": counts["p99"] / 1000,
    }


def in_turn(scenario, processes, sites, cpus, options):
    """The measurements of each process, in turn, round after round.

    A server that fails has none, and the reason is printed.
    """
    exchanges, results = {}, {}
    for process in processes:
        try:
            exchange = prepared(scenario, process, sites.get(process.name))
            # One round is a quick test, whose figures say little anyway.
            if options.rounds > 1:
                load(scenario, process, exchange, cpus, 1)
            exchanges[process.name] = exchange
            results[process.name] = []
        except Failure as failure:
            print(f"  {failure}", flush=True)
    for _ in range(options.rounds):
        for process in processes:
            if process.name not in results:
                continue
            try:
                exchange = exchanges[process.name]
                result = measure(scenario, process, exchange, cpus, options.seconds)
                results[process.name].append(result)
            except Failure as failure:
                print(f"  {failure}", flush=True)
                del results[process.name]
    return results
