"""PDFs and parcels: ordered, made once by a job with the rights of that moment, fetched by their owner, taken away."""

import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import docx
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from foundation.accounts.models import User
from foundation.accounts.personal_data import forget_everywhere
from foundation.ledger.models import Event
from foundation.office import soffice
from lessons.errors import Denied, NotPossible, PlanNotFound
from lessons.models import LessonPlan, PaperJob, PlanInvitation
from lessons.word_out import jobs, orders
from lessons.word_out.exporting import Wanted
from tests.factories import Tree, make_plan, make_teacher
from tests.lessons.test_views import client_of

State = PaperJob.State


@pytest.fixture(autouse=True)
def _pdf_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    """What LibreOffice does is tested with the real one, where it is installed."""
    monkeypatch.setattr(soffice, "is_installed", lambda: True)
    monkeypatch.setattr(soffice, "convert", lambda content, **options: b"%PDF " + content[:2])
    monkeypatch.setattr(jobs, "make_paper", lambda job_id: None)


def made(job: PaperJob) -> PaperJob:
    jobs.make(job.pk)
    job.refresh_from_db()
    return job


def fetch(user: User, job: PaperJob) -> Any:
    return client_of(user).get(reverse("paper-job-file", args=[job.pk]))


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def parcel(job: PaperJob) -> zipfile.ZipFile:
    with default_storage.open(job.storage_name) as stream:
        return zipfile.ZipFile(io.BytesIO(stream.read()))


# ---- one plan as PDF ----------------------------------------------------------------------------------
def test_a_pdf_is_made_once_and_fetched_by_its_owner_alone(
    owner: User, colleague: User, plan: LessonPlan
) -> None:
    answer = client_of(owner).post(reverse("plan-pdf", args=[plan.pk]), {"notes": "no"})
    job = PaperJob.objects.get()
    assert answer.headers["Location"] == reverse("paper-job", args=[job.pk])
    assert (job.state, job.order["notes_column"]) == (State.WAITING, False)
    assert fetch(owner, job).status_code == 404
    made(job)
    assert (job.state, job.name, job.size) == (State.DONE, "山行.pdf", 7)
    assert body(fetch(owner, job)) == b"%PDF PK"
    for page in ("paper-job", "paper-job-state", "paper-job-file"):
        assert client_of(colleague).get(reverse(page, args=[job.pk])).status_code == 404
    jobs.make(job.pk)
    assert Event.objects.filter(kind="plan.exported").count() == 1
    assert Event.objects.get(kind="plan.exported").data["form"] == "pdf"


def test_who_may_not_read_orders_nothing(owner: User, colleague: User, plan: LessonPlan) -> None:
    assert client_of(colleague).post(reverse("plan-pdf", args=[plan.pk])).status_code == 404
    with pytest.raises(PlanNotFound):
        orders.order_parcel(actor=colleague, plans=[plan])
    LessonPlan.objects.update(state="deleted")
    assert client_of(owner).post(reverse("plan-pdf", args=[plan.pk])).status_code == 403
    assert not PaperJob.objects.exists()


def test_rights_are_asked_again_when_the_job_begins(owner: User, colleague: User, plan: LessonPlan) -> None:
    invitation = PlanInvitation.objects.create(plan=plan, user=colleague, access="read", invited_by=owner)
    job = orders.order_pdf(actor=colleague, plan=plan)
    invitation.delete()
    made(job)
    assert (job.state, job.reason) == (State.FAILED, "这份教案你现在看不到了。")
    assert not Event.objects.filter(kind="plan.exported").exists()
    assert not default_storage.exists(job.storage_name)


