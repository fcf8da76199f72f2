"""The school year: terms, days off and moved days, the periods of a day, and who teaches what when.

A term, a day off or the times of the periods are set for a region or a school and hold for everything
below it; the nearest unit that says something wins.
"""
