"""Template components used on every page: one tag, one thing people see."""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput
from django.template.context import RequestContext
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from foundation.office.tables import Message
from teaching_centres.calendar import models as calendar_models
from teaching_centres.calendar import timetables as words

register = template.Library()
logger = logging.getLogger(__name__)

MANIFEST = settings.BASE_DIR / "frontend" / "dist" / ".vite" / "manifest.json"
LESSON_MINUTES = 40


# ---- scripts and styles -------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _read_manifest(changed: float) -> dict[str, Any]:
    return json.loads(MANIFEST.read_text(encoding="utf-8"))


def _manifest() -> dict[str, Any]:
    try:
        return _read_manifest(MANIFEST.stat().st_mtime)
    except FileNotFoundError:
        logger.warning(
            "The front end is not built: pages come without styles. Run npm run build in frontend/."
        )
        return {}


def _with_imports(
    manifest: dict[str, Any], key: str, seen: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The chunk and everything it imports at once, what is imported first."""
    if key in seen:
        return seen
    chunk = manifest[key]
    for name in chunk.get("imports", []):
        _with_imports(manifest, name, seen)
    seen[key] = chunk
    return seen


@register.simple_tag
def vite_entry(name: str) -> SafeString:
    """The style sheets, preloads and script of one file in frontend/src/entries."""
    manifest = _manifest()
    if not manifest:
        return mark_safe("<!-- the front end is not built -->")
    key = f"src/entries/{name}.ts"
    chunks = _with_imports(manifest, key, {})
    base = settings.STATIC_URL
    styles = dict.fromkeys(path for chunk in chunks.values() for path in chunk.get("css", []))
    preloads = [chunk["file"] for chunk_key, chunk in chunks.items() if chunk_key != key]
    return (
        format_html_join("", '<link rel="stylesheet" href="{}{}">', ((base, path) for path in styles))
        + format_html_join("", '<link rel="modulepreload" href="{}{}">', ((base, path) for path in preloads))
        + format_html('<script type="module" src="{}{}"></script>', base, chunks[key]["file"])
    )


# ---- marks --------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; without a label it is decoration."""
    if label:
        return format_html('<svg class="i" role="img" aria-label="{}"><use href="#i-{}"/></svg>', label, name)
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def avatar(person: Any, size: str = "", named: bool = False) -> SafeString:
    """The round initial of a PersonCard; decoration unless `named`, since a name mostly stands beside."""
    classes = f"av p{person.colour}" + (f" av-{size}" if size else "")
    if named:
        return format_html(
            '<span class="{}" role="img" aria-label="{}" title="{}">{}</span>',
            classes,
            person.name,
            person.name,
            person.initial,
        )
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, person.initial)


def _side_word(value: str) -> str:
    return _("乡村") if value == "village" else _("城镇")


@register.simple_tag
def side(value: str) -> SafeString:
    """城 ● or 乡 ◆: always a shape, a colour and, for screen readers, a word."""
    if value not in {"town", "village"}:
        return mark_safe("")
    return format_html(
        '<i class="dot-{}" aria-hidden="true"></i><span class="sr">{}</span>', value, _side_word(value)
    )


@register.simple_tag
def side_chip(value: str, text: str = "") -> SafeString:
    """The pair as a chip, with the word or with a text such as a school's name."""
    if value not in {"town", "village"}:
        return format_html('<span class="chip">{}</span>', text) if text else mark_safe("")
    return format_html(
        '<span class="chip chip-{}"><i class="dot-{}" aria-hidden="true"></i>{}{}</span>',
        value,
        value,
        text or _side_word(value),
        format_html('<span class="sr">（{}）</span>', _side_word(value)) if text else "",
    )


@register.simple_tag
def progress(value: int, label: str, waiting: bool = False) -> SafeString:
    return format_html(
        '<span class="bar{}" role="progressbar" aria-label="{}" aria-valuenow="{}" aria-valuemin="0"'
        ' aria-valuemax="100"><i style="width:{}%"></i></span>',
        " wait" if waiting else "",
        label,
        value,
        value,
    )


# ---- 课时尺: the 40-minute ruler -----------------------------------------------------------------


@dataclass(frozen=True)
class RulerPart:
    name: str
    minutes: int
    now: bool = False


def _ruler_parts(steps: Iterable[Any]) -> list[RulerPart]:
    """Steps are objects or dicts with name, minutes and perhaps now, or (name, minutes) pairs."""
    parts = []
    for step in steps:
        if isinstance(step, dict):
            part = RulerPart(str(step.get("name", "")), int(step.get("minutes") or 0), bool(step.get("now")))
        elif isinstance(step, Sequence):
            part = RulerPart(str(step[0]), int(step[1] or 0))
        else:
            part = RulerPart(step.name, int(step.minutes or 0), bool(getattr(step, "now", False)))
        if part.minutes > 0:
            parts.append(part)
    return parts


