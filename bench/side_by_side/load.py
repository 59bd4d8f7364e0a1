"""How much CPU time a server takes for a request while wrk asks, and how late its answers are.

A run with an error, with another status, or with answers of another length gives no figure.
"""

import pathlib
import re
import subprocess

from .process import Failure, pinned
from .scenarios import prepared

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "wrk.lua"


def asked(scenario, process, fields, cpus, seconds):
    """What wrk counted."""
    command = ["wrk", "-t1", f"-c{scenario.connections}", f"-d{seconds}s", "-s", str(SCRIPT)]
    for name, value in fields:
        command += ["-H", f"{name}: {value}"]
    command += [f"http://127.0.0.1:{process.port}{scenario.path}", "--", str(scenario.pipeline)]
    with pinned(cpus):
        outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    summary = re.search(r"^SUMMARY (.*)$", outcome.stdout, re.MULTILINE)
    if outcome.returncode != 0 or not summary:
        raise Failure(f"wrk failed on {process.name}: {outcome.stdout}{outcome.stderr}")
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", summary[1])}


def load(scenario, process, exchange, cpus, seconds):
    """What wrk counted, if it is nothing but right answers."""
    counts = asked(scenario, process, exchange.fields, cpus, seconds)
    wrong = [key for key in ("connect", "read", "write", "timeout") if counts[key]]
    if scenario.closes() and wrong == ["read"]:
        # wrk takes a connection that closes for an error if the answer did not say so.
        wrong = []
    # wrk takes every status from 400 on for an error.
    failed = counts["status"]
    if exchange.status >= 400:
        failed = counts["requests"] - failed
    if wrong or failed or counts["requests"] == 0:
        raise Failure(f"{process.name}, {scenario.name}: errors of wrk: {counts}")
    # When wrk stops, each connection may have a batch on the way.
    unfinished = scenario.connections * scenario.pipeline * exchange.length
    if abs(counts["bytes"] - counts["requests"] * exchange.length) > unfinished:
        raise Failure(f"{process.name}, {scenario.name}: answers of different lengths: {counts}")
    return counts


def measure(scenario, process, exchange, cpus, seconds):
    """CPU microseconds for a request, and what else a run tells."""
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
    """The measurements of each process, taken in turn, round after round.

    A server that fails has none; why, is printed.
    """
    exchanges, results = {}, {}
    for process in processes:
        try:
            exchange = prepared(scenario, process, sites.get(process.name))
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
