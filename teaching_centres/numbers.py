"""Numbers of rows as an address or a form gives them."""


def id_in(text: str) -> int | None:
    """None where it cannot be the number of a row: the database takes no more digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
