"""What Chapbook promises of its speed, and whether a run kept it."""

import dataclasses
import statistics

from . import scenarios
from .figures import spread

OURS = "Chapbook"
PACKED = "Chapbook, 10,000 files"


@dataclasses.dataclass
class Verdict:
    """A promise, the figure of this run in words, and whether it was kept; None without a peer."""

    promise: str
    figure: str
    is_kept: bool | None


def ratio_at_most(figures, promise, scenario, base, limit, key="each_us"):
    """Where the base is nobody, there is nothing to keep."""
    found = base and figures.ratio(scenario.name, OURS, base, key)
    if not found:
        return Verdict(promise, "not measured", None)
    median, least, greatest = found
    figure = f"{median:.2f} ({least:.2f} to {greatest:.2f}) of {base}"
    return Verdict(promise, figure, median <= limit)


def below_peers(figures, scenario, key="each_us"):
    promise = f"{scenario.name}: below every peer"
    best = figures.best_peer(scenario.name, key)
    return ratio_at_most(figures, promise, scenario, best, 1.0, key)


def of_loads(figures):
    for scenario in (scenarios.SMALL, scenarios.CROWD):
        promise = f"{scenario.name}: at most 1.10 times the baseline"
        yield ratio_at_most(figures, promise, scenario, "baseline", 1.10)
        yield below_peers(figures, scenario)
    scenario = scenarios.PIPELINED
    promise = f"{scenario.name}: at most 0.20 times the best peer"
    yield ratio_at_most(figures, promise, scenario, figures.best_peer(scenario.name), 0.20)
    for scenario in (scenarios.LARGE, scenarios.MEDIUM):
        promise = f"{scenario.name}: at most 1.05 times a plain write loop"
        yield ratio_at_most(figures, promise, scenario, "baseline", 1.05)
    for scenario in (scenarios.FRESH, scenarios.UNCHANGED, scenarios.MISSING, scenarios.CODED):
        yield below_peers(figures, scenario)
    scenario = scenarios.CROWD
    best = figures.best_peer(scenario.name, "p99_ms")
    promise = "99th percentile at 1,000 connections: no worse than the best peer"
    yield ratio_at_most(figures, promise, scenario, best, 1.0, "p99_ms")


def of_routes(figures):
    pairs = zip(figures.routes["many"], figures.routes["files"])
    found = spread([many["each_us"] / few["each_us"] for many, few in pairs])
    figure = f"{found[0]:.2f} ({found[1]:.2f} to {found[2]:.2f})"
    yield Verdict("10,000 routes: within 5 % of a few", figure, found[0] <= 1.05)


def of_footprint(figures):
    peers = {name: figures.idle_bytes.get(name) for name in figures.peers()}
    peers = {name: grown for name, grown in peers.items() if grown is not None}
    idle = figures.idle_bytes.get(OURS)
    if idle is not None:
        figure = f"{idle:.0f} B"
        if peers:
            best = min(peers, key=peers.get)
            figure += f"; {best} {peers[best]:.0f} B"
        yield Verdict("an idle connection: below 273 B of resident memory", figure, idle < 273)
    promise = "from the start to the first byte: at most two thirds of lighttpd"
    started = statistics.median(figures.first_byte_ms[OURS])
    figure, is_kept = f"{started:.2f} ms", None
    if "lighttpd" in figures.first_byte_ms:
        other = statistics.median(figures.first_byte_ms["lighttpd"])
        figure += f"; lighttpd {other:.2f} ms, so {started / other:.2f}"
        is_kept = started / other <= 2 / 3
    yield Verdict(promise, figure, is_kept)
    times = zip(figures.first_byte_ms[PACKED], figures.first_byte_ms[OURS])
    more = statistics.median([many / few for many, few in times])
    promise = "with 10,000 files packed: no more than 1.5 times that"
    yield Verdict(promise, f"{more:.2f}", more <= 1.5)
    resident = figures.memory[OURS].resident_kib
    promise = "resident memory after a million requests, default site: below 3,072 kB"
    yield Verdict(promise, f"{resident:,} kB", resident < 3072)


def verdicts(figures):
    """Every promise, in order."""
    return [*of_loads(figures), *of_routes(figures), *of_footprint(figures)]
