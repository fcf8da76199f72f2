"""Tables as people really keep them: every trap is read right, or said at its cell with what to do."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from foundation.office import tables
from foundation.office.tables import Choice, Day, Phone, Refused, Sheet, Text, Whole, read, write
from foundation.office.tables import package as package_limits
from foundation.office.tables import reading as reading_limits

PEOPLE = Sheet(
    "people",
    "人员",
    (
        Phone("phone", "手机号或工号", also=("手机号", "工号"), required=True, or_number=True),
        Text("name", "姓名", required=True, longest=8),
        Choice("role", "角色", options={"教师": "teacher", "老师": "teacher", "组长": "leader"}, needed=True),
        Whole("periods", "周课时", smallest=0, largest=30),
        Day("starts", "起", also=("任职起",)),
        Day("ends", "止", month_end=True),
    ),
)
SCHOOLS = Sheet("schools", "学校", (Text("name", "学校名称", required=True),))
HEADS = ["手机号或工号", "姓名", "角色", "周课时", "起", "止"]


def workbook_of(*rows: list[Any], title: str = "人员", change: Callable[[Any], None] | None = None) -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change:
        change(sheet)
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def said(found: tables.Tables) -> list[tuple[str, str, str]]:
    return [(trouble.sheet, trouble.cell, str(trouble.message)) for trouble in found.troubles]


def one(*cells: Any, heads: list[str] = HEADS) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The values of a single row, and what is wrong with its cells."""
    found = read(workbook_of(heads, list(cells)), [PEOPLE])
    rows = found.rows["people"]
    assert len(rows) == 1
    return dict(rows[0].values), [(cell, text) for _sheet, cell, text in said(found)]


# ---- values -------------------------------------------------------------------------------------------
def test_a_full_row_is_read_by_its_types() -> None:
    values, troubles = one("13800000001", "张三", "老师", 12, date(2024, 9, 1), "2025-7-15")
    assert troubles == []
    assert values == {
        "phone": "13800000001",
        "name": "张三",
        "role": "teacher",
        "periods": 12,
        "starts": date(2024, 9, 1),
        "ends": date(2025, 7, 15),
    }


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("138-0000-0001", "13800000001"),
        ("+86 138 0000 0001", "13800000001"),
        ("008613800000001", "13800000001"),
        ("１３８００００００００１".replace("００００００００", "0000000"), "13800000001"),
        (13800000001, "13800000001"),
        (13800000001.0, "13800000001"),
        ("\u3000138 0000 0001\n", "13800000001"),
        ("G-1024", "G-1024"),
        (1024, "1024"),
        ("ｔ０１", "t01"),
    ],
)
def test_a_phone_in_any_writing_is_the_same_phone(written: Any, phone: str) -> None:
    values, troubles = one(written, "张三", "教师")
    assert troubles == []
    assert values["phone"] == phone


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("1380000000", "有 10 位"),
        ("138000000012", "有 12 位"),
        ("220322199001011234", "身份证"),
        ("张三的手机", "不能用"),
        ("13800000001/13900000002", "不能用"),
    ],
)
def test_a_wrong_phone_is_said_at_its_cell(written: str, part: str) -> None:
    values, troubles = one(written, "张三", "教师")
    assert [cell for cell, _text in troubles] == ["A2"]
    assert part in troubles[0][1]
    assert values["phone"] is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (date(2024, 9, 1), date(2024, 9, 1)),
        (datetime.fromisoformat("2024-09-01T08:30"), date(2024, 9, 1)),
        ("2024-9-1", date(2024, 9, 1)),
        ("2024/09/01", date(2024, 9, 1)),
        ("2024.9.1", date(2024, 9, 1)),
        ("2024年9月1日", date(2024, 9, 1)),
        ("２０２４年９月", date(2024, 9, 1)),
        ("2024-09", date(2024, 9, 1)),
        ("20240901", date(2024, 9, 1)),
        (20240901, date(2024, 9, 1)),
        (45536, date(2024, 9, 1)),
        ("2024-09-01 00:00:00", date(2024, 9, 1)),
        ("至今", None),
        ("", None),
    ],
)
def test_days_are_understood(written: Any, day: date | None) -> None:
    values, troubles = one("1", "张三", "教师", None, written)
    assert troubles == []
    assert values["starts"] == day


