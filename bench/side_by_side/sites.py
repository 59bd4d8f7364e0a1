"""The sites that all servers serve, with compressed files for the servers that want them."""

import gzip
import random
import shutil

# Small responses show the overhead of a server, large ones how it sends files.
SMALL_BYTES = 253
MEDIUM_BYTES = 64 * 1024
LARGE_BYTES = 1_400_000
MANY = 10_000

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{0}</title>
{1}
</html>
"""


def page(title, text):
    return PAGE.format(title, text).encode()


def small_page():
    """A page of exactly SMALL_BYTES."""
    bare = page("Small", "<p></p>")
    return page("Small", "<p>" + "x" * (SMALL_BYTES - len(bare)) + "</p>")


def write_files(folder):
    """Writes small and large files, compressible and not."""
    words = random.Random(7)
    text = " ".join(words.choice(["page", "book", "line", "word", "hand"]) for _ in range(2000))
    contents = {
        "index.html": page("Index", "<p>It says little.</p>"),
        "404.html": page("Not found", "<p>" + "n" * 150 + "</p>"),
        "small.html": small_page(),
        "text.html": page("Text", f"<p>{text}</p>"),
        "medium.bin": words.randbytes(MEDIUM_BYTES),
        "large.bin": words.randbytes(LARGE_BYTES),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    compressed = folder / "text.html.gz"
    compressed.write_bytes(gzip.compress((folder / "text.html").read_bytes(), 9, mtime=0))


def write_many_files(folder):
    """Writes the same files, and 10,000 pages."""
    write_files(folder)
    for number in range(MANY):
        group = folder / f"{number // 100:02}"
        group.mkdir(exist_ok=True)
        (group / f"{number}.html").write_bytes(page(f"Page {number}", f"<p>This is {number}.</p>"))


def write(folder, root):
    """Writes the sites `default`, `files` and `many` to a folder, readable by any user."""
    shutil.copytree(root / "site", folder / "default")
    for name, fill in (("files", write_files), ("many", write_many_files)):
        site = folder / name
        site.mkdir()
        fill(site)
    folder.chmod(0o755)
