"""The sites that are served while it is measured: what files there are, and that they are there.

All servers serve the same folders, which hold codings made beforehand for those that want them.
"""

import gzip
import random
import shutil

# Small answers show what a server adds, large ones what it spares the kernel.
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
    """A page of just so many bytes."""
    bare = page("Small", "<p></p>")
    return page("Small", "<p>" + "x" * (SMALL_BYTES - len(bare)) + "</p>")


def files_of(folder):
    """What is asked for, small and large, packed and not."""
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
    coded = folder / "text.html.gz"
    coded.write_bytes(gzip.compress((folder / "text.html").read_bytes(), 9, mtime=0))


def many_files_of(folder):
    """The same, and a page at each of many paths."""
    files_of(folder)
    for number in range(MANY):
        place = folder / f"{number // 100:02}"
        place.mkdir(exist_ok=True)
        (place / f"{number}.html").write_bytes(page(f"Page {number}", f"<p>This is {number}.</p>"))


def write(folder, root):
    """Makes `default`, `files` and `many` below a folder, for anybody to read."""
    shutil.copytree(root / "site", folder / "default")
    for name, fill in (("files", files_of), ("many", many_files_of)):
        place = folder / name
        place.mkdir()
        fill(place)
    folder.chmod(0o755)
