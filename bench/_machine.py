"""Which machine and which versions a measurement was made with."""

import json
import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from bench._servers import LOAD, NODE

PYTHON_PACKAGES = ("django", "channels", "pycrdt", "uvicorn", "websockets", "daphne")
NODE_PACKAGES = ("yjs", "@hocuspocus/server", "@hocuspocus/extension-sqlite", "@y/websocket-server")


def cores() -> tuple[int | None, int | None]:
    """The server's core and the generator's; None for both where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else (None, None)


def machine() -> dict[str, str]:
    memory = int(re.findall(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[0])
    model = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory / 1024**2:.0f} GiB",
        "CPU": model[0] if model else platform.machine(),
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "Node": subprocess.check_output([NODE, "--version"], text=True).strip().lstrip("v"),
        **{name: version(name) for name in PYTHON_PACKAGES},
        **{name: _node_version(name) for name in NODE_PACKAGES},
    }


def _node_version(name: str) -> str:
    """Of a package of the load harness; "" where a measurement does without it and it is not there."""
    package = LOAD / "node_modules" / name / "package.json"
    return str(json.loads(package.read_text())["version"]) if package.exists() else ""
