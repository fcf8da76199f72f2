"""Hours of ordinary life on the real server: people open plans, type in bursts, idle, reload, leave and come back.

Colleagues in groups of ten share plans and often meet in the few that are current. Some are on slow lines, some lines
are cut. Every half minute the server is looked at; at the end its memory must be flat, its log without errors, every
acknowledged edit in the stored text and every acknowledged deletion gone from it.
"""

import argparse
import asyncio
import contextlib
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pycrdt

from tests.realtime.support import SignedIn, add_paragraph, fragment
from tests.soak._page import Page, within
from tests.soak._watched import cpu_seconds, errors_in, open_files, resident_megabytes
from tests.support.processes import BASE, ServerProcess, manage

METRICS_TOKEN = "for-the-soak"
GROUP = 10
CURRENT_PLANS = 3  # of a group, in which its people mostly meet
CURRENT_MINUTES = 20  # after which these are others
IN_A_CURRENT_PLAN = 0.6
SLOW_LINES = 0.05
PAGE_LOADED = 0.1  # openings that also fetch the page
CUT, RELOADED = 0.08, 0.1  # of the pauses in a visit
SAVED_SECONDS = 60
# Growth of the median of resident memory between the second and the last quarter: fragmentation, not a leak, which
# over thousands of openings would be a multiple of it.
MEMORY_TOLERANCE = 0.10
FEWEST_SAMPLES = 16


class Act(NamedTuple):
    """What one edit put in and took out, by the numbers of the visit's tokens."""

    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass
class Visit:
    """What was done in one plan by one page, and how much of it is acknowledged."""

    plan: str
    number: int
    acts: list[Act]
    acknowledged: int

    def expected(self) -> tuple[set[int], set[int]]:
        """Tokens that must be in the stored text, and tokens that must not."""
        surely = self.acts[: self.acknowledged]
        removed = {token for act in surely for token in act.removed}
        perhaps_removed = {token for act in self.acts for token in act.removed}
        return {token for act in surely for token in act.added} - perhaps_removed, removed


class LessonPage(Page):
    """The page of one visit: its person writes in a paragraph of their own."""

    def __init__(self, number: int, session: str, plan: str, url: str, rng: random.Random) -> None:
        document = f"lesson-plan:{plan}"
        super().__init__(document, lambda: SignedIn(url, session, document), rng)
        self.number = number
        self.key = f"v{number}"
        self.acts: list[Act] = []
        self.slow = rng.random() < SLOW_LINES
        self._tokens = count()
        self._alive: list[int] = []

    async def _one(self, timeout: float = 60) -> None:
        if self.slow and self.synced and self.socket.quiet:
            await asyncio.sleep(self.rng.uniform(0.5, 4))  # then everything that has come meanwhile, at once
        await super()._one(timeout)

    def _token(self, number: int) -> str:
        return f"⟨{self.number}.{number}⟩"

    async def type(self) -> None:
        if self._alive and self.rng.random() < 0.15:
            number = self._alive.pop()
            self.acts.append(Act(removed=(number,)))
            await self.act(lambda doc: self._take_back(doc, self._token(number)))
        else:
            number = next(self._tokens)
            self._alive.append(number)
            self.acts.append(Act(added=(number,)))
            await self.act(lambda doc: self._append(doc, self._token(number)))

    async def clear_up(self) -> None:
        """Remove the own paragraph."""
        if self._alive:
            self.acts.append(Act(removed=tuple(self._alive)))
            self._alive = []
            await self.act(self._remove_paragraph)

    def _own(self, doc: pycrdt.Doc) -> int | None:
        children = fragment(doc).children
        own = (n for n in reversed(range(len(children))) if children[n].attributes.get("id") == self.key)
        return next(own, None)

    def _append(self, doc: pycrdt.Doc, token: str) -> None:
        own = self._own(doc)
        if own is None:
            add_paragraph(doc, self.key, token)
        else:
            text = fragment(doc).children[own].children[0]
            text.insert(len(str(text).encode()), token)

    def _take_back(self, doc: pycrdt.Doc, token: str) -> None:
        own = self._own(doc)
        assert own is not None
        text = fragment(doc).children[own].children[0]
        end = len(str(text).encode())
        del text[end - len(token.encode()) : end]

    def _remove_paragraph(self, doc: pycrdt.Doc) -> None:
        own = self._own(doc)
        assert own is not None
        del fragment(doc).children[own]


