"""The picture of a run: bars for some loads, as an SVG for light and dark pages."""

from xml.sax.saxutils import escape

from . import scenarios
from .targets import OURS

SHOWN = [
    scenarios.SMALL,
    scenarios.CROWD,
    scenarios.PIPELINED,
    scenarios.FRESH,
    scenarios.COMPRESSED,
    scenarios.LARGE,
]
WIDTH, PANEL_COLUMNS = 840, 2
MARGIN, GAP, TITLE, BAR, STEP = 20, 28, 26, 14, 22
NAME_WIDTH, FIGURE_WIDTH = 118, 52

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .note { fill: #59636e }
  .figure { font-variant-numeric: tabular-nums }
  .ours { fill: #b3261e } .other { fill: #9aa4b0 } .baseline { fill: #cfd6de }
  .page { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .note { fill: #9198a1 }
    .ours { fill: #ff8a80 } .other { fill: #59636e } .baseline { fill: #3d444d }
    .page { fill: #0d1117 }
  }
"""


def text(x, y, string, kind="", anchor="start"):
    position = f'x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"'
    return f'<text {position} class="{kind}">{escape(string)}</text>'


def panel(figures, scenario, x, y, width):
    """The bars of one load, the shortest first."""
    medians = {name: figures.median(scenario.name, name) for name in figures.servers()}
    medians = {name: median for name, median in medians.items() if median is not None}
    elements = [text(x, y + 14, scenario.name, "title")]
    longest = max(medians.values())
    bar_width = width - NAME_WIDTH - FIGURE_WIDTH
    for row, name in enumerate(sorted(medians, key=medians.get)):
        top = y + TITLE + row * STEP
        kind = {OURS: "ours", "baseline": "baseline"}.get(name, "other")
        length = max(1, bar_width * medians[name] / longest)
        elements.append(text(x + NAME_WIDTH - 8, top + 12, name, anchor="end"))
        position = f'x="{x + NAME_WIDTH:.0f}" y="{top:.0f}" width="{length:.1f}" height="{BAR}"'
        elements.append(f'<rect {position} rx="2" class="{kind}"/>')
        figure = f"{medians[name]:.2f}" if medians[name] < 100 else f"{medians[name]:.0f}"
        elements.append(text(x + NAME_WIDTH + length + 6, top + 12, figure, "figure"))
    return elements


def drawing(figures):
    """The complete picture."""
    width = (WIDTH - 2 * MARGIN - GAP) / PANEL_COLUMNS
    height = TITLE + len(figures.loads[scenarios.SMALL.name]) * STEP + GAP
    parts = [text(MARGIN, MARGIN + 12, "CPU time per request, in microseconds", "title")]
    note = "One worker. The baseline only receives and sends. Shorter is better."
    parts.append(text(MARGIN, MARGIN + 32, note, "note"))
    top = MARGIN + 54
    for index, scenario in enumerate(SHOWN):
        row, column = divmod(index, PANEL_COLUMNS)
        x, y = MARGIN + column * (width + GAP), top + row * height
        parts += panel(figures, scenario, x, y, width)
    rows = -(-len(SHOWN) // PANEL_COLUMNS)
    total_height = top + rows * height
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total_height:.0f}"'
    label = 'role="img" aria-label="Bars of CPU time per request, by server and load"'
    body = "\n".join(parts)
    page = f'<rect width="{WIDTH}" height="{total_height:.0f}" rx="8" class="page"/>'
    return f"{opening} {label}>\n<style>{STYLE}</style>\n{page}\n{body}\n</svg>\n"
