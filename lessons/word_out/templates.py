"""Own forms: who may bring, use and retire one. A form that does not fit is refused with every place that is wrong."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from foundation.accounts.models import User
from foundation.files.operations import store_document
from foundation.ledger import events
from foundation.ledger.operations import record
from foundation.office.docx import filling
from foundation.office.docx.filling import Names, Problem
from foundation.office.message import Refused
from lessons import policies
from lessons.errors import Denied, NotPossible
from lessons.models import WordTemplate
from lessons.queries import templates_for
from lessons.word_out import form, placeholders, sample
from teaching_centres.models import Region, School
from teaching_centres.policies import Unit, allowed, require
from teaching_centres.queries import place_of
from teaching_centres.roles import Verb
from teaching_centres.scopes import scopes, standing

SUBJECT = "word-template"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_IN_USE = 30
"""Of one person or unit: more are a list in which nobody finds anything."""


class TemplateRefused(Exception):
    """The document is a form, but something in it is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


# ---- who may -------------------------------------------------------------------------------------------


def managed_units(user: User) -> list[Unit]:
    """The units for which this person may bring a form: where they are administrator themselves."""
    units: dict[str, Unit] = {}
    for membership in standing(user):
        if allowed(user, Verb.MANAGE, membership.unit):
            units.setdefault(unit_key(membership.unit), membership.unit)
    return list(units.values())


def unit_key(unit: Unit) -> str:
    return f"{'school' if isinstance(unit, School) else 'region'}-{unit.pk}"


def require_manage(user: User, template: WordTemplate) -> None:
    if template.unit is not None:
        require(user, Verb.MANAGE, template.unit)
    elif template.owner_id != user.pk:
        raise Denied(_("这个模板是别人自己的。"))


def may_manage(user: User, template: WordTemplate) -> bool:
    if template.unit is not None:
        return bool(allowed(user, Verb.MANAGE, template.unit))
    return user.is_active and template.owner_id == user.pk


def require_use(user: User, template: WordTemplate) -> None:
    if not usable(user).filter(pk=template.pk).exists():
        raise Denied(_("这个模板你不能用，或者已经停用。请另选一个。"))


def usable(user: User) -> QuerySet[WordTemplate]:
    return WordTemplate.objects.for_person(user).select_related("region", "school", "owner", "file__blob")


def visible(user: User) -> QuerySet[WordTemplate]:
    """Those one may use, and those one manages, retired ones too."""
    managed = scopes(user, Verb.MANAGE)
    found = Q(owner=user) | Q(pk__in=WordTemplate.objects.for_person(user).values("pk"))
    found |= Q(school_id__in=managed.school_ids)
    for path in managed.region_paths:
        found |= Q(region__path__startswith=path) | Q(school__county__path__startswith=path)
    return WordTemplate.objects.filter(found).select_related("region", "school", "owner", "file__blob")


def may_fetch(user: User, subject_id: UUID) -> bool:
    return visible(user).filter(pk=subject_id).exists()


# ---- bringing and retiring ------------------------------------------------------------------------------


def add_template(
    *, actor: User, name: str, content: bytes, file_name: str, unit: Unit | None = None
) -> WordTemplate:
    """Raises Refused for what cannot be a form, TemplateRefused for a form with mistakes."""
    if unit is None:
        policies.require_create(actor)
    else:
        require(actor, Verb.MANAGE, unit)
    _refuse_too_many(actor, unit)
    checked = filling.check(content, names_for(actor))
    if checked.problems:
        raise TemplateRefused(checked.problems)
    if not checked.names:
        raise Refused(gettext_noop("模板里一个占位符也没有。请下载示例模板，看看怎么写。"))
    filled_with_sample(content, checked.names)
    template = WordTemplate(
        pk=uuid4(),
        name=name.strip()[:64],
        owner=actor if unit is None else None,
        region=unit if isinstance(unit, Region) else None,
        school=unit if isinstance(unit, School) else None,
        asks_for=list(checked.names),
        made_by=actor,
    )
    with transaction.atomic():
        template.file = store_document(
            content=content,
            media_type=DOCX,
            name=file_name,
            subject_kind=SUBJECT,
            subject_id=template.pk,
            actor=actor,
        )
        template.save(force_insert=True)
        _record(actor, events.WordTemplateAdded, template)
    return template


@transaction.atomic
def retire(*, actor: User, template: WordTemplate) -> None:
    require_manage(actor, template)
    if template.retired_at is None:
        template.retired_at = timezone.now()
        template.save(update_fields=["retired_at"])
        _record(actor, events.WordTemplateRetired, template)


@transaction.atomic
def bring_back(*, actor: User, template: WordTemplate) -> None:
    require_manage(actor, template)
    _refuse_too_many(actor, template.unit)
    if template.retired_at is not None:
        template.retired_at = None
        template.save(update_fields=["retired_at"])
        _record(actor, events.WordTemplateBroughtBack, template)


def _refuse_too_many(actor: User, unit: Unit | None) -> None:
    if unit is None:
        own = WordTemplate.objects.filter(owner=actor)
    elif isinstance(unit, School):
        own = WordTemplate.objects.filter(school=unit)
    else:
        own = WordTemplate.objects.filter(region=unit)
    if own.filter(retired_at=None).count() >= MOST_IN_USE:
        raise NotPossible(_("已经有 %(most)d 个在用的模板。先停用几个，再传。") % {"most": MOST_IN_USE})


def _record(actor: User, event: Any, template: WordTemplate) -> None:
    about = {
        "subject_id": template.pk,
        "subject_label": template.name,
        "region_id": template.region_id,
        "school_id": template.school_id,
    }
    record(event(**about), actor=actor, place=place_of(actor))


# ---- what they say --------------------------------------------------------------------------------------


def names_for(user: User) -> Names:
    """With the titles of parts that the forms of this person's units have."""
    bodies = (template.body.get("sections", []) for template in templates_for(user))
    return placeholders.names(str(section["title"]) for sections in bodies for section in sections)


def bytes_of(template: WordTemplate) -> bytes:
    with default_storage.open(template.file.blob.storage_name) as stream:
        return stream.read()


def filled_with_sample(content: bytes, asked: Sequence[str]) -> bytes:
    """With an invented plan: for a look at it, and to see that it can be filled. Raises Unfillable."""
    values = placeholders.values(sample.content(), sample.FACTS, asked)
    look = form.look_of(title="", author="", foot="", notes_column=True)
    return filling.fill(content, values, look=look)
