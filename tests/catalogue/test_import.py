"""Tables of units come in whole or not at all; twice the same is once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from foundation.catalogue.errors import ImportRefused
from foundation.catalogue.models import Stage, Subject, Textbook, Unit
from foundation.catalogue.operations import STANDARD_UNITS, ImportResult, import_standard_units, import_units
from foundation.catalogue.table import UNITS
from foundation.office import tables

HEAD = "subject,edition,grade,volume,unit_number,unit_title"
GOOD = "语文,统编版,3,上册,1,学校生活"


def table(*lines: str, head: str = HEAD) -> StringIO:
    return StringIO("\n".join((head, *lines)))


def test_the_standard_books_come_in_once(db):
    assert import_standard_units() == ImportResult(books_added=44, units_added=285, units_renamed=0)
    assert import_standard_units() == ImportResult(books_added=0, units_added=0, units_renamed=0)
    assert [subject.name for subject in Subject.objects.all()] == ["语文", "数学", "英语", "科学"]
    assert set(Textbook.objects.values_list("stage", flat=True)) == {Stage.PRIMARY}


@pytest.mark.parametrize(("word", "volume"), [("上册", "first"), ("下册", "second"), ("全一册", "whole")])
def test_volumes_are_read_from_their_names(db, word, volume):
    import_units(table(f"语文,统编版,9,{word},1,学校生活"))

    book = Textbook.objects.get()
    assert (book.volume, book.stage, book.book) == (volume, Stage.JUNIOR, f"九年级{word}")


def test_a_stage_may_be_named(db):
    import_units(table(f"{GOOD},特殊教育", head=f"{HEAD},stage"))

    assert Textbook.objects.get().stage == Stage.SPECIAL


def test_a_new_title_renames_and_keeps_the_unit(db):
    import_units(table(GOOD))
    before = Unit.objects.get()

    assert import_units(table("语文,统编版,3,上册,1,校园生活")) == ImportResult(0, 0, 1)
    assert Unit.objects.get() == before
    assert Unit.objects.get().title == "校园生活"


def test_what_the_table_leaves_out_stays(db):
    import_units(table(GOOD, "语文,统编版,3,上册,2,金秋时节"))
    import_units(table(GOOD))

    assert Unit.objects.count() == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (",统编版,3,上册,1,学校生活", "学科没有填。"),
        ("语文,,3,上册,1,学校生活", "教材版本没有填。"),
        ("语文,统编版,三,上册,1,学校生活", "年级“三”应是 1 到 9 的整数。"),
        ("语文,统编版,10,上册,1,学校生活", "年级“10”应是 1 到 9 的整数。"),
        ("语文,统编版,3,上,1,学校生活", "册次“上”不认得，可以填：上册、下册、全一册。"),
        ("语文,统编版,3,上册,0,学校生活", "单元序号“0”应是 1 到 99 的整数。"),
        ("语文,统编版,3,上册,1", "单元名称没有填。"),
        (f"语文,统编版,3,上册,1,{'长' * 129}", "单元名称最多 128 个字，这里有 129 个。"),
        ("语文,统编版,3,上册,2,金秋时节", "和第 2 行是同一单元。"),
    ],
)
def test_one_bad_line_is_named_and_nothing_comes_in(db, line, message):
    with pytest.raises(ImportRefused) as refused:
        import_units(table("语文,统编版,3,上册,2,金秋时节", GOOD, line))

    assert [(error.line, error.message) for error in refused.value.errors] == [(4, message)]
    assert not Subject.objects.exists()
    assert not Unit.objects.exists()


def test_all_bad_lines_are_named_at_once(db):
    with pytest.raises(ImportRefused) as refused:
        import_units(table("语文,,3,上册,1,甲", GOOD, "语文,统编版,0,上册,1,乙"))

    assert [error.line for error in refused.value.errors] == [2, 4]


def test_missing_columns_are_named(db):
    with pytest.raises(ImportRefused) as refused:
        import_units(table("语文,统编版", head="subject,edition"))

    assert refused.value.errors[0].message == "缺这几列：grade、volume、unit_number、unit_title。"


def test_the_command_reports(db, tmp_path):
    out = StringIO()
    call_command("import_textbook_units", str(STANDARD_UNITS), stdout=out)
    assert "新增 44 本教材、285 个单元。" in out.getvalue()

    bad = tmp_path / "bad.csv"
    bad.write_text(f"{HEAD}\n语文,,3,上册,1,甲\n", encoding="utf-8-sig")
    with pytest.raises(CommandError, match="第 2 行：教材版本没有填。\n一行都没有导入"):
        call_command("import_textbook_units", str(bad))


def test_the_command_says_when_a_file_is_not_utf8(db, tmp_path):
    bad = tmp_path / "gbk.csv"
    bad.write_bytes(f"{HEAD}\n{GOOD}\n".encode("gbk"))

    with pytest.raises(CommandError, match="UTF-8"):
        call_command("import_textbook_units", str(bad))


def test_a_spreadsheet_comes_in_like_a_list_of_lines(db, tmp_path):
    row = {
        "subject": "语文",
        "edition": "统编版",
        "grade": 3,
        "volume": "上册",
        "unit_number": 1,
        "unit_title": "学校生活",
    }
    file = tmp_path / "units.xlsx"
    file.write_bytes(tables.write([UNITS], {"units": [row]}))
    out = StringIO()
    call_command("import_textbook_units", str(file), stdout=out)
    assert "新增 1 本教材、1 个单元。" in out.getvalue()

    file.write_bytes(tables.write([UNITS], {"units": [row, {**row, "grade": "三"}]}))
    with pytest.raises(CommandError, match="D3：年级“三”应是 1 到 9 的整数。\n一行都没有导入"):
        call_command("import_textbook_units", str(file))
    assert Unit.objects.count() == 1
