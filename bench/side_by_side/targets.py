"""Chapbook's performance targets, and whether a run met them."""

import dataclasses
import statistics

from . import scenarios
from .figures import spread

OURS = "Chapbook"
PACKED = "Chapbook, 10,000 files"
HTTPS = "Chapbook, `--https`"
FIRST_HTTPS = "Chapbook, `--https` for the first time"


@dataclasses.dataclass
class Target:
    """A target, the result of this run, and whether it is met; None without another server."""

    name: str
    result: str
    is_met: bool | None


def ratio_at_most(figures, name, scenario, base, limit, key="each_us"):
    """A target for the ratio to another server; not measured without that server."""
    ratio = base and figures.ratio(scenario.name, OURS, base, key)
    if not ratio:
        return Target(name, "not measured", None)
    median, least, greatest = ratio
    return Target(name, f"{median:.2f} ({least:.2f} to {greatest:.2f}) of {base}", median <= limit)


def below_peers(figures, scenario, key="each_us"):
    name = f"{scenario.name}: below every other server"
    best = figures.best_peer(scenario.name, key)
    return ratio_at_most(figures, name, scenario, best, 1.0, key)


def load_targets(figures):
    for scenario in (scenarios.SMALL, scenarios.CROWD):
        name = f"{scenario.name}: at most 1.10 times the baseline"
        yield ratio_at_most(figures, name, scenario, "baseline", 1.10)
        yield below_peers(figures, scenario)
    scenario = scenarios.PIPELINED
    name = f"{scenario.name}: at most 0.20 times the best other server"
    yield ratio_at_most(figures, name, scenario, figures.best_peer(scenario.name), 0.20)
    for scenario in (scenarios.LARGE, scenarios.MEDIUM):
        name = f"{scenario.name}: at most 1.05 times the baseline"
        yield ratio_at_most(figures, name, scenario, "baseline", 1.05)
    for scenario in (scenarios.FRESH, scenarios.UNCHANGED, scenarios.MISSING, scenarios.COMPRESSED):
        yield below_peers(figures, scenario)
    scenario = scenarios.CROWD
    best = figures.best_peer(scenario.name, "p99_ms")
    name = "99th percentile at 1,000 connections: no worse than the best other server"
    yield ratio_at_most(figures, name, scenario, best, 1.0, "p99_ms")


def tls_targets(figures):
    limits = ((scenarios.TLS_BATCHES, 0.60), (scenarios.TLS_FRESH, 0.50))
    limits += ((scenarios.TLS_MEDIUM, 0.75), (scenarios.TLS_LARGE, 0.85))
    for scenario, limit in limits:
        name = f"{scenario.name}: at most {limit:.2f} times the best other server"
        yield ratio_at_most(figures, name, scenario, figures.best_peer(scenario.name), limit)
    name = "TLS, an idle connection: at most 8,192 B of resident memory"
    idle = figures.idle_tls_bytes.get(OURS)
    if idle is not None:
        others = [f"; {peer} {grown:,.0f} B" for peer, grown in figures.idle_tls_bytes.items()]
        yield Target(name, f"{idle:,.0f} B" + "".join(others[1:]), idle <= 8192)
    plain = statistics.median(figures.first_byte_ms[OURS])
    starts = ((HTTPS, "with `--https`", 0.5), (FIRST_HTTPS, "with `--https`, first time", 1.5))
    for key, name, limit in starts:
        more = statistics.median(figures.first_byte_ms[key]) - plain
        name = f"start to first byte {name}: at most {limit} ms later"
        yield Target(name, f"{more:.2f} ms", more <= limit)


def route_targets(figures):
    pairs = zip(figures.routes["many"], figures.routes["files"])
    median, least, greatest = spread([many["each_us"] / few["each_us"] for many, few in pairs])
    result = f"{median:.2f} ({least:.2f} to {greatest:.2f})"
    yield Target("10,000 routes: within 5 % of a few routes", result, median <= 1.05)


def footprint_targets(figures):
    peers = {name: figures.idle_bytes.get(name) for name in figures.peers()}
    peers = {name: grown for name, grown in peers.items() if grown is not None}
    idle = figures.idle_bytes.get(OURS)
    if idle is not None:
        result = f"{idle:.0f} B"
        if peers:
            best = min(peers, key=peers.get)
            result += f"; {best} {peers[best]:.0f} B"
        yield Target("an idle connection: below 273 B of resident memory", result, idle < 273)
    name = "start to first byte: at most two thirds of lighttpd"
    started = statistics.median(figures.first_byte_ms[OURS])
    result, is_met = f"{started:.2f} ms", None
    if "lighttpd" in figures.first_byte_ms:
        other = statistics.median(figures.first_byte_ms["lighttpd"])
        result += f"; lighttpd {other:.2f} ms, ratio {started / other:.2f}"
        is_met = started / other <= 2 / 3
    yield Target(name, result, is_met)
    times = zip(figures.first_byte_ms[PACKED], figures.first_byte_ms[OURS])
    ratio = statistics.median([many / few for many, few in times])
    name = "start to first byte with 10,000 files packed: at most 1.5 times that"
    yield Target(name, f"{ratio:.2f}", ratio <= 1.5)
    resident = figures.memory[OURS].resident_kib
    name = "resident memory after a million requests, default site: below 3,072 kB"
    yield Target(name, f"{resident:,} kB", resident < 3072)


def all_targets(figures):
    groups = (load_targets, tls_targets, route_targets, footprint_targets)
    return [target for group in groups for target in group(figures)]
