"""The province's divisions as facts: read from teaching_centres/data and written into the network.

divisions.csv      province, nine prefectures, 长白山管委会 (that rank, without a code), 60 counties
code_crosswalk.csv every county's code of 2011 and of now, with the day of the change
tilegrid.csv       one tile a county, for maps without borders
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction

from teaching_centres.models import Region, RegionCode
from teaching_centres.operations.regions import add_region

DATA = Path(__file__).parent.parent / "data"
Row = dict[str, str]


@dataclass(frozen=True)
class Loaded:
    regions: int
    added: int
    codes: int


def rows(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@transaction.atomic
def load_divisions() -> Loaded:
    """Bring the network in line with the files (parents come first there); a second time changes nothing."""
    divisions = rows("divisions.csv")
    regions: dict[str, Region] = {region.own_id: region for region in Region.objects.all()}
    added = 0
    for row in divisions:
        if row["own_id"] not in regions:
            regions[row["own_id"]] = _add(row, regions)
            added += 1
    _write_codes(divisions, regions)
    return Loaded(regions=len(divisions), added=added, codes=RegionCode.objects.count())


def _add(row: Row, regions: dict[str, Region]) -> Region:
    return add_region(
        own_id=row["own_id"],
        name=row["name"],
        level=row["level"],
        kind=row["kind"],
        parent=regions.get(row["parent"]),
        reports_to=regions.get(row["reports_to"]),
        actor=None,
    )


def _write_codes(divisions: list[Row], regions: dict[str, Region]) -> None:
    """Only for regions that have no code yet, so that what an administrator corrected stays."""
    with_codes = set(RegionCode.objects.values_list("region_id", flat=True))
    history = {row["code_now"]: row for row in rows("code_crosswalk.csv")}
    for row in divisions:
        region = regions[row["own_id"]]
        if row["code"] and region.pk not in with_codes:
            RegionCode.objects.bulk_create(_codes(region, row, history.get(row["code"])))


def _codes(region: Region, row: Row, history: Row | None) -> list[RegionCode]:
    if history is None or not history["changed_on"]:
        return [RegionCode(region=region, code=row["code"], name_then=row["name"])]
    changed_on = date.fromisoformat(history["changed_on"])
    return [
        RegionCode(
            region=region,
            code=history["code_2011"],
            name_then=history["name_2011"],
            valid_until=changed_on - timedelta(days=1),
        ),
        RegionCode(region=region, code=row["code"], name_then=row["name"], valid_from=changed_on),
    ]
