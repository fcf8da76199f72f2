from datetime import date


class DayConverter:
    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)  # ValueError: no such address

    def to_url(self, value: date) -> str:
        return value.isoformat()
