"""Nothing lost: writers on two processes while processes, Redis, PostgreSQL and lines are cut off at random.

Each round twenty people type in three plans for a while; in the middle something fails. When all are back: everyone
holds the same, and every edit that was acknowledged or that anybody else saw is there.
"""

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pycrdt

from realtime.protocol import Sync, read_frame, read_state_vector
from realtime.update import Content, read_update
from tests.realtime.support import SignedIn, add_paragraph, fragment, texts
from tests.soak._page import Page, within
from tests.support.cluster import Cluster
from tests.support.processes import BASE, ServerProcess

TOKEN = re.compile(r"⟨\d+\.\d+⟩")
TOGETHER_SECONDS = 180  # on a computer that is busy with other things; otherwise a few


class Writer(Page):
    """A person who goes on typing whatever happens, through either process."""

    def __init__(
        self, number: int, session: str, document: str, cluster: Cluster, rng: random.Random
    ) -> None:
        self.number = number
        self.seen: set[str] = set()  # of others
        super().__init__(
            document, lambda: SignedIn(rng.choice(cluster.processes).url, session, document), rng
        )

    async def _take(self, frame: bytes) -> None:
        if frame[:2] in (b"\x00\x01", b"\x00\x02"):
            self._note_seen(frame)
        await super()._take(frame)

    def _note_seen(self, frame: bytes) -> None:
        message = read_frame(frame)
        assert isinstance(message, Sync)
        for struct in read_update(message.payload).structs:
            if struct.content == Content.STRING and struct.client != self.doc.client_id:
                self.seen |= set(TOKEN.findall(str(struct.value)))

    def token(self, number: int) -> str:
        return f"⟨{self.number}.{number}⟩"

    async def type(self) -> None:
        """One edit, into the own paragraph or a new one."""
        token = self.token(self.made)
        await self.act(lambda doc: self._write(doc, token))

    def _write(self, doc: pycrdt.Doc, token: str) -> None:
        own = [child for child in fragment(doc).children if child.attributes.get("id") == f"w{self.number}"]
        if own and self.rng.random() < 0.9:
            text = own[-1].children[0]
            text.insert(len(str(text).encode()), token)
        else:
            add_paragraph(doc, f"w{self.number}", token)


@dataclass
class Report:
    rounds: int = 0
    edits: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    slowest_recovery: float = 0.0


# ---- what goes wrong ------------------------------------------------------------------------------------------


async def nothing(cluster: Cluster, writers: list[Writer], rng: random.Random) -> None:
    """A round without a fault."""


async def kill_process(cluster: Cluster, writers: list[Writer], rng: random.Random) -> None:
    process = rng.choice(cluster.processes)
    await asyncio.to_thread(process.kill)
    await asyncio.sleep(rng.uniform(0, 1))
    await asyncio.to_thread(process.start)


async def kill_both(cluster: Cluster, writers: list[Writer], rng: random.Random) -> None:
    for process in cluster.processes:
        process.kill()
    for process in cluster.processes:
        await asyncio.to_thread(process.start)


async def restart_process(cluster: Cluster, writers: list[Writer], rng: random.Random) -> None:
    process = rng.choice(cluster.processes)
    await asyncio.to_thread(process.stop)
    await asyncio.to_thread(process.start)


async def restart_redis(cluster: Cluster, writers: list[Writer], rng: random.Random) -> None:
    cluster.redis.kill()
    await asyncio.sleep(rng.uniform(0, 3))
    await asyncio.to_thread(cluster.redis.start)


async def restart_postgresql(cluster: Cluster, writers: list[Writer], rng: random.Random) -> None:
    await asyncio.to_thread(cluster.postgresql.crash)
    await asyncio.sleep(rng.uniform(0, 2))
    await asyncio.to_thread(cluster.postgresql.start)