def test_a_month_in_a_column_of_last_days_is_its_last_day() -> None:
    values, _troubles = one("1", "张三", "教师", None, None, "2024年2月")
    assert values["ends"] == date(2024, 2, 29)


@pytest.mark.parametrize("written", ["2024-2-30", "2024-13-1", "九月", "24-9-1", 2024.1, "1024-9-1", 7])
def test_what_is_no_day_is_said(written: Any) -> None:
    values, troubles = one("1", "张三", "教师", None, written)
    assert [cell for cell, _text in troubles] == ["E2"]
    assert values["starts"] is None


def test_a_number_stored_as_text_or_full_width_is_a_number() -> None:
    assert one("1", "张三", "教师", "１２")[0]["periods"] == 12
    assert one("1", "张三", "教师", 12.0)[0]["periods"] == 12
    assert one("1", "张三", "教师", "很多")[1] == [("D2", "周课时“很多”应是 0 到 30 的整数。")]
    assert one("1", "张三", "教师", 31)[1] == [("D2", "周课时“31”应是 0 到 30 的整数。")]


def test_names_lose_the_spaces_that_pad_them_and_nothing_else() -> None:
    assert one("1", " 张　三\u200b", "教师")[0]["name"] == "张三"
    assert one("1", "Li Lei", "教师")[0]["name"] == "Li Lei"
    assert one("1", "买买提·艾力", "教师")[0]["name"] == "买买提·艾力"
    assert one("1", "一二三四五六七八九", "教师")[1] == [("B2", "姓名最多 8 个字，这里有 9 个。")]


def test_an_unknown_choice_names_the_known_ones() -> None:
    assert one("1", "张三", "校工")[1] == [("C2", "角色“校工”不认得，可以填：教师、组长。")]


def test_every_wrong_cell_of_a_row_is_said_at_once() -> None:
    values, troubles = one(None, "张三", "校工", 99, "九月")
    assert [cell for cell, _text in troubles] == ["A2", "C2", "D2", "E2"]
    assert troubles[0] == ("A2", "手机号或工号没有填。")
    assert values["name"] == "张三"


# ---- sheets and heads ---------------------------------------------------------------------------------
def test_heads_may_stand_lower_in_another_order_and_with_marks() -> None:
    found = read(
        workbook_of(
            ["梨树县教师名册"],
            [],
            ["角色（必填）", "*姓名", "手机号：", "备注"],
            ["教师", "张三", "13800000001", "x"],
            [None, "  ", None],
            ["组长", "李四", "13800000002", None],
        ),
        [PEOPLE],
    )
    assert said(found) == []
    rows = found.rows["people"]
    assert [(row.number, row.values["name"], row.cell("name")) for row in rows] == [
        (4, "张三", "B4"),
        (6, "李四", "B6"),
    ]
    assert [(note.cell, str(note.message)) for note in found.notes] == [
        ("D3", "不认得“备注”这一列，没有读它。")
    ]


def test_missing_and_doubled_heads_are_said() -> None:
    found = read(workbook_of(["手机号", "周课时", "工号"], ["1", 2, "3"]), [PEOPLE])
    assert said(found) == [
        ("人员", "A1", "表头缺这几列：姓名、角色。"),
        ("人员", "C1", "“工号”有两列。请只留一列。"),
    ]
    assert found.rows["people"] == []


def test_a_sheet_without_heads_is_said() -> None:
    found = read(workbook_of(["张三", "教师"], ["李四", "教师"]), [PEOPLE])
    assert said(found) == [("人员", "A1", "没有找到表头。要有一行写着：手机号或工号、姓名、角色。")]


def test_a_sheet_under_another_name_is_known_by_its_heads() -> None:
    found = read(workbook_of(HEADS, ["1", "张三", "教师"], title="2024年秋"), [PEOPLE, SCHOOLS])
    assert found.rows["people"][0].sheet == "2024年秋"
    assert found.rows["schools"] == []


def test_a_file_without_any_wanted_sheet_is_refused() -> None:
    with pytest.raises(Refused, match="没有找到工作表“人员”“学校”"):
        read(workbook_of(["a", "b"], title="Sheet1"), [PEOPLE, SCHOOLS])


