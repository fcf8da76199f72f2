"""Timetables in spreadsheets: what is read, what is not, and at which cell."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from foundation.office.tables import Refused
from teaching_centres.calendar.sheet import Line, contents, read, write_school, write_teacher

SUBJECTS = ["语文", "数学", "道德与法治", "科学", "体育"]


def book(rows: list[list[Any]], merge: tuple[str, ...] = ()) -> bytes:
    workbook = Workbook()
    page = workbook.active
    assert page is not None
    for row in rows:
        page.append(row)
    for each in merge:
        page.merge_cells(each)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("语文 三（2）班", [("语文", "三（2）班", "every")]),
        ("语文\n三（2）班", [("语文", "三（2）班", "every")]),
        ("三（2）班 语文", [("语文", "三（2）班", "every")]),
        ("语文三（2）班", [("语文", "三（2）班", "every")]),
        ("三（2）班语文", [("语文", "三（2）班", "every")]),
        ("道德与法治 302", [("道德与法治", "302", "every")]),
        ("书法三1班", [("书法", "三1班", "every")]),
        ("班会", [("班会", "", "every")]),
        ("单：科学 三1班；双：劳动 三1班", [("科学", "三1班", "odd"), ("劳动", "三1班", "even")]),
        ("单周科学 三1班\n双周劳动 三1班", [("科学", "三1班", "odd"), ("劳动", "三1班", "even")]),
        ("体育（单）三1班", [("体育", "三1班", "odd")]),
        ("三（2）班", None),
        ("单：科学 三1班；单：劳动 三1班", None),
        ("语" * 17 + " 三1班", None),
    ],
)
def test_what_a_cell_says(text: str, said: object) -> None:
    assert contents(text, SUBJECTS) == said


def test_the_grid_of_one_teacher_with_a_title_and_a_noon_break() -> None:
    found = read(
        book(
            [
                ["李老师课表"],
                ["", "节次", "星期一", "星期二"],
                ["上午", "第1节", "语文 三（2）班", None],
                [None, 2.0, None, "数学 三（2）班"],
                ["午休", "午休", "午休", "午休"],
                ["下午", "三", "—", "体育三（2）班"],
            ],
            merge=("A3:A4",),
        ),
        SUBJECTS,
    )
    assert found.troubles == []
    assert not found.of_school
    assert {slot: said for slot, (_cell, said) in found.lines[0].cells.items()} == {
        (1, 1): [("语文", "三（2）班", "every")],
        (2, 2): [("数学", "三（2）班", "every")],
        (2, 3): [("体育", "三（2）班", "every")],
    }


def test_the_overview_of_a_school_tells_its_mistakes_at_their_cells() -> None:
    found = read(
        book(
            [
                ["姓名", "周一", None, "周二", None],
                [None, 1, 2, 1, "早读"],
                ["李永梅", "语文 三1班", "三1班", None, None],
                ["李永梅", "数学 三1班", None, None, None],
                [None, None, None, "科学 三1班", None],
            ],
            merge=("A1:A2", "B1:C1", "D1:E1"),
        ),
        SUBJECTS,
    )
    assert [(trouble.cell, str(trouble.message)[:8]) for trouble in found.troubles] == [
        ("E2", "这一列没写第几节"),
        ("C3", "看不懂“三1班”"),
        ("A4", "“李永梅”在表里"),
        ("A5", "这一行没写姓名。"),
    ]
    assert [(line.name, list(line.cells)) for line in found.lines] == [("李永梅", [(1, 1)])]


def test_one_row_of_heads_is_enough() -> None:
    found = read(
        book([["教师", "周一1", "周一2", "周二1"], ["李永梅", "语文", None, "数学 三1班"]]), SUBJECTS
    )
    assert found.troubles == []
    assert list(found.lines[0].cells) == [(1, 1), (2, 1)]


def test_what_is_written_is_read_again() -> None:
    cells = {
        (1, 1): [("语文", "三（2）班", "every")],
        (5, 7): [("科学", "四1班", "odd"), ("=1+1", "", "even")],
    }
    teacher = read(write_teacher("李永梅", cells, periods=7), SUBJECTS)
    lines = [Line("李永梅", "li", "", {slot: ("", said) for slot, said in cells.items()})]
    school = read(write_school("青山小学", lines, periods=7), SUBJECTS)
    assert teacher.troubles == school.troubles == []
    for found in (teacher.lines[0], school.lines[0]):
        assert {slot: said for slot, (_cell, said) in found.cells.items()} == cells
    assert (school.lines[0].name, school.lines[0].username) == ("李永梅", "li")


@pytest.mark.parametrize(
    ("content", "reason"), [(book([["姓名", "学科"]]), "没找到课表"), (b"PK nothing", "xlsx|打不开|表格")]
)
def test_what_is_no_timetable_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read(content, SUBJECTS)


def changed_part(content: bytes, change: Callable[[str], str]) -> bytes:
    """The same workbook with another text in the part of its first sheet."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text.decode()) if name == "xl/worksheets/sheet1.xml" else text)
    return stream.getvalue()


GRID = [["", "周一", "周二"], ["第1节", "语文 三1班", None]]


def test_a_small_file_that_would_unpack_into_millions_of_cells_costs_little() -> None:
    merged = '</sheetData><mergeCells count="1"><mergeCell ref="$E$1:$CZ$9000"/></mergeCells>'
    content = changed_part(book(GRID), lambda text: text.replace("</sheetData>", merged))
    tracemalloc.start()
    found = read(content, SUBJECTS)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.lines[0].cells == {(1, 1): ("B2", [("语文", "三1班", "every")])}
    assert most < 20 * 1024**2


def test_a_broken_sheet_is_refused() -> None:
    broken = changed_part(book(GRID), lambda text: text[: text.index("</row>")])
    with pytest.raises(Refused, match="读不了"):
        read(broken, SUBJECTS)


def test_what_begins_with_an_equals_sign_is_no_formula_and_control_characters_stay_out() -> None:
    cells = {(1, 1): ("", [("=1+1\x08", "三1班", "every")])}
    for content in (
        write_school("=1+1", [Line("=1+1\x01", "=1+1", "", cells)], 6),
        write_teacher("=1+1\x0b", {(1, 1): [("=1+1\x08", "三1班", "every")]}, 6),
    ):
        page = load_workbook(io.BytesIO(content)).active
        assert page is not None
        cells_of_page = [cell for row in page.iter_rows() for cell in row]
        assert "f" not in {cell.data_type for cell in cells_of_page}
        assert page["A1"].value == "=1+1"
