"""What every script shares: the environment, the front end's build and the data folder.

Standard library only, because it runs before anything is installed. Each step leaves a stamp (a hash
of what it was made from) and is skipped while the stamp still fits, so that a second start takes seconds.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
UV = BASE / ".tools" / "bin" / "uv"
FRONTEND = BASE / "frontend"
LOAD = BASE / "bench" / "load"
DIST = FRONTEND / "dist"
SETUP_LOG = BASE / ".tools" / "setup.log"


class Failed(Exception):
    """A step went wrong; the message is all a person needs to read."""


def stop(message: str, code: int = 1) -> NoReturn:
    print(message, file=sys.stderr, flush=True)
    raise SystemExit(code)


# ---- steps that take a while ---------------------------------------------------------------------


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Says what is being done, that it is still going on, and how long it took."""
    started = time.monotonic()
    print(f"==> {title} …", end="", flush=True)
    finished = threading.Event()

    def tick() -> None:
        while not finished.wait(5):
            print(f" {time.monotonic() - started:.0f}s", end="", flush=True)

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    except BaseException:
        finished.set()
        print(flush=True)
        raise
    finished.set()
    print(f" ✓ {time.monotonic() - started:.1f}s", flush=True)


def run(
    command: list[str | Path], remedy: str, folder: Path = BASE, extra: Mapping[str, str] | None = None
) -> None:
    """Runs a command quietly; its output goes to the log and is shown only when it fails."""
    SETUP_LOG.parent.mkdir(exist_ok=True)
    words = [str(word) for word in command]
    with SETUP_LOG.open("a+") as log:
        log.write("\n$ {}\n".format(" ".join(words)))
        log.flush()
        start = log.tell()
        result = subprocess.run(
            words,
            cwd=folder,
            env={**environment(), **(extra or {})},
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        if result.returncode:
            log.seek(start)
            tail = "".join(log.readlines()[-30:])
            raise Failed(f"{tail}\n{remedy}\n(exit code {result.returncode}; full output in {SETUP_LOG})")


def environment() -> dict[str, str]:
    """The environment of every child: our Python and Node first on the path."""
    variables = dict(os.environ)
    variables["PATH"] = os.pathsep.join((str(VENV / "bin"), variables.get("PATH", os.defpath)))
    variables["VIRTUAL_ENV"] = str(VENV)
    variables["UV_PROJECT_ENVIRONMENT"] = str(VENV)
    variables["UV_PYTHON_DOWNLOADS"] = "never"
    variables.pop("PYTHONHOME", None)
    return variables


# ---- stamps --------------------------------------------------------------------------------------


def fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def files_below(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def is_current(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


# ---- the pieces ----------------------------------------------------------------------------------


def _stamps_of_environment(all_groups: bool) -> tuple[Path, str, Path]:
    value = fingerprint([BASE / "uv.lock", BASE / "pyproject.toml"])
    everything = VENV / "everything.stamp"
    return (everything if all_groups else VENV / "runtime.stamp"), value, everything


def install_python_packages(all_groups: bool) -> None:
    """`.venv` from uv.lock: what the platform and its build need, or with the tools for working on it."""
    stamp, value, everything = _stamps_of_environment(all_groups)
    if PYTHON.exists() and (is_current(stamp, value) or is_current(everything, value)):
        return
    with step("Python packages 正在准备 Python 环境"):
        if not UV.exists():
            _install_uv()
        groups = ["--all-groups"] if all_groups else ["--inexact"]
        run(
            [UV, "sync", "--frozen", "--python", sys.executable, *groups],
            "Could not install the Python packages: is the package index reachable?\n"
            "无法安装 Python 包，请检查网络。",
        )
        stamp.write_text(value)


def _install_uv() -> None:
    pip = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True)
    if pip.returncode:
        raise Failed(
            f"{sys.executable} has no pip. Install it (Debian, Ubuntu: apt-get install python3-pip),"
            " then start again.\n"
            "这个 Python 没有 pip，请先安装（Debian/Ubuntu：apt-get install python3-pip）。"
        )
    run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--target",
            ".tools",
            "uv",
        ],
        "Could not install uv with pip: is the package index reachable? 无法用 pip 安装 uv，请检查网络。",
    )


