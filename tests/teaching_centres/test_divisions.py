"""The province's divisions: counts, codes with their validity, units that do not fit the code tree."""

from collections import Counter
from datetime import date

import pytest

from teaching_centres import operations
from teaching_centres.models import Region, RegionCode
from teaching_centres.operations.divisions import rows
from teaching_centres.queries import region_with_code, regions_below

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 1)


@pytest.fixture
def loaded(db: None) -> operations.Loaded:
    return operations.load_divisions()


def test_one_province_ten_nodes_of_prefecture_rank_sixty_counties(loaded: operations.Loaded) -> None:
    levels = Counter(Region.objects.values_list("level", flat=True))
    assert levels == {"province": 1, "prefecture": 10, "county": 60}
    assert (loaded.regions, loaded.added) == (71, 71)


def test_counties_by_kind(loaded: operations.Loaded) -> None:
    kinds = Counter(Region.objects.filter(level="county").values_list("kind", flat=True))
    assert kinds == {"市辖区": 21, "县级市": 20, "县": 16, "自治县": 3}


def test_counties_by_prefecture(loaded: operations.Loaded) -> None:
    counties = Counter(Region.objects.filter(level="county").values_list("parent__name", flat=True))
    assert counties == {
        "长春市": 11,
        "吉林市": 9,
        "四平市": 5,
        "辽源市": 4,
        "通化市": 7,
        "白山市": 6,
        "松原市": 5,
        "白城市": 5,
        "延边朝鲜族自治州": 8,
    }


def test_loading_twice_changes_nothing(loaded: operations.Loaded) -> None:
    before = list(Region.objects.values_list("own_id", "path", "name"))
    codes = list(RegionCode.objects.values_list("code", "valid_from", "valid_until"))
    again = operations.load_divisions()
    assert again.added == 0
    assert list(Region.objects.values_list("own_id", "path", "name")) == before
    assert list(RegionCode.objects.values_list("code", "valid_from", "valid_until")) == codes


def test_loading_again_keeps_what_an_administrator_changed(loaded: operations.Loaded) -> None:
    region = Region.objects.get(own_id="JL-220322")
    Region.objects.filter(pk=region.pk).update(name="改过的名称")
    region.codes.update(name_then="改过的名称")
    operations.load_divisions()
    region.refresh_from_db()
    assert region.name == "改过的名称"
    assert region.codes.get().name_then == "改过的名称"


def test_changbaishan_is_a_node_of_prefecture_rank_without_a_code(loaded: operations.Loaded) -> None:
    region = Region.objects.get(own_id="JL-CBS")
    assert (region.name, region.level, region.parent) == (
        "长白山管委会",
        "prefecture",
        Region.objects.get(level="province"),
    )
    assert not region.codes.exists()
    assert not region.children.exists()


def test_meihekou_keeps_its_parent_by_code_and_reports_to_the_province(loaded: operations.Loaded) -> None:
    region = Region.objects.get(own_id="JL-220581")
    assert region.parent is not None
    assert region.parent.name == "通化市"
    assert region.reports_to is not None
    assert region.reports_to.level == "province"
    assert Region.objects.exclude(reports_to=None).count() == 1


@pytest.mark.parametrize(
    ("old_code", "old_name", "new_code", "new_name", "changed_on"),
    [
        ("220181", "九台市", "220113", "九台区", date(2014, 10, 20)),
        ("220381", "公主岭市", "220184", "公主岭市", date(2020, 6, 19)),
        ("220724", "扶余县", "220781", "扶余市", date(2013, 1, 24)),
        ("220602", "八道江区", "220602", "浑江区", date(2012, 1, 1)),
    ],
)
def test_changed_codes_are_valid_one_after_the_other(
    loaded: operations.Loaded, old_code: str, old_name: str, new_code: str, new_name: str, changed_on: date
) -> None:
    old, new = RegionCode.objects.filter(region__own_id=f"JL-{new_code}").order_by("valid_from")[:2]
    if old.valid_from is not None:  # databases differ in where they sort what is empty
        old, new = new, old
    assert (old.code, old.name_then, old.valid_from) == (old_code, old_name, None)
    assert (new.code, new.name_then, new.valid_from, new.valid_until) == (
        new_code,
        new_name,
        changed_on,
        None,
    )
    assert old.valid_until is not None
    assert (changed_on - old.valid_until).days == 1


def test_gongzhuling_moved_from_siping_to_changchun(loaded: operations.Loaded) -> None:
    region = Region.objects.get(own_id="JL-220184")
    assert region.parent is not None
    assert region.parent.name == "长春市"
    assert region_with_code("220381", date(2020, 6, 18)) == region
    assert region_with_code("220381", date(2020, 6, 19)) is None
    assert region_with_code("220184", date(2020, 6, 19)) == region
    assert region_with_code("220184", date(2020, 6, 18)) is None


def test_unchanged_codes_were_valid_in_2011_and_are_now(loaded: operations.Loaded) -> None:
    same = [row for row in rows("code_crosswalk.csv") if row["changed"] == "0"]
    assert len(same) == 56
    for row in same:
        now = region_with_code(row["code_now"], TODAY)
        assert now is not None
        assert now.name == row["name_now"]
        assert region_with_code(row["code_2011"], date(2011, 7, 1)) == now


def test_no_zone_or_placeholder_row_of_other_packages_slipped_in(loaded: operations.Loaded) -> None:
    codes = set(RegionCode.objects.values_list("code", flat=True))
    zones = {"220171", "220172", "220173", "220174", "220271", "220272", "220273", "220771", "220871"}
    placeholders = {f"22{prefecture:02}01" for prefecture in range(1, 9)}
    assert not codes & (zones | placeholders)


def test_paths_lead_from_the_province_down(loaded: operations.Loaded) -> None:
    for region in Region.objects.select_related("parent"):
        above = region.parent.path if region.parent else "/"
        assert region.path == f"{above}{region.pk}/"
    siping = Region.objects.get(name="四平市")
    assert next(region.name for region in regions_below(siping)) == "四平市"
    assert regions_below(siping).count() == 6


def test_every_county_has_one_tile_of_its_own() -> None:
    tiles = rows("tilegrid.csv")
    codes = {row["code"] for row in rows("divisions.csv") if row["level"] == "county"}
    assert {tile["code"] for tile in tiles} == codes
    assert len({(tile["row"], tile["column"]) for tile in tiles}) == 60


def test_data_files_have_no_duplicates() -> None:
    for name, key in (("divisions.csv", "own_id"), ("code_crosswalk.csv", "code_2011")):
        values = [row[key] for row in rows(name)]
        assert len(values) == len(set(values))
