"""Background work: what waits, whether anybody does it, and what went wrong lately.

Kept where the jobs themselves are kept, so that it outlives a restart and is the same for every process. Of a job
that failed: its name, when, and the type of the error; what it was given may be about a person.
"""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from huey import crontab
from huey.contrib.djhuey import HUEY, periodic_task
from huey.signals import SIGNAL_ERROR

SEEN = "worker-seen"
FAILURES = "failed-jobs"
KEPT = 20
LATELY_SECONDS = 24 * 3600

NAMES = {
    "mail_reset_link": _("寄重设密码的信"),
    "mail_link": _("寄开通帐号或重设密码的信"),
    "read_roster": _("读名册"),
    "write_roster": _("写名册"),
    "sweep_rosters": _("接着办没做完的名册"),
    "carry_out_school_merges": _("到期的学校合并"),
    "remind": _("提醒快到期的任务和求助"),
    "deliver": _("寄消息"),
    "deliver_what_is_left": _("补寄没寄出的消息"),
    "send_digests": _("寄每天一封的信"),
    "read_word": _("读 Word 文件"),
    "sweep_word_imports": _("接着读没读完的 Word 文件"),
    "compare_in_background": _("和以前的教案比"),
    "sweep_comparisons": _("接着比没比完的教案"),
    "tell_own_versions": _("告诉做了个案的人共案有新版"),
    "make_paper": _("做 PDF、成批导出教案"),
    "sweep_papers": _("清理导出的文件"),
    "sign_of_life": _("报平安"),
}
MAIL = {"mail_reset_link", "mail_link"}
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Failure:
    job: str
    error: str
    at: float

    @property
    def name(self) -> str:
        return str(NAMES.get(self.job, self.job))

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, tz=UTC)

    @property
    def is_mail(self) -> bool:
        return self.job in MAIL


@dataclass(frozen=True)
class Jobs:
    waiting: int
    scheduled: int
    seen_seconds: float | None
    failures: list[Failure]

    @property
    def failed_lately(self) -> list[Failure]:
        return [failure for failure in self.failures if failure.at > time.time() - LATELY_SECONDS]


@periodic_task(crontab(minute="*"))
def sign_of_life() -> None:
    HUEY.put(SEEN, time.time())


@HUEY.signal(SIGNAL_ERROR)
def note_failure(signal: str, task: Any, error: BaseException | None = None) -> None:
    found = {"job": task.name, "error": type(error).__name__, "at": time.time()}
    with _one_at_a_time:
        HUEY.put(FAILURES, [found, *(HUEY.get(FAILURES, peek=True) or [])][:KEPT])


def jobs() -> Jobs:
    """Raises what the queue's storage raises when it does not answer."""
    seen = HUEY.get(SEEN, peek=True)
    return Jobs(
        waiting=HUEY.pending_count(),
        scheduled=HUEY.scheduled_count(),
        seen_seconds=None if seen is None else max(time.time() - seen, 0),
        failures=[Failure(**found) for found in HUEY.get(FAILURES, peek=True) or []],
    )
