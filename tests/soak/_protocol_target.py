"""The program that `protocol` starts: libFuzzer around `protocol_rules.check`. Run by its path, without Django."""

import sys

import atheris

with atheris.instrument_imports(include=["realtime"]):
    from tests.realtime.protocol_rules import check


def one_input(data: bytes) -> None:
    check(data)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
