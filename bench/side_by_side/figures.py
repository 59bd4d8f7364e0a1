"""All that was measured in one run, and what is made of it: medians, spreads and ratios.

A ratio is that of two measurements of one round, so that what slows the machine slows both.
"""

import dataclasses
import statistics


@dataclasses.dataclass
class Figures:
    """One run."""

    # The measurements, by the scenario's name and the server's.
    loads: dict
    # Chapbook's on the small and the large site.
    routes: dict
    # Milliseconds, lists by the server's name; `Chapbook, 10,000 files` beside them.
    first_byte_ms: dict
    # By the server's name.
    idle_bytes: dict
    memory: dict
    size_bytes: dict
    versions: dict
    # What the machine is, in words.
    machine: list

    def servers(self):
        return list(self.versions)

    def peers(self):
        return [name for name in self.servers() if not name.startswith(("Chapbook", "baseline"))]

    def column(self, scenario, server, key="each_us"):
        return [result[key] for result in self.loads[scenario].get(server, [])]

    def median(self, scenario, server, key="each_us"):
        column = self.column(scenario, server, key)
        return statistics.median(column) if column else None

    def ratio(self, scenario, server, base, key="each_us"):
        """The median of the rounds' ratios, the least and the greatest; None without rounds."""
        pairs = zip(self.column(scenario, server, key), self.column(scenario, base, key))
        return spread([one / other for one, other in pairs])

    def best_peer(self, scenario, key="each_us"):
        """The peer with the least median."""
        medians = {name: self.median(scenario, name, key) for name in self.peers()}
        medians = {name: median for name, median in medians.items() if median is not None}
        return min(medians, key=medians.get) if medians else None


def spread(values):
    if not values:
        return None
    return statistics.median(values), min(values), max(values)
