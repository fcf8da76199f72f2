"""Where Chromium is, and how it is started so that it minds its own business."""

import os
import shutil

QUIET_CHROMIUM = [
    "--no-sandbox",  # the tests may run as root
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]


def chromium_path() -> str:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "chromium is not installed: script/test says which Debian packages are missing"
    return path
