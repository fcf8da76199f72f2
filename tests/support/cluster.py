"""The platform as it runs at scale, on this machine: PostgreSQL, Redis, several processes, nginx in front.

`script/cluster` starts it for a person; tests and benchmarks start it as a context manager.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType

from tests.support.processes import BASE, Process, ServerProcess
from tests.support.throwaway import Postgresql, Redis

SITE = BASE / "deploy" / "nginx" / "prep-platform.conf"
MAIN = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


class Nginx(Process):
    """The site of deploy/, with this machine's ports."""

    path = "/health"

    def __init__(self, folder: Path, ports: list[int], *, port: int = 0) -> None:
        super().__init__(folder)
        self.port = port or self.port
        self._ports = ports

    def command(self) -> list[str]:
        site = SITE.read_text()
        lines = [line for line in site.splitlines() if line.strip().startswith("server 127.0.0.1:")]
        servers = [f"    server 127.0.0.1:{port} max_fails=2 fail_timeout=5s;" for port in self._ports]
        site = site.replace("\n".join(lines), "\n".join(servers))
        site = site.replace("listen 80;", f"listen 127.0.0.1:{self.port};")
        configuration = self.folder / "nginx.conf"
        configuration.write_text(MAIN.format(folder=self.folder, site=site))
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        return [nginx, "-c", str(configuration), "-e", str(self.folder / "error.log")]

    def environment(self) -> dict[str, str]:
        return dict(os.environ)


class Cluster:
    """`processes` on `server`, behind `proxy`; `url` is what people use. Redis only where there are several.

    core: the processor core that the processes share; None: any.
    """

    def __init__(
        self,
        *,
        server: str = "direct",
        processes: int = 2,
        port: int = 0,
        demo: bool = True,
        core: int | None = None,
    ) -> None:
        self._server, self._count, self._port, self._demo = server, processes, port, demo
        self._core = core
        self.folder = Path(tempfile.mkdtemp(prefix="cluster-"))
        self.folder.chmod(0o755)

    def __enter__(self) -> "Cluster":
        self.postgresql, self.redis = Postgresql(durable=True), Redis()
        self.variables = {"DATABASE_URL": self.postgresql.url, "BEHIND_PROXY": "1"}
        if self._count > 1:
            self.variables["REDIS_URL"] = self.redis.url
        self.manage("prepare", *(["--demo"] if self._demo else []))
        self.processes = [self._process(number) for number in range(self._count)]
        for process in self.processes:
            process.start()
        proxy_folder = self.folder / "nginx"
        proxy_folder.mkdir()
        self.proxy = Nginx(proxy_folder, [process.port for process in self.processes], port=self._port)
        self.proxy.start()
        return self

    def _process(self, number: int) -> ServerProcess:
        folder = self.folder / f"process-{number + 1}"
        shutil.copytree(self.folder / "data", folder)
        return ServerProcess(folder, server=self._server, core=self._core, variables=self.variables)

    @property
    def url(self) -> str:
        return self.proxy.url

    def manage(self, *arguments: str) -> str:
        """Django's manage.py in the cluster's database."""
        (self.folder / "data").mkdir(exist_ok=True)
        process = ServerProcess(self.folder / "data", variables=self.variables)
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE,
            env=process.environment(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.proxy.stop()  # a killed nginx leaves its worker behind
        for process in self.processes:
            process.kill()
        self.redis.stop()
        self.postgresql.stop()
        shutil.rmtree(self.folder)


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/cluster", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=8000, help="port of the proxy on 127.0.0.1 (default 8000)"
    )
    parser.add_argument("--processes", type=int, default=2, help="processes of the platform (default 2)")
    parser.add_argument("--server", default="direct", help="daphne, uvicorn or direct (default)")
    options = parser.parse_args()
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    print("==> PostgreSQL, Redis, demo province 正在准备 …", flush=True)
    with Cluster(server=options.server, processes=options.processes, port=options.port) as cluster:
        pids = ",".join(str(process.process.pid) for process in cluster.processes if process.process)
        print(f"\nReady 已就绪: {cluster.url}/   (Ctrl-C stops it 按 Ctrl-C 停止)")
        print(f"processes: {pids} on ports {', '.join(str(process.port) for process in cluster.processes)}")
        print(f"database: {cluster.postgresql.url}\nredis: {cluster.redis.url}")
        print(cluster.manage("demo", "--list"), flush=True)
        stopped.wait()
    print("Stopped. 已停止。", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
