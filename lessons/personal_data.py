from collections.abc import Iterable, Iterator
from functools import partial

from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.operations import NAME_OF_THE_GONE
from foundation.accounts.personal_data import Kind, Row, chunks_of, file_name
from foundation.notices.models import Notice
from foundation.notices.operations import notify
from lessons.document.plain import plain_text
from lessons.document.reading import read_state
from lessons.models import LessonPlan, PlanInvitation, PlannedLesson, PlanVersion, PlanVisit, WordImport
from realtime import access, rooms
from realtime.models import ClientOwner, DocumentUpdate


def _plans_of(person: User) -> QuerySet[LessonPlan]:
    return LessonPlan.objects.filter(owner=person).order_by("created_at", "pk")


def _plans(person: User) -> Iterator[Row]:
    for plan in _plans_of(person).select_related("school", "textbook", "unit"):
        yield {
            "编号": plan.pk,
            "课题": plan.title,
            "学校": str(plan.school or ""),
            "教材": str(plan.textbook or ""),
            "单元": str(plan.unit or ""),
            "谁能看": plan.get_reach_display(),
            "状态": plan.get_state_display(),
            "创建": plan.created_at,
            "最近改动": plan.edited_at,
        }


def _texts(person: User) -> Iterator[tuple[str, Iterable[bytes]]]:
    for number, plan in enumerate(_plans_of(person), start=1):
        text = plain_text(read_state(rooms.state(plan.document).state))
        yield file_name(plan.title, number, ".txt"), chunks_of(f"{plan.title}\n\n{text}\n")


def _hand_over(person: User, successor: User | None) -> None:
    """To the successor; without one they stay where they are, under 已离开的教师, for those who may read them."""
    _take_name_out_of_notices(person)
    plans = list(_plans_of(person))
    if successor is None or not plans:
        return
    PlanInvitation.objects.filter(plan__in=plans, user=successor).delete()
    LessonPlan.objects.filter(pk__in=[plan.pk for plan in plans]).update(owner=successor)
    for plan in plans:
        transaction.on_commit(partial(access.changed, plan.document, None))
    text = _t("有 %d 份教案交给你了：原来的主人已经离开。") % len(plans)
    notify(recipients=[successor], kind="plan.handed_over", text=text, path=reverse("plan-list"))


def _take_name_out_of_notices(person: User) -> None:
    """Others were told “…请你一起写教案《…》”: by the owner, or by someone who brought a version back."""
    mine = LessonPlan.objects.filter(
        Q(owner=person) | Q(versions__created_by=person) | Q(versions__editors=person)
    )
    paths = [
        reverse(name, args=[pk])
        for pk in mine.values_list("pk", flat=True).distinct()
        for name in ("plan-editor", "plan-versions")
    ]
    for start in range(0, len(paths), 500):
        for notice in Notice.objects.filter(
            path__in=paths[start : start + 500], text__startswith=person.name
        ):
            notice.text = (NAME_OF_THE_GONE + notice.text.removeprefix(person.name))[:300]
            notice.save(update_fields=["text"])


def _edits(person: User) -> Iterator[Row]:
    counted = DocumentUpdate.objects.filter(user_id=person.pk).values("document").order_by("document")
    rows = list(counted.annotate(times=Count("pk"), first=Min("at"), last=Max("at")))
    ids = [row["document"].partition(":")[2] for row in rows if row["document"].startswith("lesson-plan:")]
    titles = {plan.document: plan.title for plan in LessonPlan.objects.filter(pk__in=ids)}
    for row in rows:
        yield {
            "教案": titles.get(row["document"], row["document"]),
            "改动次数": row["times"],
            "最早": row["first"],
            "最近": row["last"],
        }


def _versions(person: User) -> Iterator[Row]:
    rows = PlanVersion.objects.filter(Q(created_by=person) | Q(editors=person)).distinct()
    for version in rows.select_related("plan").order_by("created_at", "pk").defer("state"):
        yield {
            "课题": version.plan.title,
            "版次": version.number,
            "名称": version.name,
            "时间": version.created_at,
            "你定的": version.created_by_id == person.pk,
        }