async def cut_lines(cluster: Cluster, writers: list[Writer], rng: random.Random) -> None:
    for writer in rng.sample(writers, len(writers) // 2):
        writer.socket.abort()


Fault = Callable[[Cluster, list[Writer], random.Random], Awaitable[None]]
FAULTS: list[Fault] = [
    kill_process,
    kill_process,
    restart_redis,
    restart_postgresql,
    cut_lines,
    kill_both,
    restart_process,
    nothing,
]


# ---- a run ----------------------------------------------------------------------------------------------------


def stage(cluster: Cluster, plans: int, people: int) -> dict[str, Any]:
    process = ServerProcess(cluster.folder / "data", variables=cluster.variables)
    command = [
        sys.executable,
        "-m",
        "tests.realtime.client.stage",
        "--plans",
        str(plans),
        "--people",
        str(people),
    ]
    done = subprocess.run(command, cwd=BASE, env=process.environment(), check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


async def run(
    cluster: Cluster,
    *,
    rounds: int,
    people: int = 20,
    plans: int = 3,
    seed: int = 1,
    say: Callable[[str], None],
) -> Report:
    rng = random.Random(seed)
    scene = await asyncio.to_thread(stage, cluster, plans, people)
    documents = [f"lesson-plan:{plan['id']}" for plan in scene["plans"]]
    writers = [
        Writer(number, person["session"], documents[number % plans], cluster, rng)
        for number, person in enumerate(scene["people"])
    ]
    lives = [asyncio.create_task(writer.live()) for writer in writers]
    report = Report()
    order: list[Fault] = []
    for number in range(rounds):
        order = order or rng.sample(FAULTS, len(FAULTS))
        fault = order.pop()
        await one_round(cluster, writers, fault, rng, report)
        say(f"round {number + 1}: {fault.__name__}, {report.edits} edits, {len(report.problems)} problems")
        if report.problems:
            break
    for life in lives:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)
    return report


async def one_round(
    cluster: Cluster, writers: list[Writer], fault: Fault, rng: random.Random, report: Report
) -> None:
    before = sum(writer.made for writer in writers)
    going_wrong = asyncio.create_task(fault(cluster, writers, rng))
    until = time.monotonic() + rng.uniform(1, 3)
    while time.monotonic() < until or not going_wrong.done():
        await rng.choice(writers).type()
        await asyncio.sleep(rng.uniform(0, 0.02))
    await going_wrong
    began = time.monotonic()
    await until_all_agree(writers, report)
    report.slowest_recovery = max(report.slowest_recovery, round(time.monotonic() - began, 1))
    report.rounds += 1
    report.faults[fault.__name__] = report.faults.get(fault.__name__, 0) + 1
    report.edits += sum(writer.made for writer in writers) - before
    check(writers, report)


async def until_all_agree(writers: list[Writer], report: Report) -> None:
    if await within(
        TOGETHER_SECONDS, lambda: all(writer.everything_stored for writer in writers) and all_equal(writers)
    ):
        return
    behind = [
        f"{one.number}: connected {one.connected}, synced {one.synced}, sent {one.sent}, durable {one.durable},"
        f" made {one.made}, acknowledged {one.acknowledged}, closed {one.closed}, {one.ended[-3:]}"
        for one in writers
        if not one.everything_stored
    ]
    report.problems.append(
        f"not together after {TOGETHER_SECONDS} s; not stored: {behind}; equal: {all_equal(writers)}"
    )


def all_equal(writers: list[Writer]) -> bool:
    by_document: dict[str, dict[int, int]] = {}
    for writer in writers:
        state = read_state_vector(writer.doc.get_state())
        if by_document.setdefault(writer.document, state) != state:
            return False
    return True


def check(writers: list[Writer], report: Report) -> None:
    for document in {writer.document for writer in writers}:
        here = [writer for writer in writers if writer.document == document]
        replicas = {"\n".join(texts(writer.doc)) for writer in here}
        if len(replicas) > 1:
            report.problems.append("replicas differ")
        present = TOKEN.findall(replicas.pop())
        wanted = {writer.token(number) for writer in here for number in range(writer.acknowledged)}
        wanted |= {token for writer in here for token in writer.seen}
        lost = wanted - set(present)
        if lost:
            report.problems.append(f"lost: {sorted(lost)[:10]} and so on, {len(lost)} in all")
        if len(present) != len(set(present)):
            report.problems.append("text is doubled")
    refusals = [code for writer in writers for code in writer.refusals]
    if refusals:
        report.problems.append(f"refused: {refusals}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/soak chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", default="direct", help="daphne, uvicorn or direct")
    options = parser.parse_args()
    with Cluster(server=options.server, demo=False) as cluster:
        report = asyncio.run(
            run(
                cluster,
                rounds=options.rounds,
                people=options.people,
                seed=options.seed,
                say=lambda line: print(line, flush=True),
            )
        )
        if report.problems:
            for process in cluster.processes:
                print(process.log.read_text()[-4000:])
    print(json.dumps({"soak": "chaos", "seed": options.seed, **report.__dict__}, ensure_ascii=False))
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
