"""Two real editors in Node that do random things on a real server: for the short test and the soak test."""

import json
from pathlib import Path
from typing import Any

from .processes import ServerProcess, run_python


def set_stage(server: ServerProcess, plans: int) -> Path:
    """Two writers with a plan for each run, in the server's database; what the editors have to know, as a file."""
    stage = server.folder / "stage.json"
    stage.write_text(run_python(server.folder, "-m", "tests.realtime.client.stage", "--plans", str(plans)))
    return stage


def command(server: ServerProcess, stage: Path, **options: int) -> list[str]:
    """Arguments for Node, in frontend/; options of frontend/tests/collaboration/property/run.ts."""
    words = ["node_modules/vite-node/vite-node.mjs", "tests/collaboration/property/run.ts"]
    words += ["--stage", str(stage), "--base", server.url]
    return words + [word for name, value in options.items() for word in (f"--{name}", str(value))]


def outcome(output: str) -> dict[str, Any]:
    return json.loads(output.splitlines()[-1])
