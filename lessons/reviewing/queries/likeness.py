"""How far a version resembles earlier plans: the figure, and the passages as far as the reader may see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from foundation.accounts.models import User
from lessons.models import LessonPlan
from lessons.reviewing.models import Likeness, Similarity, Submission
from lessons.versions import label
from teaching_centres.queries import PersonCard, person_cards


@dataclass(frozen=True)
class LikenessFigure:
    state: str
    percent: int = 0
    known: int = 0
    unknown: int = 0
    """Percent each, of the letters written."""


def figure_of(found: Similarity | None) -> LikenessFigure | None:
    if found is None:
        return None
    if found.state != Similarity.State.DONE:
        return LikenessFigure(found.state)
    known, unknown = (percent_of(part, found.characters) for part in (found.known, found.unknown))
    return LikenessFigure(
        found.state, percent_of(found.known + found.unknown, found.characters), known, unknown
    )


def percent_of(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


@dataclass(frozen=True)
class LikenessLine:
    """One earlier plan. Who may not read it sees how much is shared, and not whose it is."""

    source: str
    source_name: str
    known: bool
    percent: int
    title: str
    owner: PersonCard | None
    version: str
    at: datetime
    path_id: UUID | None
    """To open it; only for those who may read the plan itself."""
    passages: list[list[str]]


@dataclass(frozen=True)
class LikenessReport:
    figure: LikenessFigure
    characters: int
    compared_with: int
    lines: list[LikenessLine]
    note: str
    noted_at: datetime | None


def likeness_of(user: User, submission: Submission) -> LikenessReport | None:
    found = Similarity.objects.filter(version=submission.version_id).first()
    figure = figure_of(found)
    if found is None or figure is None:
        return None
    rows = list(
        Likeness.objects.filter(similarity=found)
        .select_related("version__plan")
        .defer("version__state", "version__plan__first_content")
    )
    ids = {row.version.plan_id for row in rows}
    readable = set(LessonPlan.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    handed_in = Submission.objects.reviewable_by(user).filter(version__in=[row.version_id for row in rows])
    reviewed = set(handed_in.values_list("version_id", flat=True))
    people = person_cards({row.version.plan.owner_id for row in rows})
    return LikenessReport(
        figure=figure,
        characters=found.characters,
        compared_with=found.compared_with,
        lines=[
            _likeness(
                row,
                found,
                people,
                reads=row.version.plan_id in readable,
                shown=row.version.plan_id in readable or row.version_id in reviewed,
            )
            for row in rows
        ],
        note=found.note,
        noted_at=found.noted_at,
    )


def _likeness(
    row: Likeness, found: Similarity, people: dict[int, PersonCard], *, reads: bool, shown: bool
) -> LikenessLine:
    version = row.version
    return LikenessLine(
        source=row.source,
        source_name=str(row.get_source_display()),
        known=row.source != Likeness.Source.UNKNOWN,
        percent=percent_of(row.characters, found.characters),
        title=version.plan.title if shown else "",
        owner=people[version.plan.owner_id] if shown else None,
        version=label(version) if shown else "",
        at=version.created_at,
        path_id=version.plan_id if reads else None,
        passages=[[here, there if shown else ""] for here, there in row.passages],
    )
