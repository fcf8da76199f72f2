"""A plan with a thousand comments and thirty versions opened in Chromium, against the same text without any.

The real editor page, signed in. Measured is from the call of the address until the text may be typed in and, with
comments, every anchor in the window is drawn; the two plans are opened in turn, each with a copy on the device removed.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench._browser import chromium, sign_in
from bench._machine import machine
from bench._report import figures, table
from bench._servers import OURS, Platform, prepared_plans
from tests.support.processes import BASE, manage

THREADS, LIMIT = 1000, 1.5
WARMING_VISITS = 3

WATCH = """anchors => {
  const inWindow = (element) => {
    const { top, bottom } = element.getBoundingClientRect()
    return bottom > 0 && top < innerHeight
  }
  window.editable = new Promise((resolve) => {
    const look = () => {
      const text = document.querySelector(".ProseMirror[contenteditable=true]")
      const marks = text ? [...text.querySelectorAll("[data-comment]")] : []
      const ready = text && text.textContent.length > 1000 && marks.length >= anchors &&
        marks.filter(inWindow).every((mark) => mark.classList.contains("anno"))
      if (!ready) requestAnimationFrame(look)
      else requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
    }
    requestAnimationFrame(look)
  })
}"""


def opened(context: Any, server: Platform, plan: str, anchors: int) -> float:
    """Milliseconds until it may be typed in with its anchors in sight."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send(
        "Storage.clearDataForOrigin", {"origin": server.url, "storageTypes": "indexeddb,local_storage"}
    )
    page.add_init_script(f"({WATCH})({anchors})")
    page.goto(f"{server.url}/plans/{plan}/", wait_until="commit")
    found = float(page.evaluate("() => window.editable"))
    if anchors:
        page.wait_for_selector("#side .anno-card .anno-words", timeout=60_000)
        assert page.locator(".anno[data-number]").count() == THREADS
    page.close()
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench comments", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="openings of each (default 7)")
    parser.add_argument("--server", choices=OURS, default="daphne", help="what serves the platform")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, chromium(Path(scratch)) as start_browser:
        folder = Path(scratch, "platform")
        folder.mkdir()
        prepared_plans(folder)
        manage(folder, "shell", "--verbosity=0", "-c", (BASE / "bench" / "_commented.py").read_text())
        server = Platform(folder, server=options.server)
        server.start()
        try:
            times = measure(server, start_browser("reader"), options.runs)
        finally:
            server.kill()
    found = {name: median(values) for name, values in times.items()}
    ratio = found["commented"] / found["plain"]
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
    print(f"{ratio:.2f}× of the time without comments (limit {LIMIT})")
    figures(bench="comments", machine=machine(), threads=THREADS, open_ms=times, ratio=round(ratio, 3))
    return 0 if ratio < LIMIT else 1


def measure(server: Platform, context: Any, runs: int) -> dict[str, list[float]]:
    sign_in(context, server)
    commented, plain = (server.folder / "plans.txt").read_text().split()[:2]
    plans = {"plain": (plain, 0), "commented": (commented, THREADS)}
    times: dict[str, list[float]] = {name: [] for name in plans}
    for number in range(WARMING_VISITS + runs):
        for name, (plan, anchors) in plans.items():
            taken = round(opened(context, server, plan, anchors), 1)
            if number >= WARMING_VISITS:
                times[name].append(taken)
    return times


if __name__ == "__main__":
    sys.exit(main())