def test_a_hidden_sheet_is_not_read_and_that_is_said() -> None:
    def hide(sheet: Any) -> None:
        sheet.parent.create_sheet("学校").append(["学校名称"])
        sheet.sheet_state = "hidden"

    found = read(workbook_of(HEADS, ["1", "张三", "教师"], change=hide), [PEOPLE, SCHOOLS])
    assert found.rows["people"] == []
    assert said(found) == [("人员", "A1", "工作表“人员”是隐藏的，没有读。要导入它，请取消隐藏再传。")]


# ---- merged cells, formulas ---------------------------------------------------------------------------
def test_merged_cells_hold_the_value_that_people_see_in_them() -> None:
    rows = [HEADS, ["1", "张三", "教师"], ["2", "李四", None], ["3", "王五", None], ["4", "赵六", "组长"]]
    found = read(workbook_of(*rows, change=lambda sheet: sheet.merge_cells("C2:C4")), [PEOPLE])
    assert [row.values["role"] for row in found.rows["people"]] == ["teacher", "teacher", "teacher", "leader"]


def test_a_merged_title_over_the_heads_does_no_harm() -> None:
    found = read(
        workbook_of(["名册"], HEADS, ["1", "张三", "教师"], change=lambda sheet: sheet.merge_cells("A1:F1")),
        [PEOPLE],
    )
    assert said(found) == []
    assert [row.number for row in found.rows["people"]] == [3]


def test_too_many_merged_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_limits, "MAX_MERGED_CELLS", 3)
    content = workbook_of(HEADS, ["1"], change=lambda sheet: sheet.merge_cells("A3:C9"))
    with pytest.raises(Refused, match="合并单元格太多"):
        read(content, [PEOPLE])


def test_a_formula_without_its_value_is_said() -> None:
    found = read(workbook_of(HEADS, ["1", "=A2&B2", "教师", "=1+1"]), [PEOPLE])
    assert [(cell, text[:17]) for _sheet, cell, text in said(found)] == [
        ("B2", "这个格是公式，文件里没有算好的值。"),
        ("D2", "这个格是公式，文件里没有算好的值。"),
    ]


def test_a_formula_with_its_value_is_that_value() -> None:
    content = with_cell(
        workbook_of(HEADS, ["1", "x", "教师", 5]),
        r'<c r="D2"[^>]*><v>5</v></c>',
        '<c r="D2"><f>2+3</f><v>5</v></c>',
    )
    found = read(content, [PEOPLE])
    assert said(found) == []
    assert found.rows["people"][0].values["periods"] == 5


def test_a_formula_whose_result_is_empty_text_is_an_empty_cell() -> None:
    content = with_cell(
        workbook_of(HEADS, ["1", "x", "教师", 5]),
        r'<c r="D2"[^>]*><v>5</v></c>',
        '<c r="D2" t="str"><f>IF(1,"")</f><v></v></c>',
    )
    found = read(content, [PEOPLE])
    assert said(found) == []
    assert found.rows["people"][0].values["periods"] is None


def test_a_formula_that_failed_is_said() -> None:
    assert one("1", "#N/A", "教师")[1] == [("B2", "这个格的公式出错了（#N/A）。请改好，或直接填上。")]


# ---- files that are none ------------------------------------------------------------------------------
def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def with_cell(content: bytes, pattern: str, cell: str) -> bytes:
    parts = parts_of(content)
    name = "xl/worksheets/sheet1.xml"
    text, count = re.subn(pattern, cell, parts[name].decode())
    assert count == 1
    return packed({**parts, name: text.encode()})


