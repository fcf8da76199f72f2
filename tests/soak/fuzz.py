"""Hostile frames against a running server: no crash, no growth of memory, no write by a reader, nobody else disturbed.

A writer, a reader and somebody without a right send forged, cut, changed and nested frames as fast as they are
answered, to the document and to topics; an honest writer goes on writing all the time and must be told that everything
is stored, and an honest follower must get every event.
"""

import argparse
import asyncio
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException

from realtime.merging import reraise_unless_from_pycrdt
from realtime.protocol import CloseCode, read_state_vector, topic
from tests.realtime import forge
from tests.realtime.followers import Follower
from tests.realtime.support import Client, SignedIn, add_paragraph, texts
from tests.soak._watched import resident_megabytes
from tests.support.processes import BASE, ServerProcess, manage

MEGABYTES_MORE = 150  # what the process may grow by: caches, the log's tail, fragmentation
# 1009: a frame too large for the WebSocket itself; 1006: who goes on sending to a closed socket may miss the code
BOARDS = {"DJANGO_SETTINGS_MODULE": "tests.support.board_settings"}
STRANGERS = 100  # one frame of so many comes without a session: each needs a connection of its own
EVENTS = 50  # of which each fifth is rolled back
DOCUMENTED = {int(code) for code in CloseCode} | {1006, 1009}


class Attack:
    def __init__(self, server: ServerProcess, scene: dict[str, Any], rng: random.Random) -> None:
        self.server, self.rng = server, rng
        self.document = f"lesson-plan:{scene['plans'][0]['id']}"
        self.board = self.document.replace("lesson-plan:", "plan-board:")
        self.writer, self.honest = scene["writers"]
        self.reader = scene["reader"]
        self.sent = 0
        self.codes: dict[int, int] = {}
        self.problems: list[str] = []
        self.clocks: dict[int, int] = {}
        self.longest_wait = 0.0  # seconds until the honest writer was told that a sentence is stored

    def line(self, session: str, document: str = "") -> SignedIn:
        return SignedIn(self.server.url, session, document)

    def client(self, session: str) -> Client:
        return Client(None, self.document, socket=self.line(session, self.document))

    async def enter(self, attacker: Client, session: str) -> None:
        if self.rng.random() < 0.3:
            attacker.socket = self.line(session)
            await attacker.socket.open()
            await attacker.raw(topic({"type": "follow", "topic": self.board, "after": 0}))
            await attacker._one()  # an answer, or why not
        else:
            await attacker.open()

    def frame(self, client_id: int) -> bytes | None:
        luck = self.rng.random()
        if luck < 0.002:
            return None
        if luck < 0.1:
            return topic(forge.topic_request(self.rng, self.board))
        return forge.hostile_frame(self.rng, self.clocks, client_id)

    async def send_frames(self, session: str, frames: int, client_id: int) -> None:
        """One who sends whatever comes to mind, and comes back whenever the connection is closed."""
        sent = 0
        while sent < frames:
            attacker = self.client(session)
            with contextlib.suppress(OSError, TimeoutError, WebSocketException):
                await self.enter(attacker, session)
                while attacker.closed is None and sent < frames:
                    for _ in range(self.rng.randint(1, 30)):
                        await attacker.raw(self.frame(client_id))
                        sent += 1
                        self.sent += 1
                    while not attacker.socket.quiet and attacker.closed is None:
                        await self.hear(attacker)
                    await asyncio.sleep(0)
            sent += 1  # a line that is refused must not keep us here for ever
            if attacker.closed is not None:
                self.codes[attacker.closed] = self.codes.get(attacker.closed, 0) + 1
                if attacker.closed not in DOCUMENTED:
                    self.problems.append(f"closed with {attacker.closed}")
            await attacker.leave()
            if not self.server_runs():
                return

    async def hear(self, attacker: Client) -> None:
        """What is passed on must fit together, whoever sent it."""
        try:
            await attacker._one()
        except ValueError:
            pass  # its own damaged frames come back to it as well
        except BaseException as error:
            reraise_unless_from_pycrdt(error)
            self.problems.append(f"what was passed on cannot be applied: {error}")

    def server_runs(self) -> bool:
        assert self.server.process is not None
        return self.server.process.poll() is None

    async def write_honestly(self, stop: asyncio.Event) -> None:
        """Its client id is kept from the attacker, who may write and so may delete; a victim's is not."""
        victim = await self.client(self.honest["session"]).open()
        await victim.edit(lambda doc: add_paragraph(doc, "victim", "可以删掉的一句"))
        await victim.until(lambda: victim.durable == victim.sent, timeout=60)
        await victim.leave()
        writer = await self.client(self.honest["session"]).open()
        number = 0
        while not stop.is_set():
            number += 1
            asked = time.monotonic()
            await writer.edit(lambda doc, n=number: add_paragraph(doc, f"honest{n}", f"第 {n} 句"))
            try:
                await writer.until(
                    lambda: writer.durable == writer.sent or writer.closed is not None, timeout=60
                )
            except TimeoutError:
                self.problems.append(f"the honest writer was not told of sentence {number} for 60 s")
                return
            self.longest_wait = max(self.longest_wait, time.monotonic() - asked)
            clocks = read_state_vector(writer.doc.get_state())
            self.clocks = {
                client: clock for client, clock in clocks.items() if client != writer.doc.client_id
            }
            if writer.closed is not None:
                self.problems.append(f"the honest writer was closed with {writer.closed}")
                return
            await asyncio.sleep(0.2)
        fresh = await self.client(self.honest["session"]).open()
        missing = {f"第 {n} 句" for n in range(1, number + 1)} - set(texts(fresh.doc))
        if missing:
            self.problems.append(f"{len(missing)} of {number} honest sentences are gone")
        if self.reader_text(fresh):
            self.problems.append("a reader has written")
        await fresh.leave()
        await writer.leave()

    async def follow_honestly(self) -> None:
        page = await Follower(None, socket=self.line(self.honest["session"])).open()
        await page.follow(self.board, 0)
        await page.up_to_date(self.board)
        arguments = ["--name", "honest", "--count", str(EVENTS), self.board]
        await asyncio.to_thread(run_beside, self.server, "tests.realtime.client.publish", *arguments)
        expected = [number for number in range(EVENTS) if number % 5 != 4]
        with contextlib.suppress(TimeoutError):
            await page.until(lambda: len(page.events.get(self.board, [])) >= len(expected), timeout=60)
        if [event["data"]["n"] for event in page.events.get(self.board, [])] != expected:
            self.problems.append("the honest follower did not get every event")
        await page.leave()

    def reader_text(self, client: Client) -> bool:
        """The writer sends the same text; the reader's stands under its own client id."""
        return READER_CLIENT in read_state_vector(client.doc.get_state())


