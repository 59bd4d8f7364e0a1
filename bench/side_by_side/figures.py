"""The measurements of one run, with their medians, spreads and ratios.

A ratio is that of two measurements of the same round, so that a slow machine slows both.
"""

import dataclasses
import statistics


@dataclasses.dataclass
class Figures:
    """The measurements of one run."""

    # By the name of the scenario, then of the server.
    loads: dict
    # Chapbook on the small and the large site.
    routes: dict
    # Lists by the name of the server, and of the other ways to start Chapbook.
    first_byte_ms: dict
    # By the name of the server.
    idle_bytes: dict
    idle_tls_bytes: dict
    memory: dict
    size_bytes: dict
    versions: dict
    # Lines that describe the machine.
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
        """Median, minimum and maximum of the ratios of all rounds; None without rounds."""
        pairs = zip(self.column(scenario, server, key), self.column(scenario, base, key))
        return spread([one / other for one, other in pairs])

    def best_peer(self, scenario, key="each_us"):
        """The other server with the lowest median."""
        medians = {name: self.median(scenario, name, key) for name in self.peers()}
        medians = {name: median for name, median in medians.items() if median is not None}
        return min(medians, key=medians.get) if medians else None


def spread(values):
    """Median, minimum and maximum; None without values."""
    if not values:
        return None
    return statistics.median(values), min(values), max(values)
