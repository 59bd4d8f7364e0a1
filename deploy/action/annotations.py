"""Workflow commands and the job summary of GitHub Actions, for the diagnostics of a site.

File names and messages are those of the site, so nothing of them is printed unescaped: a line that
begins with `::` is a command to the runner, and so is `##[` anywhere in a line without one.
"""

import html
import unicodedata

# The levels of annotations by severity, the most important one first.
LEVELS = {"error": "error", "warning": "warning", "note": "notice"}
# GitHub shows this many annotations of each level and step, and drops the others.
SHOWN_MAX = 10
# GitHub rejects a summary of more than 1 MiB.
SUMMARY_BYTES_MAX = 900_000
# Marks, embeddings, overrides and isolates of bidirectional text.
REORDERING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def printable(text):
    """The text without characters that move the cursor of a terminal or change the order of the
    others."""
    def is_hidden(it):
        is_control = unicodedata.category(it) in ("Cc", "Cs") and it not in "\r\n"
        return is_control or it in REORDERING
    return "".join("\ufffd" if is_hidden(it) else it for it in text)


def escaped(text):
    """Text as the message of a command."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text):
    """Text as the value of a property of a command."""
    return escaped(text).replace(":", "%3A").replace(",", "%2C")


def command(level, message, **properties):
    """A line that annotates a job; properties without a value are left out."""
    given = [f"{name}={escaped_property(str(value))}"
             for name, value in properties.items() if value is not None]
    return f"::{level} {','.join(given)}::{escaped(message)}"


def by_severity(diagnostics):
    ranks = list(LEVELS)
    return sorted(diagnostics, key=lambda it: ranks.index(it["severity"]))


def place(it):
    """Where a diagnostic is. Without a position, its line and column are 1."""
    has_position = (it["line"], it["column"]) != (1, 1)
    return it["file"] + (f":{it['line']}:{it['column']}" if has_position else "")


def annotations(diagnostics, path_of):
    """A command for each diagnostic that GitHub would show. `path_of` returns the path of a file in
    the repository, or None."""
    counts = dict.fromkeys(LEVELS, 0)
    for it in by_severity(diagnostics):
        counts[it["severity"]] += 1
        if counts[it["severity"]] > SHOWN_MAX:
            continue
        message = it["message"] + (f"\nhelp: {it['help']}" if it["help"] else "")
        path = path_of(it["file"])
        if path is None:
            message = f"{place(it)}: {message}"
            yield command(LEVELS[it["severity"]], message, title=it["code"])
        else:
            yield command(LEVELS[it["severity"]], message, file=path, line=it["line"],
                          col=it["column"], title=it["code"])


def cell(text):
    """Text in a table: as HTML, because nothing in an HTML block is read as Markdown."""
    return html.escape(printable(text)).replace("\r", " ").replace("\n", " ")


def row(it):
    return (f"<tr><td>{cell(it['severity'])}</td><td><code>{cell(it['code'])}</code></td>"
            f"<td><code>{cell(place(it))}</code></td><td>{cell(it['message'])}</td></tr>\n")


def summary(totals, diagnostics):
    """The job summary in Markdown: the totals and every diagnostic, as far as GitHub takes it."""
    counts = ", ".join(f"{totals[name]} {name}" for name in ("errors", "warnings", "notes"))
    parts = [f"### Chapbook: {counts}\n\n{totals['files']} files, {totals['routes']} routes, "
             f"{totals['links']} links checked.\n\n"]
    if not diagnostics:
        return parts[0]
    parts.append("<table>\n<tr><th>level</th><th>code</th><th>place</th><th>message</th></tr>\n")
    size = sum(len(it.encode()) for it in parts)
    left = len(diagnostics)
    for it in by_severity(diagnostics):
        text = row(it)
        size += len(text.encode())
        if size > SUMMARY_BYTES_MAX:
            break
        parts.append(text)
        left -= 1
    parts.append("</table>\n\n")
    if left:
        parts.append(f"{left} more are not listed; `chapbook check` lists them.\n\n")
    return "".join(parts)