READER_CLIENT, WRITER_CLIENT, STRANGER_CLIENT = 4_000_000_001, 4_000_000_002, 4_000_000_003


def run_beside(server: ServerProcess, module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=BASE, env=server.environment(), check=True, stdout=subprocess.PIPE)
    return done.stdout.decode()


async def attack(server: ServerProcess, *, frames: int, seed: int) -> dict[str, Any]:
    found = Attack(server, json.loads(run_beside(server, "tests.realtime.client.stage")), random.Random(seed))
    assert server.process is not None
    await found.send_frames(found.writer["session"], min(frames // 20, 2000), WRITER_CLIENT)  # warm
    before = resident_megabytes(server.process.pid)
    began, stop = time.monotonic(), asyncio.Event()
    honest = asyncio.create_task(found.write_honestly(stop))
    strangers = max(frames // STRANGERS, 1)
    share = (frames - strangers) // 2
    await asyncio.gather(
        found.send_frames(found.writer["session"], share, WRITER_CLIENT),
        found.send_frames(found.reader["session"], share, READER_CLIENT),
        found.send_frames("nobody", strangers, STRANGER_CLIENT),
        found.follow_honestly(),
    )
    stop.set()
    await honest
    grown = resident_megabytes(server.process.pid) - before
    if not found.server_runs():
        found.problems.append(f"the server has ended with {server.process.returncode}")
    if grown > MEGABYTES_MORE:
        found.problems.append(f"the server grew by {grown:.0f} MB")
    if "Traceback" in server.log.read_text():
        found.problems.append("the server's log has a traceback")
    return {
        "frames": found.sent,
        "seconds": round(time.monotonic() - began),
        "longest_wait_seconds": round(found.longest_wait, 1),
        "grown_mb": round(grown, 1),
        "closed": {str(code): count for code, count in sorted(found.codes.items())},
        "problems": found.problems,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/soak fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", default="direct", help="daphne, uvicorn or direct")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        manage(Path(folder), "prepare")
        server = ServerProcess(Path(folder), server=options.server, variables=BOARDS)
        server.start()
        try:
            report = asyncio.run(attack(server, frames=options.frames, seed=options.seed))
            if report["problems"]:
                print(server.log.read_text()[-6000:])
        finally:
            server.kill()
    print(json.dumps({"soak": "fuzz", "server": options.server, "seed": options.seed, **report}))
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
