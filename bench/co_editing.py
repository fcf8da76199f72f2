"""One plan, many people typing: how long a character takes to the others and to the disk.

It starts a server of its own, on SQLite in a throw-away data folder.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

import pycrdt
import websockets
from websockets.typing import Origin

from bench._report import figures, table
from realtime import protocol
from realtime.protocol import Message, Reader, Step
from tests.support.processes import ServerProcess, manage, prepared_data_folder

BASE = Path(__file__).resolve().parent.parent


class Person:
    """A writer who also reads: types characters into an own paragraph and notes when others' arrive."""

    def __init__(self, line: Any, sent: dict[tuple[int, int], float]) -> None:
        self.line, self.sent = line, sent
        self.doc: pycrdt.Doc = pycrdt.Doc()
        self.text = pycrdt.XmlText()
        self.frames = 0
        self.waiting: dict[int, float] = {}
        self.synced = asyncio.Event()
        self.seen: dict[int, int] = {}
        self.to_others: list[float] = []
        self.to_disk: list[float] = []

    async def send(self, update: bytes, step: Step = Step.UPDATE) -> None:
        self.frames += 1
        self.waiting[self.frames] = time.perf_counter()
        await self.line.send(protocol.sync(step, update))

    async def change(self, function: Any) -> None:
        before = self.doc.get_state()
        with self.doc.transaction():
            function()
        clock = protocol.read_state_vector(self.doc.get_state())[self.doc.client_id]
        self.sent[self.doc.client_id, clock] = time.perf_counter()
        await self.send(self.doc.get_update(before))

    def start_paragraph(self) -> None:
        paragraph = pycrdt.XmlElement("paragraph")
        self.doc.get("default", type=pycrdt.XmlFragment).children.append(paragraph)
        paragraph.children.append(self.text)

    async def type(self, seconds: float, rate: float) -> None:
        for _ in range(int(seconds * rate)):
            await self.change(lambda: self.text.insert(len(str(self.text).encode()), "课"))  # counts bytes
            await asyncio.sleep(1 / rate)

    async def read(self) -> None:
        async for frame in self.line:
            await self.take(Reader(bytes(frame)))

    async def take(self, reader: Reader) -> None:
        message = reader.varuint()
        if message == Message.SYNC:
            step, payload = reader.varuint(), reader.bytes()
            if step == Step.STEP1:
                await self.send(self.doc.get_update(payload), Step.STEP2)
                return
            self.doc.apply_update(payload)
            self.note_arrivals()
            if step == Step.STEP2:
                self.synced.set()
        elif message == Message.DURABLE:
            stored, now = reader.varuint(), time.perf_counter()
            for number in [number for number in self.waiting if number <= stored]:
                self.to_disk.append(now - self.waiting.pop(number))

    def note_arrivals(self) -> None:
        now = time.perf_counter()
        for client, clock in protocol.read_state_vector(self.doc.get_state()).items():
            if client == self.doc.client_id:
                continue
            for step in range(self.seen.get(client, 0) + 1, clock + 1):
                at = self.sent.get((client, step))
                if at is not None:
                    self.to_others.append(now - at)
            self.seen[client] = clock


async def session(server: ServerProcess, options: argparse.Namespace) -> tuple[list[Person], bool]:
    made = json.loads(manage_people(server.folder, options.people))
    address = f"{server.url.replace('http', 'ws')}/ws/docs/lesson-plan/{made['plan']}?schema=1"
    sent: dict[tuple[int, int], float] = {}
    people, tasks = [], []
    for cookie in made["sessions"]:
        headers = {"Cookie": f"sessionid={cookie}"}
        line = await websockets.connect(
            address, additional_headers=headers, origin=Origin(server.url), max_size=None
        )
        person = Person(line, sent)
        people.append(person)
        tasks.append(asyncio.create_task(person.read()))
        await line.send(protocol.sync(Step.STEP1, person.doc.get_state()))
    for person in people:
        await person.synced.wait()
        await person.change(person.start_paragraph)
    await asyncio.sleep(0.5)
    for person in people:
        person.to_others.clear()
        person.to_disk.clear()
    await asyncio.gather(*(person.type(options.seconds, options.rate) for person in people))
    complete = await everything_arrived(people)
    for person in people:
        await person.line.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    return people, complete


async def everything_arrived(people: list[Person]) -> bool:
    """Whether all are equal and everything is stored, within ten seconds after the last character."""
    for _ in range(100):
        states = {
            str(sorted(protocol.read_state_vector(person.doc.get_state()).items())) for person in people
        }
        if len(states) == 1 and not any(person.waiting for person in people):
            return True
        await asyncio.sleep(0.1)
    return False


def manage_people(folder: Path, number: int) -> str:
    os.environ["PEOPLE"] = str(number)
    return manage(folder, "shell", "--verbosity=0", "-c", (BASE / "bench" / "_people.py").read_text())


def milliseconds(values: list[float]) -> dict[str, float]:
    cuts = quantiles(values, n=100)
    return {name: round(cuts[at] * 1000, 1) for name, at in (("p50", 49), ("p95", 94), ("p99", 98))}


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench co-editing", description=__doc__)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--rate", type=float, default=3, help="characters a second and person (default 3)")
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        server = ServerProcess(prepared_data_folder(Path(name)))
        server.start()
        try:
            people, complete = asyncio.run(session(server, options))
        finally:
            server.kill()
    to_others = milliseconds([value for person in people for value in person.to_others])
    to_disk = milliseconds([value for person in people for value in person.to_disk])
    table([{"ms": "to the others", **to_others}, {"ms": "stored", **to_disk}])
    figures(
        bench="co-editing",
        people=options.people,
        rate=options.rate,
        seconds=options.seconds,
        to_others_ms=to_others,
        stored_ms=to_disk,
        complete=complete,
    )
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
