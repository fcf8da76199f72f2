"""Words and numbers of the timetable that need no table. Pure."""

LAST_PERIOD = 12
NUMERALS = "一二三四五六七八九"
