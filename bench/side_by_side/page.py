"""How a run is written down: the text of RESULTS.md."""

import statistics

from . import scenarios
from .targets import OURS, verdicts

HEAD = """# Results

Written by `bench/run`; [README.md](README.md) says what is measured and how. A small figure is
good everywhere.

"""


def table(heading, rows):
    lines = ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n\n"


def multiple(found):
    """A ratio with its spread."""
    return "–" if found is None else f"{found[0]:.2f} ({found[1]:.2f} to {found[2]:.2f})"


def of_loads(figures):
    others = [name for name in figures.servers() if name != "baseline"]
    rows = []
    for scenario in scenarios.ALL:
        baseline = figures.median(scenario.name, "baseline")
        cells = [multiple(figures.ratio(scenario.name, name, "baseline")) for name in others]
        rows.append([scenario.name, "–" if baseline is None else f"{baseline:.2f} µs", *cells])
    text = "## CPU time for a request, as a multiple of the baseline's\n\n"
    text += "The median of the rounds' ratios, the least and the greatest.\n\n"
    return text + table(["load", "baseline", *others], rows)


def of_lateness(figures):
    text = "## The 99th percentile of latency at 1,000 connections\n\n"
    rows = []
    for name in figures.servers():
        found = figures.column(scenarios.CROWD.name, name, "p99_ms")
        if found:
            median, least, greatest = statistics.median(found), min(found), max(found)
            rows.append([name, f"{median:.1f} ms ({least:.1f} to {greatest:.1f})"])
    return text + table(["server", "median (least to greatest)"], rows)


def of_footprint(figures):
    rows = []
    for name in figures.first_byte_ms:
        start = figures.first_byte_ms[name]
        cells = [f"{statistics.median(start):.2f} ms ({min(start):.2f} to {max(start):.2f})"]
        memory = figures.memory.get(name)
        cells.append(f"{memory.resident_kib:,} kB, {memory.own_kib:,} kB" if memory else "–")
        for values in (figures.idle_bytes, figures.size_bytes):
            known = values.get(name)
            cells.append("–" if known is None else f"{known:,.0f} B")
        rows.append([name, *cells])
    heading = ["server", "start to first byte", "resident after a million requests, of it own"]
    heading += ["one of 10,000 idle connections", "executable"]
    text = "## Time to start, memory and size\n\n"
    text += "Resident memory is that of all processes with the default site; what is not a\n"
    text += "server's own are pages of files, the executable's too, which the kernel keeps\n"
    text += "anyway. Executables are without the libraries that they need; Chapbook needs none.\n\n"
    return text + table(heading, rows)


def of_targets(figures):
    words = {True: "kept", False: "**not kept**", None: "no peer here"}
    rows = [[it.promise, it.figure, words[it.is_kept]] for it in verdicts(figures)]
    return "## What is promised\n\n" + table(["promise", "this run", ""], rows)


def of_machine(figures):
    text = "## The machine and the servers\n\n"
    text += "".join(f"- {line}\n" for line in figures.machine) + "\n"
    rows = [[name, version] for name, version in figures.versions.items()]
    text += table(["server", "version"], rows)
    busy = figures.median(scenarios.SMALL.name, OURS, "busy")
    text += "The configurations are in [peers/](peers). "
    text += "At 64 connections Chapbook had its CPU for\n"
    return text + f"{busy:.0%} of the time.\n"


def written(figures):
    """The whole page."""
    parts = (of_targets, of_loads, of_lateness, of_footprint, of_machine)
    return HEAD + "".join(part(figures) for part in parts)
