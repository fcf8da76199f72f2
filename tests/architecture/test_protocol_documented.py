"""Every reason for closing a connection is in the protocol's documentation."""

from pathlib import Path

from realtime.protocol import CloseCode

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_every_close_code_is_documented() -> None:
    text = PAGE.read_text()
    assert [code.name for code in CloseCode if f"| {code.value} | {code.name} |" not in text] == []
