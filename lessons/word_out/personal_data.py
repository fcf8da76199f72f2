from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from lessons.models import PaperJob, WordTemplate
from lessons.word_out.orders import take_away


def _templates(person: User) -> Iterator[Row]:
    rows = WordTemplate.objects.filter(Q(owner=person) | Q(made_by=person)).select_related("region", "school")
    for template in rows.order_by("made_at", "pk"):
        yield {
            "名称": template.name,
            "给谁用": str(template.unit or "你自己"),
            "上传": template.made_at,
            "停用": template.retired_at,
        }


def _forget_templates(person: User, successor: User | None) -> None:
    WordTemplate.objects.filter(owner=person).delete()


def _papers(person: User) -> Iterator[Row]:
    for job in PaperJob.objects.filter(owner=person).order_by("ordered_at", "pk"):
        yield {
            "文件": job.name,
            "什么": job.get_kind_display(),
            "时间": job.ordered_at,
            "状态": job.get_state_display(),
        }


def _forget_papers(person: User, successor: User | None) -> None:
    for job in PaperJob.objects.filter(owner=person):
        if job.state == PaperJob.State.DONE:
            take_away(job)
        job.delete()


KINDS = (
    Kind(
        key="word-templates",
        label=_("Word 模板"),
        what=_("你传的 Word 模板：名称、给谁用、时间"),
        purpose=_("按你们的格式导出教案"),
        kept_for=_("到停用以后，管理员清理"),
        after_deletion=_("自己用的删除；单位的留着，不再有名字"),
        rows=_templates,
        forget=_forget_templates,
        models=(WordTemplate,),
    ),
    Kind(
        key="paper-jobs",
        label=_("导出的 PDF 和成批的教案"),
        what=_("什么时候导出了哪些教案"),
        purpose=_("做好了给你下载"),
        kept_for=_("文件三天，记录到帐号注销"),
        after_deletion=_("全部删除"),
        rows=_papers,
        forget=_forget_papers,
        models=(PaperJob,),
    ),
)
