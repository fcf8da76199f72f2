"""What Python and TypeScript share is generated, and the generated file is up to date."""

from django.core.management import call_command

from lessons import contracts
from realtime.protocol import CloseCode


def test_the_generated_file_is_up_to_date() -> None:
    call_command("write_contracts", check=True)


def test_every_close_code_and_node_is_in_it() -> None:
    text = contracts.typescript()
    assert all(f'"{code.name}": {code.value}' in text for code in CloseCode)
    assert '"headerField": [' in text
    assert "SCHEMA_VERSION = 2 as const" in text