def _ruler_words(planned: int, total: int) -> str:
    if planned == total:
        return _("%(total)s 分钟已排满") % {"total": total}
    if planned < total:
        return _("还余 %(minutes)s 分钟没安排") % {"minutes": total - planned}
    return _("超出 %(minutes)s 分钟") % {"minutes": planned - total}


def _ruler_ticks(scale: int, total: int) -> list[dict[str, Any]]:
    """A label every ten minutes, none so near the end that it would touch the last one."""
    return [
        {"minutes": minutes, "at": f"{100 * minutes / scale:.4g}%", "bell": minutes == total}
        for minutes in range(0, scale, 10)
        if scale - minutes > scale / 20
    ]


@register.inclusion_tag("partials/ruler.html")
def ruler(steps: Iterable[Any], total: int = LESSON_MINUTES, captions: bool = True) -> dict[str, Any]:
    parts = _ruler_parts(steps)
    planned = sum(part.minutes for part in parts)
    scale = max(planned, total)
    words = _ruler_words(planned, total)
    spoken = "，".join(_("%(name)s %(minutes)s 分钟") % vars(part) for part in parts)
    return {
        # a narrow part has room for its minutes only, on a phone sooner than on a desk
        "parts": [
            {"part": part, "tiny": part.minutes / scale < 0.12, "mini": part.minutes / scale < 0.06}
            for part in parts
        ],
        "planned": planned,
        "total": total,
        "left": max(total - planned, 0),
        "over": planned > total,
        "words": words,
        "spoken": "；".join(filter(None, [spoken, words])),
        "captions": captions,
        "ticks": _ruler_ticks(scale, total),
        "five": f"{500 / scale:.4g}%",
        "end": scale,
    }


# ---- forms and lists ----------------------------------------------------------------------------


@register.simple_tag
def field_parts(bound: BoundField, hint: str = "", label: str = "") -> dict[str, Any]:
    """What `field` draws, for a page that arranges the parts itself."""
    checkbox = isinstance(bound.field.widget, CheckboxInput)
    hint = hint or str(bound.help_text)
    attrs: dict[str, Any] = {} if checkbox else {"class": "input"}
    if bound.errors:
        attrs |= {"aria-invalid": "true", "aria-describedby": f"{bound.auto_id}_error"}
    elif hint:
        attrs |= {"aria-describedby": f"{bound.auto_id}_hint"}
    return {
        "bound": bound,
        "label": label or bound.label,
        "hint": hint,
        "checkbox": checkbox,
        "control": bound.as_widget(attrs=attrs),
    }


@register.inclusion_tag("partials/field.html")
def field(bound: BoundField, hint: str = "", label: str = "") -> dict[str, Any]:
    """A form field with its label above, its hint below, and errors in place of the hint."""
    return field_parts(bound, hint, label)


@register.inclusion_tag("partials/paging.html", takes_context=True)
def paging(context: RequestContext, page: Page[Any], name: str = "page") -> dict[str, Any]:
    query = context["request"].GET.copy()
    query.pop(name, None)
    rest = query.urlencode()
    return {"page": page, "lead": f"?{rest}&{name}=" if rest else f"?{name}="}


@register.filter
def value_of(row: dict[str, Any], name: str) -> Any:
    """A cell of a table whose columns are not the same in every row."""
    value = row.get(name)
    return "" if value is None else value


@register.filter
def when(moment: datetime | None) -> str:
    """A moment as a person says it: 今天 9:41, 昨天 20:14, 11月3日, 2025年11月3日."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    today = timezone.localdate()
    clock = date_format(local, "G:i")
    if local.date() == today:
        return _("今天 %(clock)s") % {"clock": clock}
    if local.date() == today - timedelta(days=1):
        return _("昨天 %(clock)s") % {"clock": clock}
    if local.year == today.year:
        return _("%(month)s月%(day)s日") % {"month": local.month, "day": local.day}
    return _("%(year)s年%(month)s月%(day)s日") % {"year": local.year, "month": local.month, "day": local.day}


@register.filter
def day(value: date | None) -> str:
    """A day as a person says it: 9月12日, and with the year when it is another one."""
    if value is None:
        return ""
    if value.year == timezone.localdate().year:
        return _("%(month)s月%(day)s日") % {"month": value.month, "day": value.day}
    return _("%(year)s年%(month)s月%(day)s日") % {"year": value.year, "month": value.month, "day": value.day}


@register.filter
def day_name(day: date | None) -> str:
    """11月23日（周一）"""
    return words.day_name(day) if day else ""


@register.filter
def term_name(code: str) -> str:
    """2026–2027 学年第一学期"""
    return calendar_models.term_name(code)


@register.filter
def said(message: Message) -> str:
    """What a table's reader says, in the reader's language."""
    return message.said(_)