GOOD = workbook_of(HEADS, ["1", "张三", "教师"])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WRONG_FILES = {
    "empty": (b"", "空的"),
    "text": ("姓名,角色\n张三,教师".encode(), "文本文件"),
    "text-gbk": ("姓名,角色\n张三,教师".encode("gb18030"), "文本文件"),
    "pdf": (b"%PDF-1.7 ...", "不是表格文件"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "不是表格文件"),
    "old-xls": (OLE + b"\x00" * 600, "旧式的 .xls"),
    "password": (OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "加了密码"),
    "cut-off": (GOOD[: len(GOOD) // 2], "打不开"),
    "other-zip": (packed({"a.txt": b"x"}), "不是表格文件"),
    "word": (packed({"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), "Word 文件"),
    "ods": (packed({"content.xml": b"<x/>", "mimetype": b"x"}), "这种表格格式读不了"),
    "macros": (packed({**parts_of(GOOD), "xl/vbaProject.bin": b"x"}), "有宏"),
    "no-workbook-inside": (packed({**parts_of(GOOD), "xl/workbook.xml": b"<workbook"}), "打不开"),
    "broken-sheet": (packed({**parts_of(GOOD), "xl/worksheets/sheet1.xml": b"<worksheet><row"}), "读不了"),
    "entities": (
        packed(
            {
                **parts_of(GOOD),
                "xl/worksheets/sheet1.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>',
            }
        ),
        "打不开",
    ),
    "bomb": (packed({**parts_of(GOOD), "xl/media/x.xml": b"0" * (package_limits.MAX_PART + 1)}), "太大"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_file_that_is_no_table_is_refused_with_what_to_do(name: str) -> None:
    content, part = WRONG_FILES[name]
    with pytest.raises(Refused) as refusal:
        read(content, [PEOPLE])
    assert part in str(refusal.value)


def test_a_sheet_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = packed({**parts_of(GOOD), "xl/worksheets/sheet2.xml": b" " * 3_000_000})
    monkeypatch.setattr(package_limits, "MAX_UNPACKED", 2_000_000)
    with pytest.raises(Refused, match="太大"):
        read(content, [PEOPLE])


def test_a_file_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_limits, "MAX_BYTES", 100)
    with pytest.raises(Refused, match="最大"):
        read(GOOD, [PEOPLE])


def test_a_cell_far_away_costs_nothing() -> None:
    def far(sheet: Any) -> None:
        sheet["XFD60000"] = "x"

    found = read(workbook_of(HEADS, ["1", "张三", "教师"], change=far), [PEOPLE])
    assert len(found.rows["people"]) == 1


def test_more_rows_than_a_sheet_may_have_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_limits, "MAX_ROWS", 2)
    found = read(workbook_of(HEADS, *[[str(n), "张三", "教师"] for n in range(1, 5)]), [PEOPLE])
    assert said(found) == [("人员", "A4", "一张表最多 2 行。请分成几个文件。")]


def test_progress_is_told() -> None:
    told: list[int] = []
    content = workbook_of(HEADS, *[[str(n), "张三", "教师"] for n in range(1, 1201)])
    read(content, [PEOPLE], progress=told.append)
    assert told == [500, 1000]


# ---- the form -----------------------------------------------------------------------------------------
def test_the_form_explains_every_column_and_offers_its_choices() -> None:
    workbook = load_workbook(io.BytesIO(write([PEOPLE, SCHOOLS], about=["先填学校，再填人员。"])))
    assert workbook.sheetnames == ["填写说明", "人员", "学校"]
    explained = [[cell.value for cell in row] for row in workbook["填写说明"].iter_rows()]
    assert explained[0][0] == "先填学校，再填人员。"
    assert [row[1] for row in explained[3:]] == [
        column.title for column in (*PEOPLE.columns, *SCHOOLS.columns)
    ]
    assert [cell.value for cell in workbook["人员"][1]] == HEADS
    (rule,) = workbook["人员"].data_validations.dataValidation
    assert rule.formula1 == '"教师,组长"'
    assert str(rule.sqref).startswith("C2:C")


def test_an_empty_form_is_read_as_no_rows() -> None:
    found = read(write([PEOPLE, SCHOOLS]), [PEOPLE, SCHOOLS])
    assert said(found) == []
    assert found.rows == {"people": [], "schools": []}


def test_what_is_written_is_read_back_the_same() -> None:
    row = {
        "phone": "13800000001",
        "name": "=1+1",
        "role": "教师",
        "periods": 3,
        "starts": date(2024, 9, 1),
        "ends": None,
    }
    found = read(write([PEOPLE], {"people": [row]}), [PEOPLE])
    assert said(found) == []
    assert dict(found.rows["people"][0].values) == {**row, "role": "teacher"}


def test_what_cannot_stand_in_a_workbook_is_left_out_of_it() -> None:
    content = write([SCHOOLS], {"schools": [{"name": "一\x08\x0b小\ud800\uffff"}]}, about=["\x01说明"])
    page = load_workbook(io.BytesIO(content))["学校"]
    assert page["A2"].value == "一小"