@pytest.mark.parametrize(
    ("error", "said"), [(soffice.NotConverted("slow"), "没有做成 PDF"), (ValueError("x"), "服务器没办成")]
)
def test_what_goes_wrong_is_said(
    error: Exception, said: str, owner: User, plan: LessonPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(content: bytes, **options: Any) -> bytes:
        raise error

    monkeypatch.setattr(soffice, "convert", fail)
    job = made(orders.order_pdf(actor=owner, plan=plan))
    assert job.state == State.FAILED and said in job.reason
    assert said in client_of(owner).get(reverse("paper-job", args=[job.pk])).content.decode()


def test_without_libreoffice_the_page_says_how_else(
    owner: User, plan: LessonPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soffice, "is_installed", lambda: False)
    assert "另存为 PDF" in client_of(owner).get(reverse("plan-word", args=[plan.pk])).content.decode()
    assert client_of(owner).post(reverse("plan-pdf", args=[plan.pk])).status_code == 403
    assert not PaperJob.objects.exists()


# ---- many plans ---------------------------------------------------------------------------------------
def test_a_parcel_has_every_plan_and_an_index(owner: User) -> None:
    plans = [make_plan(owner, title=title) for title in ("山行", "赠刘景文", "山行")]
    data = {"plan": [str(plan.pk) for plan in plans], "notes": "yes"}
    answer = client_of(owner).post(reverse("parcel-new"), data)
    job = PaperJob.objects.get()
    assert answer.headers["Location"] == reverse("paper-job", args=[job.pk])
    made(job)
    assert job.state == State.DONE and job.name == "《山行》等 3 份.zip"
    archive = parcel(job)
    assert archive.namelist() == ["001-山行.docx", "002-赠刘景文.docx", "003-山行.docx", "index.html"]
    for name in archive.namelist()[:3]:
        assert docx.Document(io.BytesIO(archive.read(name))).tables
    page = archive.read("index.html").decode()
    assert page.count("<a href=") == 3 and "%E5%B1%B1" in page
    assert Event.objects.filter(kind="plan.exported").count() == 3
    assert jobs.percent_of(job.pk) == 95


def test_plans_that_may_not_be_seen_are_not_in_a_parcel_and_not_named(
    owner: User, colleague: User, plan: LessonPlan
) -> None:
    own = make_plan(colleague, title="我的一课")
    secret = make_plan(owner, title="秘密的课题")
    invitation = PlanInvitation.objects.create(plan=plan, user=colleague, access="read", invited_by=owner)
    data = {"plan": [str(each.pk) for each in (own, plan, secret)] + ["x", str(uuid4())]}
    client_of(colleague).post(reverse("parcel-new"), data)
    job = PaperJob.objects.get()
    assert job.order["plans"] == [str(own.pk), str(plan.pk)]
    invitation.delete()
    archive = parcel(made(job))
    assert archive.namelist() == ["001-我的一课.docx", "index.html"]
    page = archive.read("index.html").decode()
    assert "另有 1 份现在看不到了" in page and plan.title not in page and "秘密" not in page


def test_an_empty_choice_and_too_many_are_refused_with_a_sentence(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "还没有选教案" in client_of(owner).post(reverse("parcel-new"), {}).content.decode()
    monkeypatch.setattr(orders, "MOST_PLANS", 1)
    with pytest.raises(NotPossible, match="一次最多导出 1 份"):
        orders.order_parcel(actor=owner, plans=[make_plan(owner), make_plan(owner)])
    assert not PaperJob.objects.exists()


def test_nobody_fills_the_queue(owner: User, plan: LessonPlan) -> None:
    for _number in range(orders.MOST_UNFINISHED):
        orders.order_pdf(actor=owner, plan=plan)
    with pytest.raises(Denied, match="等做好一个再来"):
        orders.order_pdf(actor=owner, plan=plan)
    assert PaperJob.objects.count() == orders.MOST_UNFINISHED


# ---- what is left behind ------------------------------------------------------------------------------
def later(job: PaperJob, passed: timedelta) -> None:
    PaperJob.objects.filter(pk=job.pk).update(touched_at=timezone.now() - passed)


def test_a_job_that_died_is_begun_again_and_given_up_at_last(
    owner: User, plan: LessonPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(jobs, "make_paper", begun.append)
    job = orders.order_pdf(actor=owner, plan=plan)
    begun.clear()
    PaperJob.objects.update(state=State.WORKING)
    jobs.sweep()
    assert begun == []
    for tries in range(1, jobs.TRIES + 1):
        later(job, jobs.ABANDONED)
        PaperJob.objects.update(state=State.WORKING)
        jobs.sweep()
        assert begun == [str(job.pk)] * tries
    later(job, jobs.ABANDONED)
    jobs.sweep()
    job.refresh_from_db()
    assert job.state == State.FAILED and "再导一次" in job.reason


def test_files_are_taken_away_after_three_days_and_with_their_owner(
    owner: User, plan: LessonPlan, tree: Tree
) -> None:
    old, new = (made(orders.order_pdf(actor=owner, plan=plan)) for _number in range(2))
    later(old, jobs.KEPT)
    jobs.sweep()
    old.refresh_from_db()
    assert old.state == State.GONE and not default_storage.exists(old.storage_name)
    assert fetch(owner, old).status_code == 404
    assert default_storage.exists(new.storage_name)
    forget_everywhere(owner, make_teacher(tree.school))
    assert not default_storage.exists(new.storage_name) and not PaperJob.objects.exists()


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(notes_column=False, side="town")])
def test_the_order_is_kept_as_it_was_given(owner: User, plan: LessonPlan, wanted: Wanted) -> None:
    job = orders.order_pdf(actor=owner, plan=plan, wanted=wanted)
    assert jobs._wanted(job) == wanted