class Life:
    """All the people, and what came of their visits. `pace` makes everything so many times as fast."""

    def __init__(
        self, server: ServerProcess, groups: list[dict[str, Any]], rng: random.Random, pace: float
    ) -> None:
        self.server, self.groups, self.rng, self.pace = server, groups, rng, pace
        self.began = time.monotonic()
        self.visits: list[Visit] = []
        self.problems: list[str] = []
        self.openings = self.reloads = self.cuts = self.edits = self.pages = 0
        self.over = asyncio.Event()
        self._numbers = count()

    async def pause(self, mean: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.rng.expovariate(self.pace / mean)):
                await self.over.wait()

    async def person(self, group: dict[str, Any], session: str) -> None:
        await self.pause(30)
        while not self.over.is_set():
            plan = self.choose(group)
            while await self.visit(session, plan):
                self.reloads += 1
            await self.pause(15)

    def choose(self, group: dict[str, Any]) -> str:
        plans: list[str] = group["plans"]
        if self.rng.random() < IN_A_CURRENT_PLAN:
            turn = int((time.monotonic() - self.began) * self.pace / (60 * CURRENT_MINUTES))
            return plans[(turn * CURRENT_PLANS + self.rng.randrange(CURRENT_PLANS)) % len(plans)]
        return self.rng.choice(plans)

    async def visit(self, session: str, plan: str) -> bool:
        """One page from opening to closing it; whether it is closed to be loaded again at once."""
        if self.rng.random() < PAGE_LOADED:
            await self.load_page(session, plan)
        page = LessonPage(next(self._numbers), session, plan, self.server.url, self.rng)
        self.openings += 1
        living = asyncio.create_task(page.live())
        try:
            return await self.work(page)
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
            with contextlib.suppress(OSError):
                await page.leave()
            self.edits += len(page.acts)
            self.visits.append(Visit(plan, page.number, page.acts, page.acknowledged))
            if page.refusals:
                self.problems.append(f"visit {page.number} was refused: {page.refusals}")

    async def work(self, page: LessonPage) -> bool:
        if not await within(SAVED_SECONDS, lambda: page.synced):
            self.problems.append(f"visit {page.number} got no text within {SAVED_SECONDS} s: {page.ended}")
            return False
        for _ in range(self.rng.randint(1, 8)):
            await self.pause(45)
            if self.over.is_set():
                break
            chance = self.rng.random()
            if chance < CUT:
                self.cuts += 1
                page.socket.abort()
            elif chance < CUT + RELOADED:
                return True
            await self.burst(page)
        if self.rng.random() < 0.7:
            await page.clear_up()
        if not await within(SAVED_SECONDS, lambda: page.everything_stored):
            self.problems.append(f"visit {page.number} was not told 'saved' within {SAVED_SECONDS} s")
        return False

    async def burst(self, page: LessonPage) -> None:
        for number in range(self.rng.randint(3, 25)):
            if page.connected and number % 5 == 0:
                with contextlib.suppress(Exception):  # the line may be gone just now
                    await page.show(cursor={"anchor": number, "head": number})
            await page.type()
            await self.pause(0.8)

    async def load_page(self, session: str, plan: str) -> None:
        self.pages += 1
        request = urllib.request.Request(
            f"{self.server.url}/plans/{plan}/", headers={"Cookie": f"sessionid={session}"}
        )
        try:
            await asyncio.to_thread(_fetch, request)
        except OSError as error:
            self.problems.append(f"a page did not load: {error}")


def _fetch(request: urllib.request.Request) -> None:
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


# ---- looking at the server --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    minute: float
    rss_mb: float
    cpu_percent: float
    client_percent: float
    rooms: int
    connections: int
    behind: int
    open_files: int
    log_rows: int
    edits: int
    errors: int

    @classmethod
    def head(cls) -> str:
        return " ".join(f"{name:>14}" for name in cls.__dataclass_fields__)

    def line(self) -> str:
        return " ".join(f"{value:>14}" for value in asdict(self).values())


