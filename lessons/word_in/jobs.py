"""The job that reads a Word file, and the sweeping up of what nobody made into a plan.

reading → ready | refused; ready → done | dropped. A job run twice works once.
"""

import logging
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from huey import crontab
from huey.contrib.djhuey import close_db, db_periodic_task, db_task, on_startup

from foundation.files.errors import FileRefused
from foundation.files.images import read_picture
from foundation.files.limits import image_limits
from foundation.office.docx.guarded import pictures_guarded, read_guarded
from foundation.office.message import Message, Refused, message
from lessons.document import Node, attribute, walk
from lessons.word_in.models import WordImport

logger = logging.getLogger(__name__)
State = WordImport.State
UNEXPECTED = Message(gettext_noop("服务器没办成这一步，问题已经记下来了。过一会儿再传一次。"))
ABANDONED = timedelta(minutes=10)
"""A job that has not said anything for so long has died with its process."""
KEPT_WAITING = timedelta(days=7)
"""A reading of which nobody made a plan: names may be in it, so it does not stay."""
EVERYWHERE = message(gettext_noop("全文"))


@db_task()
def read_word(import_id: str) -> None:
    read_into_preview(UUID(import_id))


@db_periodic_task(crontab(minute="*/5"))
def sweep_word_imports() -> None:
    sweep()


@on_startup()
@close_db
def carry_on_reading_after_a_start() -> None:
    sweep(abandoned=timedelta(0))


def enqueue(found: WordImport) -> None:
    """Once the transaction is through."""
    transaction.on_commit(partial(read_word, str(found.pk)))


def read_into_preview(import_id: UUID) -> None:
    found = WordImport.objects.filter(pk=import_id, state=State.READING).first()
    if found is None or found.content is None:
        return
    try:
        reading = read_guarded(bytes(found.content))
        document, refused = _with_good_pictures(reading.document, reading.content)
        left_out = [[stored(each.what), stored(each.where), each.text] for each in reading.left_out] + refused
    except Refused as refusal:
        _refuse(import_id, refusal.message)
        return
    except Exception:
        logger.exception("Word import %s could not be read", import_id)
        _refuse(import_id, UNEXPECTED)
        return
    WordImport.objects.filter(pk=import_id, state=State.READING).update(
        state=State.READY,
        document=document,
        left_out=left_out,
        content=reading.content,
        touched_at=timezone.now(),
    )


def _with_good_pictures(document: Node, content: bytes) -> tuple[Node, list[Any]]:
    """Pictures that could not be stored are taken out now and listed: nothing fails when the plan is made."""
    parts = picture_parts(document)
    pictures = pictures_guarded(content, parts)
    bad: dict[str, str] = {}
    for part in sorted(parts):
        try:
            check_picture(pictures.get(part))
        except FileRefused as refusal:
            bad[part] = str(refusal)
    listed = [[stored(message(gettext_noop("图片"))), stored(EVERYWHERE), reason] for reason in bad.values()]
    return (without_pictures(document, set(bad)) if bad else document), listed


def check_picture(content: bytes | None) -> None:
    """Raises FileRefused."""
    limits = image_limits()
    if content is None:
        raise FileRefused(_("这张图片坏了，打不开。"))
    if len(content) > limits.max_bytes:
        sizes = {"size": len(content) // 1024**2, "limit": limits.max_bytes // 1024**2}
        raise FileRefused(_("这张图片有 %(size)d MB，最大 %(limit)d MB。") % sizes)
    read_picture(content, limits)


def picture_parts(document: Node) -> set[str]:
    return {str(attribute(node, "file")) for node in walk(document) if node["type"] == "image"}


def without_pictures(node: Node, parts: set[str]) -> Node:
    content = [
        without_pictures(child, parts)
        for child in node.get("content", [])
        if not (child["type"] == "image" and attribute(child, "file") in parts)
    ]
    if not content and node["type"] in ("tableCell", "tableHeader"):
        content = [{"type": "paragraph"}]
    return {**node, "content": content} if "content" in node else node


def _refuse(import_id: UUID, said: Message) -> None:
    WordImport.objects.filter(pk=import_id, state=State.READING).update(
        state=State.REFUSED, reason=stored(said), content=None, touched_at=timezone.now()
    )


def stored(said: Message) -> list[Any]:
    return [said.text, dict(said.values)]


def sweep(abandoned: timedelta = ABANDONED) -> None:
    """Carry on what died with its process; take away what nobody made into a plan."""
    now = timezone.now()
    for found in WordImport.objects.filter(state=State.READING, touched_at__lte=now - abandoned).only("pk"):
        WordImport.objects.filter(pk=found.pk).update(touched_at=now)
        enqueue(found)
    old = WordImport.objects.filter(touched_at__lt=now - KEPT_WAITING)
    old.filter(state=State.DONE).update(left_out=[], touched_at=now)
    old.exclude(state__in=(State.DONE, State.DROPPED)).update(
        state=State.DROPPED, content=None, document=None, left_out=[], file_name="", touched_at=now
    )
