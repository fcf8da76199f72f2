"""A document of 50,000 edits opened in Chromium, first open after a restart: the platform against Hocuspocus.

The platform's page is the real one: signed in, with all its tools and the copy on the device. The page of
Hocuspocus (load/peers/page) has its own provider and a bare editor of the same Tiptap. Before each opening the
server is started anew and the copy on the device removed; scripts are in the browser's cache, of both. Measured is
from the call of the address until a frame with the whole text has been painted.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench._browser import chromium, sign_in
from bench._load import Load
from bench._machine import machine
from bench._report import figures, table
from bench._servers import OURS, PAGE, Hocuspocus, Platform, prepared_plans
from tests.support.processes import BASE

EDITS = 50_000
WARMING_VISITS = 3  # by then the browser keeps the scripts compiled

WATCH = """expected => {
  window.textShown = new Promise((resolve) => {
    const look = () => {
      const text = document.querySelector(".ProseMirror")?.textContent.length ?? 0;
      if (text < expected) requestAnimationFrame(look);
      else requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    };
    requestAnimationFrame(look);
  });
}"""


@dataclass
class Side:
    """One server with a long document, and the browser that opens it."""

    server: Platform | Hocuspocus
    context: Any
    address: Callable[[str], str]
    long: str
    short: str
    characters: int

    def open(self) -> float:
        """Milliseconds until the whole text is painted."""
        self.server.stop()
        self.server.start()
        page = self.context.new_page()
        session = self.context.new_cdp_session(page)
        session.send(
            "Storage.clearDataForOrigin",
            {"origin": self.server.url, "storageTypes": "indexeddb,local_storage"},
        )
        page.add_init_script(f"({WATCH})({self.characters})")
        page.goto(self.address(self.long), wait_until="commit")
        shown = page.evaluate("() => window.textShown")
        assert page.locator(".ProseMirror").evaluate("e => e.textContent.length") == self.characters
        page.close()
        return float(shown)

    def warm(self) -> None:
        for _ in range(WARMING_VISITS):
            page = self.context.new_page()
            page.goto(self.address(self.short))
            page.wait_for_selector(".ProseMirror")
            page.wait_for_load_state("networkidle")
            page.close()


def build_page() -> None:
    vite = BASE / "frontend" / "node_modules" / ".bin" / "vite"
    command = [str(vite), "build", "--logLevel", "error", "--config", str(PAGE / "vite.config.mjs")]
    subprocess.run(command, check=True, cwd=BASE)


def write(server: Platform | Hocuspocus, document: str, edits: int) -> int:
    """Returns the length of the text."""
    written = Load(server, None)("seed", doc=document, edits=edits)
    assert written["lost"] == 0
    return int(written["characters"])


def ours(folder: Path, name: str, edits: int, context: Any) -> Side:
    folder.mkdir()
    server = Platform(prepared_plans(folder), server=name)
    server.start()
    sign_in(context, server)
    long, short = (folder / "plans.txt").read_text().split()[:2]
    return Side(
        server, context, lambda plan: f"{server.url}/plans/{plan}/", long, short, write(server, "long", edits)
    )


def theirs(folder: Path, edits: int, context: Any) -> Side:
    folder.mkdir()
    server = Hocuspocus(folder)
    server.start()
    return Side(
        server, context, lambda name: f"{server.url}/#{name}", "long", "short", write(server, "long", edits)
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench open-in-browser", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="openings of each (default 5)")
    parser.add_argument("--edits", type=int, default=EDITS)
    parser.add_argument("--server", choices=OURS, default="direct", help="what serves the platform")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    build_page()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, chromium(Path(scratch)) as start_browser:
        sides = {
            options.server: ours(
                Path(scratch, "platform"), options.server, options.edits, start_browser("1")
            ),
            "hocuspocus": theirs(Path(scratch, "hocuspocus"), options.edits, start_browser("2")),
        }
        times = measure(sides, options.runs)
    found = {name: median(values) for name, values in times.items()}
    ratio = found[options.server] / found["hocuspocus"]
    table(
        [
            {
                "": name,
                "median ms": f"{found[name]:.0f}",
                "runs ms": " ".join(f"{value:.0f}" for value in values),
            }
            for name, values in times.items()
        ]
    )
    print(f"{ratio:.2f}× of Hocuspocus' time")
    figures(
        bench="open-in-browser",
        machine=machine(),
        edits=options.edits,
        open_ms=times,
        median_ms=found,
        ratio=round(ratio, 3),
    )
    return 0


def measure(sides: dict[str, Side], runs: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in sides}
    try:
        for side in sides.values():
            side.warm()
        for _ in range(runs):
            for name, side in sides.items():
                times[name].append(round(side.open(), 1))
    finally:
        for side in sides.values():
            side.server.kill()
    return times


if __name__ == "__main__":
    sys.exit(main())
