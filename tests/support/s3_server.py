"""A real S3 server for tests: OpenStack Swift with its S3 interface, four processes on loopback, no root."""

import os
import pwd
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.support.processes import free_port
from tests.support.throwaway import wait_until

KEY, SECRET = "test:test", "test-secret"
BIN = Path(sys.executable).parent

SWIFT = """
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
swift_dir = {etc}
devices = {devices}
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
swift_dir = {etc}
log_level = WARNING
cors_allow_origin = *
cors_expose_headers = ETag
[pipeline:main]
pipeline = catch_errors healthcheck listing_formats s3api tempauth copy slo dlo versioned_writes proxy-server
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
cors_preflight_allow_origin = *
cors_preflight_expose_headers = ETag
[filter:tempauth]
use = egg:swift#tempauth
user_test_test = test-secret .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
"""


class S3Server:
    """Its address and keys, and a bucket that exists. The folder's file system must allow extended attributes."""

    key, secret, bucket = KEY, SECRET, "prep-tests"

    def __init__(self, folder: Path) -> None:
        self.etc, self.devices, self.logs = folder / "etc", folder / "srv", folder / "log"
        for path in (self.etc, self.devices / "d1", self.logs):
            path.mkdir(parents=True)
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        (self.etc / "swift.conf").write_text(SWIFT)
        for name in ("account", "container", "object"):
            port = free_port()
            self._configure(name, STORAGE, port)
            self._build_ring(name, port)
        self._configure("proxy", PROXY, self.port)
        for name in ("account", "container", "object", "proxy"):
            self._start(name)
        wait_until(self._is_healthy, self.processes[-1], "the S3 server")
        self.client().create_bucket(Bucket=self.bucket)

    def _configure(self, name: str, form: str, port: int) -> None:
        user = pwd.getpwuid(os.geteuid()).pw_name
        text = form.format(name=name, port=port, user=user, etc=self.etc, devices=self.devices)
        (self.etc / f"{name}-server.conf").write_text(text)

    def _build_ring(self, name: str, port: int) -> None:
        builder = f"{name}.builder"
        place = ["--region", "1", "--zone", "1", "--ip", "127.0.0.1", "--port", str(port)]
        for step in (
            ["create", "6", "1", "0"],
            ["add", *place, "--device", "d1", "--weight", "1"],
            ["rebalance"],
        ):
            command = [sys.executable, BIN / "swift-ring-builder", builder, *step]
            subprocess.run(command, cwd=self.etc, check=True, stdout=subprocess.DEVNULL)

    def _start(self, name: str) -> None:
        command = [sys.executable, BIN / f"swift-{name}-server", self.etc / f"{name}-server.conf"]
        with (self.logs / f"{name}.log").open("wb") as log:
            self.processes.append(subprocess.Popen(command, stdout=log, stderr=log))

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/healthcheck", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def client(self):
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                retries={"max_attempts": 10},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(10)
