"""Script and style of each front-end entry, compressed, first load and later."""

import argparse
import gzip
import json
import sys
from pathlib import Path
from typing import Any

from bench._report import figures, table

DIST = Path(__file__).resolve().parent.parent / "frontend" / "dist"
EDITOR_LIMIT = 300_000


def compressed(file: str) -> int:
    return len(gzip.compress((DIST / file).read_bytes(), 9))


def loaded_first(manifest: dict[str, Any], key: str, seen: set[str] | None = None) -> set[str]:
    """The files a page fetches at once: the entry, what it imports, and their styles."""
    files: set[str] = set() if seen is None else seen
    chunk = manifest[key]
    if chunk["file"] not in files:
        files.add(chunk["file"])
        files.update(chunk.get("css", []))
        for imported in chunk.get("imports", []):
            loaded_first(manifest, imported, files)
    return files


def weights() -> dict[str, int]:
    """Bytes of each entry as a page loads it: together with the site entry, which is on every page."""
    manifest = json.loads((DIST / ".vite" / "manifest.json").read_text())
    entries = {Path(key).stem: key for key, chunk in manifest.items() if chunk.get("isEntry")}
    site = loaded_first(manifest, entries["site"]) if "site" in entries else set()
    return {
        name: sum(compressed(file) for file in loaded_first(manifest, key) | site)
        for name, key in sorted(entries.items())
    }


def main() -> int:
    argparse.ArgumentParser(prog="script/bench page-weight", description=__doc__).parse_args()
    found = weights()
    table([{"entry": name, "gzip kB": f"{size / 1000:.1f}"} for name, size in found.items()])
    figures(bench="page-weight", bytes=found, editor_limit=EDITOR_LIMIT)
    return 0 if found.get("editor", 0) <= EDITOR_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
