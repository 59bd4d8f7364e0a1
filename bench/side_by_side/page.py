"""The text of RESULTS.md."""

import statistics

from . import scenarios
from .targets import OURS, all_targets

HEAD = """# Results

Written by `bench/run`; [README.md](README.md) says what is measured and how. Lower is better in all
tables.

"""


def table(heading, rows):
    lines = ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n\n"


def multiple(spread):
    """A ratio with its spread."""
    return "–" if spread is None else f"{spread[0]:.2f} ({spread[1]:.2f} to {spread[2]:.2f})"


def load_section(figures):
    others = [name for name in figures.servers() if name != "baseline"]
    rows = []
    for scenario in scenarios.ALL:
        baseline = figures.median(scenario.name, "baseline")
        cells = [multiple(figures.ratio(scenario.name, name, "baseline")) for name in others]
        rows.append([scenario.name, "–" if baseline is None else f"{baseline:.2f} µs", *cells])
    text = "## CPU time per request, as a multiple of the baseline\n\n"
    text += "Median of the ratios of all rounds (minimum to maximum).\n\n"
    return text + table(["load", "baseline", *others], rows)


def tls_section(figures):
    others = [name for name in figures.servers() if figures.column(scenarios.TLS_SMALL.name, name)]
    others = [name for name in others if name != OURS]
    rows = []
    for scenario in scenarios.TLS:
        ours = figures.median(scenario.name, OURS)
        cells = [multiple(figures.ratio(scenario.name, OURS, name)) for name in others]
        rows.append([scenario.name, "–" if ours is None else f"{ours:.2f} µs", *cells])
    text = "## CPU time per request over TLS\n\n"
    text += "Time of Chapbook, and its ratio to the other servers: the median of all rounds\n"
    text += "(minimum to maximum).\n\n"
    return text + table(["load", OURS, *(f"of {name}" for name in others)], rows)


def latency_section(figures):
    text = "## 99th percentile of latency at 1,000 connections\n\n"
    rows = []
    for name in figures.servers():
        column = figures.column(scenarios.CROWD.name, name, "p99_ms")
        if column:
            median, least, greatest = statistics.median(column), min(column), max(column)
            rows.append([name, f"{median:.1f} ms ({least:.1f} to {greatest:.1f})"])
    return text + table(["server", "median (minimum to maximum)"], rows)


def footprint_section(figures):
    rows = []
    for name, start in figures.first_byte_ms.items():
        cells = [f"{statistics.median(start):.2f} ms ({min(start):.2f} to {max(start):.2f})"]
        memory = figures.memory.get(name)
        cells.append(f"{memory.resident_kib:,} kB, {memory.private_kib:,} kB" if memory else "–")
        for values in (figures.idle_bytes, figures.idle_tls_bytes, figures.size_bytes):
            value = values.get(name)
            cells.append("–" if value is None else f"{value:,.0f} B")
        rows.append([name, *cells])
    heading = ["server", "start to first byte", "resident after a million requests, private"]
    heading += ["one of 10,000 idle connections", "one of 1,000 with TLS", "executable"]
    text = "## Start time, memory and size\n\n"
    text += "Resident memory is that of all processes with the default site; the part that is not\n"
    text += "private is pages of files, including the executable, which the kernel caches anyway.\n"
    text += "Executables are without the libraries that they need; Chapbook needs none.\n\n"
    return text + table(heading, rows)


def target_section(figures):
    words = {True: "met", False: "**missed**", None: "no other server"}
    rows = [[target.name, target.result, words[target.is_met]] for target in all_targets(figures)]
    return "## Targets\n\n" + table(["target", "this run", ""], rows)


def machine_section(figures):
    text = "## Machine and versions\n\n"
    text += "".join(f"- {line}\n" for line in figures.machine) + "\n"
    rows = [[name, version] for name, version in figures.versions.items()]
    text += table(["server", "version"], rows)
    busy = figures.median(scenarios.SMALL.name, OURS, "busy")
    text += "The configurations are in [peers/](peers). "
    text += "At 64 connections Chapbook used its CPU\n"
    return text + f"{busy:.0%} of the time.\n"


def results_page(figures):
    sections = (
        target_section, load_section, tls_section, latency_section, footprint_section,
        machine_section,
    )
    return HEAD + "".join(section(figures) for section in sections)
