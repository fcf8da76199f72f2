"""What a soak sees of a server from outside: its process in /proc, and the lines of its log."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no such process")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def errors_in(log: Path) -> list[str]:
    return [
        line for line in log.read_text().splitlines() if " ERROR " in line or line.startswith("Traceback")
    ]
