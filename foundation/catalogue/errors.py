"""Why a list of units was not imported."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LineError:
    line: int
    message: str
    cell: str = ""


class ImportRefused(Exception):
    """Nothing was imported. `errors` says in which lines what is wrong."""

    def __init__(self, errors: list[LineError]) -> None:
        super().__init__(f"{len(errors)} lines")
        self.errors = errors