class Watch:
    """Takes the samples."""

    def __init__(self, server: ServerProcess, life: Life) -> None:
        assert server.process is not None
        self._server, self._life, self._pid = server, life, server.process.pid
        self._began = self._at = time.monotonic()
        self._cpu, self._own_cpu = cpu_seconds(self._pid), time.process_time()
        self.samples: list[Sample] = []

    def look(self) -> Sample:
        now, cpu, own_cpu = time.monotonic(), cpu_seconds(self._pid), time.process_time()
        passed = now - self._at
        figures = self._figures()
        sample = Sample(
            minute=round((now - self._began) / 60, 2),
            rss_mb=round(resident_megabytes(self._pid), 1),
            cpu_percent=round(100 * (cpu - self._cpu) / passed, 1),
            client_percent=round(100 * (own_cpu - self._own_cpu) / passed, 1),
            rooms=figures["realtime_rooms"],
            connections=figures["realtime_connections"],
            behind=figures["realtime_connections_behind"],
            open_files=open_files(self._pid),
            log_rows=figures["realtime_log_rows_total"],
            edits=self._life.edits,
            errors=len(errors_in(self._server.log)),
        )
        self._at, self._cpu, self._own_cpu = now, cpu, own_cpu
        self.samples.append(sample)
        return sample

    def _figures(self) -> dict[str, int]:
        request = urllib.request.Request(
            f"{self._server.url}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read().decode()
        return {
            name: int(float(value)) for name, value in re.findall(r"^(realtime_\w+) ([-+.\de]+)$", text, re.M)
        }


def memory_growth(samples: list[Sample]) -> float | None:
    """Of the median between the second and the last quarter, as a part of the first; None when there are too few."""
    if len(samples) < FEWEST_SAMPLES:
        return None
    quarter = len(samples) // 4
    second = statistics.median(sample.rss_mb for sample in samples[quarter : 2 * quarter])
    last = statistics.median(sample.rss_mb for sample in samples[-quarter:])
    return round(last / second - 1, 4)


# ---- a run ------------------------------------------------------------------------------------------------


def in_child(server: ServerProcess, *arguments: str, given: Any = None) -> Any:
    """What a program beside the server, with its database, answers."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak._county", *arguments],
        cwd=BASE,
        env=server.environment(),
        input=json.dumps(given),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout)


async def live(
    server: ServerProcess,
    groups: list[dict[str, Any]],
    *,
    seconds: float,
    rng: random.Random,
    pace: float,
    sample_seconds: float,
    say: Callable[[str], None],
) -> tuple[Life, list[Sample]]:
    life = Life(server, groups, rng, pace)
    watch = Watch(server, life)
    people = [
        asyncio.create_task(life.person(group, person["session"]))
        for group in groups
        for person in group["people"]
    ]
    say(Sample.head())
    for _ in range(round(seconds / sample_seconds)):
        await asyncio.sleep(sample_seconds)
        say((await asyncio.to_thread(watch.look)).line())
    life.over.set()
    for outcome in await asyncio.gather(*people, return_exceptions=True):
        if isinstance(outcome, BaseException):
            life.problems.append(f"a person ended with {outcome!r}")
    return life, watch.samples


def losses(visits: list[Visit], stored: dict[str, list[list[str]]]) -> Iterator[str]:
    """What the stored texts lack, hold in spite of its deletion, or hold twice."""
    here: dict[int, list[int]] = {}
    for tokens in stored.values():
        for whose, number in tokens:
            here.setdefault(int(whose), []).append(int(number))
    for visit in visits:
        found = here.get(visit.number, [])
        present, gone = visit.expected()
        if lost := present - set(found):
            yield f"visit {visit.number}: {len(lost)} acknowledged edits are lost: {sorted(lost)[:10]}"
        if back := gone & set(found):
            yield f"visit {visit.number}: {len(back)} acknowledged deletions came back"
        if len(found) != len(set(found)):
            yield f"visit {visit.number}: text is doubled"


def run(
    server: ServerProcess,
    *,
    minutes: float,
    people: int,
    plans: int,
    seed: int,
    pace: float = 1,
    sample_seconds: float = 30,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """On a server that is running; it is stopped at the end."""
    sizes = ("--people", str(people), "--plans", str(plans), "--group", str(GROUP))
    groups = in_child(server, "build", *sizes)
    say(f"{people} people in {len(groups)} groups, {plans} plans")
    life, samples = asyncio.run(
        live(
            server,
            groups,
            seconds=60 * minutes,
            rng=random.Random(seed),
            pace=pace,
            sample_seconds=sample_seconds,
            say=say,
        )
    )
    problems = list(life.problems)
    if code := server.stop():
        problems.append(f"the server ended with {code}")
    stored = in_child(server, "read", given=sorted({visit.plan for visit in life.visits}))
    problems += list(losses(life.visits, stored))
    problems += [f"logged: {line}" for line in errors_in(server.log)[:20]]
    growth = memory_growth(samples)
    if growth is not None and growth > MEMORY_TOLERANCE:
        problems.append(f"memory grew by {growth:.0%}, more than {MEMORY_TOLERANCE:.0%}")
    return {
        "soak": "life",
        "ok": not problems,
        "server": server.server,
        "minutes": minutes,
        "seed": seed,
        "people": people,
        "plans": plans,
        "plans_visited": len(stored),
        "openings": life.openings,
        "reloads": life.reloads,
        "lines_cut": life.cuts,
        "pages": life.pages,
        "edits": life.edits,
        "acknowledged": sum(visit.acknowledged for visit in life.visits),
        "memory_growth": growth,
        "memory_tolerance": MEMORY_TOLERANCE,
        "rss_mb": [sample.rss_mb for sample in samples][:: max(len(samples) // 12, 1)],
        "most_rooms": max(sample.rooms for sample in samples),
        "most_connections": max(sample.connections for sample in samples),
        "most_open_files": max(sample.open_files for sample in samples),
        "cpu_percent": round(statistics.mean(sample.cpu_percent for sample in samples), 1),
        "client_percent": round(statistics.mean(sample.client_percent for sample in samples), 1),
        "problems": problems[:50],
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/soak life", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--connections", type=int, default=500, help="people; each has one page open")
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", default="direct", help="daphne, uvicorn or direct (default)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="life-") as folder:
        manage(Path(folder), "prepare")
        server = ServerProcess(
            Path(folder), server=options.server, variables={"METRICS_TOKEN": METRICS_TOKEN}
        )
        server.start()
        try:
            report = run(
                server,
                minutes=options.minutes,
                people=options.connections,
                plans=options.documents,
                seed=options.seed,
                say=lambda line: print(line, flush=True),
            )
            if report["problems"]:
                print(server.log.read_text()[-6000:])
        finally:
            server.kill()
    print(json.dumps(report, ensure_ascii=False))
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
