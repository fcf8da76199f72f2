"""The network as an import sees it: read once, so that ten thousand rows ask the database for nothing."""

from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

from django.db.models import Prefetch, Q

from foundation.accounts.models import User
from foundation.office.tables import same
from teaching_centres import policies
from teaching_centres.models import FormerSchoolName, Leave, Membership, Region, School
from teaching_centres.policies import Decision, Unit
from teaching_centres.roles import Verb

AT_ONCE = 500
CLEARLY_NEARER = 0.03
SUGGESTIONS = 50
"""Names of a file for which a likely one is looked for: it takes long, and a file wrong throughout gains nothing."""


class Network:
    """Units by name, and what the actor may do in them. `actor=None` is the operator at the command line."""

    def __init__(self, actor: User | None) -> None:
        self.actor = actor
        self.regions = list(Region.objects.select_related("parent"))
        self.counties = _by_name((region.name, region) for region in self.regions)
        for region in self.regions:
            self.counties[same(f"{region.parent or ''}{region.name}")].append(region)
        regions = {region.pk: region for region in self.regions}
        schools = School.objects.select_related("parent", "prep_point").order_by("pk")
        self.schools: defaultdict[str, list[School]] = defaultdict(list)
        self._ids: dict[int, School] = {}
        for school in schools:
            school.county = regions[school.county_id]
            self._ids[school.pk] = school
            self.add(school)
        self.centres = _by_name(
            (region.centre.name, region)
            for region in Region.objects.select_related("centre").filter(centre__isnull=False)
        )
        self.former = _by_name(
            (former.name, self._ids[former.school_id]) for former in FormerSchoolName.objects.all()
        )
        self._managed: dict[tuple[str, int | str], Decision] = {}
        self._redrawn: dict[int, Decision] = {}
        self._likely: dict[str, str] = {}

    def add(self, school: School) -> None:
        """A school of the file is found by the rows that follow."""
        self.schools[same(school.name)].append(school)

    def renamed(self, school: School, before: str) -> None:
        self.schools[same(before)].remove(school)
        self.add(school)

    def may_manage(self, unit: Unit) -> Decision:
        if self.actor is None:
            return policies.YES
        where = unit.county if isinstance(unit, School) and unit.pk is None else unit
        key = (type(where).__name__, where.pk)
        if key not in self._managed:
            self._managed[key] = policies.allowed(self.actor, Verb.MANAGE, where)
        return self._managed[key]

    def may_redraw(self, school: School) -> Decision:
        """Of a school that is there. Decided above it, so by its county."""
        if self.actor is None:
            return policies.YES
        if school.county_id not in self._redrawn:
            self._redrawn[school.county_id] = policies.may_redraw(self.actor, school)
        return self._redrawn[school.county_id]

    def own_county(self) -> Region | None:
        """Where the actor has only one county, nobody has to write it into every row."""
        managed = [region for region in self.regions if self._is_county(region) and self.may_manage(region)]
        return managed[0] if len(managed) == 1 else None

    @staticmethod
    def _is_county(region: Region) -> bool:
        return region.level == Region.Level.COUNTY

    def school_in(self, county: Region, name: str) -> School | None:
        return next((row for row in self.schools[same(name)] if row.county_id == county.pk), None)

    def formerly(self, county: Region, name: str) -> School | None:
        return next((row for row in self.former[same(name)] if row.county_id == county.pk), None)

    def former_named(self, name: str, county: Region | None) -> str:
        """What the school is called now that had this name, or ""."""
        found = [row for row in self.former[same(name)] if county is None or row.county_id == county.pk]
        return found[0].name if found else ""

    def units(self, name: str, county: Region | None) -> list[Unit]:
        """What a name may mean: schools, then regions and their centres. Those the actor manages are meant first."""
        key = same(name)
        found: list[Unit] = [*self.schools[key], *self.counties[key], *self.centres[key]]
        if county is not None:
            found = [unit for unit in found if policies.region_of(unit).path.startswith(county.path)]
        found = list(dict.fromkeys(found)) if all(unit.pk for unit in found) else found
        managed = [unit for unit in found if self.may_manage(unit)]
        return managed or found

    def like(self, name: str) -> str:
        """The name the actor most likely meant, or "": 第三小学 is as near to 第一小学 as to 第二小学."""
        key = same(name)
        if key not in self._likely:
            self._likely[key] = self._nearest(key) if len(self._likely) < SUGGESTIONS else ""
        return self._likely[key]

    def _nearest(self, key: str) -> str:
        known = [each for each, rows in self.schools.items() if rows and self.may_manage(rows[0])]
        near = get_close_matches(key, known, 2, 0.75)
        scores = [SequenceMatcher(None, each, key).ratio() for each in near]
        if not near or (len(near) > 1 and scores[0] - scores[1] < CLEARLY_NEARER):
            return ""
        return self.schools[near[0]][0].name

    def same_names_in(self, units: Iterable[Unit]) -> dict[tuple[int, str], str]:
        """The username of whoever already bears a name in a school, by school and name."""
        ids = sorted({unit.pk for unit in units if isinstance(unit, School) and unit.pk})
        found: dict[tuple[int, str], str] = {}
        for start in range(0, len(ids), AT_ONCE):
            rows = Membership.objects.current().filter(school_id__in=ids[start : start + AT_ONCE])
            for school_id, name, username in rows.values_list("school_id", "user__name", "user__username"):
                found[school_id, name] = username
        return found


def _by_name(pairs: Iterable[tuple[str, object]]) -> defaultdict[str, list]:
    found: defaultdict[str, list] = defaultdict(list)
    for name, row in pairs:
        found[same(name)].append(row)
    return found


def people_named(usernames: Iterable[str]) -> dict[str, User]:
    """The accounts with these usernames, with what they hold; of a merged one the surviving account."""
    wanted = sorted(set(usernames))
    held = Membership.objects.select_related("region__parent", "school__county")
    found: dict[str, User] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        rows = User.objects.filter(
            Q(username__in=some) | Q(absorbed__absorbed__username__in=some)
        ).prefetch_related(
            Prefetch("memberships", queryset=held),
            Prefetch("leaves", queryset=Leave.objects.all()),
            "absorbed__absorbed",
        )
        for user in rows.distinct():
            found[user.username] = user
            for merge in user.absorbed.all():
                found[merge.absorbed.username] = user
    return found