def _invitations(person: User) -> Iterator[Row]:
    rows = PlanInvitation.objects.filter(Q(user=person) | Q(invited_by=person))
    for row in rows.select_related("plan", "school", "user").order_by("invited_at", "pk"):
        yield {
            "课题": row.plan.title,
            "请": "你" if row.user_id == person.pk else str(row.user or row.school),
            "权限": row.get_access_display(),
            "时间": row.invited_at,
        }


def _forget_invitations(person: User, successor: User | None) -> None:
    PlanInvitation.objects.filter(user=person).delete()


def _visits(person: User) -> Iterator[Row]:
    for visit in PlanVisit.objects.filter(user=person).select_related("plan").order_by("at"):
        yield {"课题": visit.plan.title, "最近打开": visit.at}


def _forget_visits(person: User, successor: User | None) -> None:
    PlanVisit.objects.filter(user=person).delete()


def _planned(person: User) -> Iterator[Row]:
    for row in PlannedLesson.objects.filter(teacher=person).select_related("plan").order_by("day", "period"):
        yield {"哪天": row.day, "第几节": row.period, "课题": row.plan.title}


def _forget_planned(person: User, successor: User | None) -> None:
    PlannedLesson.objects.filter(teacher=person).delete()


def _word_imports(person: User) -> Iterator[Row]:
    for row in WordImport.objects.filter(actor=person).order_by("begun_at").defer("content", "document"):
        yield {"文件": row.file_name, "时间": row.begun_at, "结果": row.get_state_display()}


def _forget_word_imports(person: User, successor: User | None) -> None:
    WordImport.objects.filter(actor=person).delete()


KINDS = (
    Kind(
        key="word-imports",
        label=_("从 Word 导入"),
        what=_("你选的 Word 文件：文件名、读出来的内容、结果"),
        purpose=_("先给你看会带来什么，再建成教案"),
        kept_for=_("文件和内容到建成教案或放弃为止，最多 7 天；文件名到帐号注销"),
        after_deletion=_("全部删除"),
        rows=_word_imports,
        forget=_forget_word_imports,
        models=(WordImport,),
    ),
    Kind(
        key="planned-lessons",
        label=_("给课备的教案"),
        what=_("哪天第几节用哪份教案"),
        purpose=_("今日告诉你哪节课备好了"),
        kept_for=_("到帐号注销"),
        after_deletion=_("全部删除"),
        rows=_planned,
        forget=_forget_planned,
        models=(PlannedLesson,),
    ),
    Kind(
        key="lesson-plans",
        label=_("教案"),
        what=_("你建的教案：内容、课题、教材、谁能看"),
        purpose=_("备课；按你定的范围给同事看"),
        kept_for=_("一直保存，你删除的也能恢复"),
        after_deletion=_("交给你学校指定的老师；没有指定的，署名改成“已离开的教师”，原来能看的人照样能看"),
        rows=_plans,
        files=_texts,
        forget=_hand_over,
        models=(LessonPlan,),
    ),
    Kind(
        key="edits",
        label=_("写教案的每一次改动"),
        what=_("哪份文档、什么时候、改了什么；是谁改的只记编号"),
        purpose=_("多人一起写不丢字；看得出哪句是谁写的；恢复旧版本"),
        kept_for=_("和教案一样久"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_edits,
        models=(DocumentUpdate, ClientOwner),
    ),
    Kind(
        key="versions",
        label=_("教案的版本"),
        what=_("你定的版本，和你参与改过的版本"),
        purpose=_("看历史、恢复、注明谁写的"),
        kept_for=_("和教案一样久"),
        after_deletion=_("留着，署名变成“已离开的教师”"),
        rows=_versions,
        models=(PlanVersion,),
    ),
    Kind(
        key="invitations",
        label=_("邀请"),
        what=_("谁请你、你请谁，看还是改，什么时候"),
        purpose=_("一起备课"),
        kept_for=_("到撤回"),
        after_deletion=_("请你的删除；你请别人的留着，不再有名字"),
        rows=_invitations,
        forget=_forget_invitations,
        models=(PlanInvitation,),
    ),
    Kind(
        key="visits",
        label=_("最近打开过的教案"),
        what=_("每份教案你最近一次打开的时间"),
        purpose=_("排出“最近”"),
        kept_for=_("到帐号注销"),
        after_deletion=_("全部删除"),
        rows=_visits,
        forget=_forget_visits,
        models=(PlanVisit,),
    ),
)