def install_node_packages(folder: Path = FRONTEND) -> None:
    sources = [folder / name for name in ("package.json", "package-lock.json", ".npmrc")]
    stamp, value = folder / "node_modules" / ".stamp", fingerprint(sources)
    if is_current(stamp, value):
        return
    with step(f"Node packages of {folder.name} 正在安装 Node 依赖"):
        run(
            [VENV / "bin" / "npm", "ci", "--no-audit", "--no-fund"],
            f"Could not install the packages of {folder.name}: is the npm registry reachable?\n"
            "无法安装 Node 依赖，请检查网络。",
            folder=folder,
        )
        stamp.write_text(value)


def build_front_end() -> None:
    names = ("package.json", "package-lock.json", "vite.config.ts", "tsconfig.json")
    value = fingerprint([*(FRONTEND / name for name in names), *files_below(FRONTEND / "src")])
    stamp = DIST / ".stamp"
    if is_current(stamp, value):
        return
    install_node_packages()
    with step("Front-end build 正在生成前端文件"):
        run(
            [VENV / "bin" / "npm", "run", "build"],
            "The front end did not build; the lines above say why. 前端没有生成成功，原因见上。",
            folder=FRONTEND,
            extra={"NODE_ENV": "production"},
        )
        stamp.write_text(value)


def set_up(all_groups: bool = False, front_end: bool = True) -> None:
    """Everything outside the data folder. Two scripts started at once take turns."""
    (BASE / ".tools").mkdir(exist_ok=True)
    with (BASE / ".tools" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_python_packages(all_groups)
        if front_end:
            build_front_end()


# ---- the data folder -----------------------------------------------------------------------------


def data_folder(given: str | None = None) -> Path:
    return Path(given or os.environ.get("DATA_DIR") or BASE / "var").expanduser().resolve()


def prepare_data_folder(folder: Path) -> None:
    """Makes the folder and its secret key; one clear line when that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Failed(
            f"Cannot write to the data folder {folder} ({error.strerror}): choose another with --data DIR."
            " 数据文件夹不可写，请用 --data 另选一个。"
        ) from None
    key = folder / "secret_key"
    if not os.environ.get("SECRET_KEY") and not key.exists():
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")


def check_project_folder() -> None:
    try:
        with tempfile.TemporaryFile(dir=BASE):
            pass
    except OSError as error:
        if not (PYTHON.exists() and DIST.is_dir()):
            raise Failed(
                f"Cannot write to the project folder {BASE} ({error.strerror}), and it is not set up yet."
                " 项目文件夹不可写，无法安装。"
            ) from None


def check_port(port: int) -> None:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
    except OSError as error:
        raise Failed(
            f"Port {port} cannot be used ({error.strerror}): choose another with --port N."
            f" 端口 {port} 不可用，请用 --port 另选一个。"
        ) from None


def django_environment(folder: Path) -> dict[str, str]:
    return {**environment(), "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "prep_platform.settings"}


# ---- programs run by name ------------------------------------------------------------------------


def _programs(folder: str) -> dict[str, str]:
    """Name (with dashes) and first line of every program in the folder; helpers start with an underscore."""
    return {
        path.stem.replace("_", "-"): path.read_text().split('"""')[1].strip().splitlines()[0]
        for path in sorted((BASE / folder).glob("[a-z]*.py"))
    }


def run_by_name(
    script: str, folder: str, what: str, arguments: list[str], node_packages: Mapping[str, Path] | None = None
) -> int:
    """`node_packages`: the folder whose packages a program needs beside the usual."""
    programs = _programs(folder)
    if not arguments or arguments[0] not in programs:
        if arguments and arguments[0] not in {"-h", "--help"}:
            print(f"There is no {what} called {arguments[0]}.", file=sys.stderr)
        print(f"script/{script} NAME [arguments]")
        for name, line in programs.items():
            print(f"  {name:20} {line}")
        if not programs:
            print(f"  (no {what} yet)")
        return 2 if arguments and arguments[0] not in {"-h", "--help"} else 0
    module = f"{folder.replace('/', '.')}.{arguments[0].replace('-', '_')}"
    try:
        set_up(all_groups=True)
        if node_packages and arguments[0] in node_packages:
            install_node_packages(node_packages[arguments[0]])
        return subprocess.run([PYTHON, "-m", module, *arguments[1:]], cwd=BASE, env=environment()).returncode
    except Failed as failure:
        stop(str(failure))
    except KeyboardInterrupt:
        stop("\nStopped. 已停止。", 130)
