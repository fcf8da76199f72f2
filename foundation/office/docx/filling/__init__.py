"""Somebody's own form: a Word document with placeholders, checked when it comes and filled with values.

    check(content, names)        -> what it asks for, and what is wrong with it, each with its place
    fill(content, values, look=…, pictures=…) -> the document

A form is hostile input. It may say `{{name}}`, `{% if %}` and `{% for … in … %}` and nothing else; it is filled in a
process of its own with limits on time, memory and output; what reaches out of the file is refused when it comes.
"""

from foundation.office.docx.filling.names import Names as Names
from foundation.office.docx.filling.names import Values as Values
from foundation.office.docx.filling.process import Unfillable as Unfillable
from foundation.office.docx.filling.reading import Checked as Checked
from foundation.office.docx.filling.reading import Placeholder as Placeholder
from foundation.office.docx.filling.reading import Problem as Problem
from foundation.office.docx.filling.reading import check as check
from foundation.office.docx.filling.result import fill as fill
