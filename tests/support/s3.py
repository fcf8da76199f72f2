"""A real S3 server for tests: OpenStack Swift with its S3 API, from PyPI, on loopback, without root.

It gets an environment of its own under .tools, with locked versions, because it has nothing to do with ours.
"""

import fcntl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from getpass import getuser
from pathlib import Path

from tests.support.processes import free_port

BASE = Path(__file__).resolve().parent.parent.parent
REQUIREMENTS = Path(__file__).with_name("s3-requirements.txt")
ENVIRONMENT = BASE / ".tools" / "s3"
UV = BASE / ".tools" / "bin" / "uv"

CLUSTER = """
[swift-hash]
swift_hash_path_suffix = tests
swift_hash_path_prefix = tests
[storage-policy:0]
name = default
default = yes
"""
STORAGE = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
fallocate_reserve = 0
log_level = WARNING
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""
PROXY = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
log_level = WARNING
[pipeline:main]
pipeline = catch_errors healthcheck listing_formats s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
dns_compliant_bucket_names = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_test = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""
BUILD_RINGS = """
import sys
from swift.common.ring import RingBuilder

for name, port in (word.split(":") for word in sys.argv[1:]):
    builder = RingBuilder(4, 1, 0)
    place = {"ip": "127.0.0.1", "port": int(port)}
    place |= {f"replication_{key}": value for key, value in place.items()}
    builder.add_dev(place | {"id": 0, "region": 1, "zone": 1, "device": "d1", "weight": 1, "meta": ""})
    builder.rebalance()
    builder.get_ring().save(f"{name}.ring.gz")
"""


class S3Server:
    """One node on free ports, in a folder that goes away with it; its file system must know xattrs."""

    key = "test:test"
    secret = "secret-of-the-test-server"

    def __init__(self) -> None:
        with (BASE / ".tools" / "s3.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of a parallel run take turns
            _install()
        self._folder = tempfile.TemporaryDirectory(prefix="s3-")
        self.folder = Path(self._folder.name)
        self.ports = {name: free_port() for name in ("object", "container", "account", "proxy")}
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['proxy']}"

    def start(self) -> None:
        (self.folder / "devices" / "d1").mkdir(parents=True)
        (self.folder / "swift.conf").write_text(CLUSTER)
        for name, port in self.ports.items():
            self._configure(name, port)
        self._build_rings()
        for name in self.ports:
            self._processes.append(self._run(name))
        self._wait()

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(10)
        self._folder.cleanup()

    def log(self) -> str:
        return "\n".join(path.read_text()[-2000:] for path in self.folder.glob("*.log"))

    def _configure(self, name: str, port: int) -> None:
        values = {"name": name, "port": port, "user": getuser(), "folder": self.folder, "secret": self.secret}
        form = PROXY if name == "proxy" else STORAGE
        (self.folder / f"{name}-server.conf").write_text(form.format(**values))

    def _build_rings(self) -> None:
        """Which device holds what: one process for three rings, since each start of Swift takes a second."""
        rings = [f"{name}:{port}" for name, port in self.ports.items() if name != "proxy"]
        command = [str(ENVIRONMENT / "bin" / "python"), "-c", BUILD_RINGS, *rings]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def _run(self, name: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            command = [ENVIRONMENT / "bin" / f"swift-{name}-server", self.folder / f"{name}-server.conf"]
            return subprocess.Popen(command, stdout=log, stderr=log)

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        waiting = {f"http://127.0.0.1:{port}/healthcheck" for port in self.ports.values()}
        while waiting and time.monotonic() < deadline:
            waiting -= {address for address in waiting if _answers(address)}
            time.sleep(0.05)
        if waiting:
            raise RuntimeError(f"The S3 server did not start:\n{self.log()}")


def _answers(address: str) -> bool:
    """Any answer will do: the storage servers have no health check and say 4xx."""
    try:
        urllib.request.urlopen(address, timeout=1)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _install() -> None:
    stamp = ENVIRONMENT / "installed.stamp"
    if stamp.is_file() and stamp.read_text() == REQUIREMENTS.read_text():
        return
    python = ENVIRONMENT / "bin" / "python"
    install = [UV, "pip", "install", "--quiet", "--require-hashes", "--python", python, "-r", REQUIREMENTS]
    for command in ([UV, "venv", "--quiet", "--clear", "--python", sys.executable, ENVIRONMENT], install):
        subprocess.run([str(word) for word in command], check=True)
    stamp.write_text(REQUIREMENTS.read_text())
