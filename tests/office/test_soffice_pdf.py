"""The real LibreOffice, where it is installed: a form becomes a PDF with its head row on every page."""

import shutil
import subprocess
from pathlib import Path

import pytest

from foundation.office import soffice
from foundation.office.docx.writing import Look, TableLook, write
from tests.office.test_docx_writing import row, table

pytestmark = pytest.mark.skipif(not soffice.is_installed(), reason="LibreOffice is not installed")


def test_a_long_table_has_its_head_on_every_page_and_every_row_whole(tmp_path: Path) -> None:
    rows = [row(f"第{number}环节", "活动" * 40) for number in range(60)]
    look = Look(tables={"process": TableLook(shares=(1, 3, 1), blank_column="复备栏")}, foot="青山小学")
    content = write([table(row("环节", "教师活动", head=True), *rows, kind="process")], look=look)
    pdf = soffice.convert(content, suffix=".docx", to="pdf")
    assert pdf.startswith(b"%PDF")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (tmp_path / "a.pdf").write_bytes(pdf)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True
    )
    pages = [page for page in text.stdout.split("\f") if page.strip()]
    assert len(pages) > 2
    assert all("教师活动" in page and "复备栏" in page for page in pages)
    assert all(
        f"第 {number} 页，共 {len(pages)} 页" in page.replace("  ", " ")
        for number, page in enumerate(pages, start=1)
    )


def test_a_conversion_that_takes_too_long_is_ended() -> None:
    with pytest.raises(soffice.NotConverted):
        soffice.convert(write([], look=Look()), suffix=".docx", to="pdf", seconds=0.01)
