"""Rosters for tests and benchmarks: rows as dicts by the keys of the columns, written as a real xlsx."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from foundation.office import tables
from teaching_centres.roster.sheets import PEOPLE, SCHOOLS, SHEETS

Values = dict[str, Any]
SCHOOL: Values = {"kind": "小学", "urban_class": "镇区"}
PERSON: Values = {"role": "教师", "subject": "语文", "starts": date(2024, 9, 1)}


def school(name: str, **values: Any) -> Values:
    return {**SCHOOL, "name": name, **values}


def person(number: int, unit: str, **values: Any) -> Values:
    return {**PERSON, "username": phone(number), "name": name_of(number), "unit": unit, **values}


def phone(number: int) -> str:
    return f"139{number:08d}"


def name_of(number: int) -> str:
    """Invented, and another one for every number."""
    given = "明丽华强静敏军洋勇艳"
    digits = f"{number:04d}"
    return "王李张刘陈杨赵黄周吴"[int(digits[0]) % 10] + "".join(given[int(digit)] for digit in digits[1:])


def roster(schools: Iterable[Values] = (), people: Iterable[Values] = ()) -> bytes:
    return tables.write(SHEETS, {SCHOOLS.key: list(schools), PEOPLE.key: list(people)})


def county_roster(schools: int, people: int, county: str = "") -> tuple[list[Values], list[Values]]:
    """Town and village schools with teaching points; most people teach, some lead, one administers each school."""
    names = [f"第{number}实验小学" for number in range(1, schools + 1)]
    rows = [
        school(
            name, urban_class="乡村" if index % 3 else "镇区", is_rural_central="是" if index % 3 else "否"
        )
        for index, name in enumerate(names)
    ]
    if county:
        rows = [{**row, "county": county} for row in rows]
    roles = ["管理员", "备课组长", *["教师"] * 8]
    staff = [
        person(
            number,
            names[number % schools],
            role=roles[(number // schools) % len(roles)],
            subject="" if number // schools == 0 else "语文数学英语科学"[(number % 4) * 2 :][:2],
        )
        for number in range(people)
    ]
    return rows, staff
