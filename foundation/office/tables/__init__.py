"""Tables that people keep in spreadsheets (xlsx): read by typed columns, reported by cell, written as forms.

Pure: neither Django nor a database. An importer declares its sheets, reads a file and gets rows and what is
wrong with them; what the rows mean is the importer's own matter.

    SCHOOLS = Sheet("schools", "学校", (Text("name", "学校名称", required=True), Day("opened", "建校")))
    tables = read(content, [SCHOOLS])
    tables.rows["schools"][0].values["name"], tables.troubles[0].cell

Everything said is a `Message`: Chinese source text with values, which the caller may translate.
"""

from foundation.office.message import Message as Message
from foundation.office.message import Refused as Refused
from foundation.office.message import Trouble as Trouble
from foundation.office.message import Wrong as Wrong
from foundation.office.tables.columns import NO_VALUE as NO_VALUE
from foundation.office.tables.columns import Choice as Choice
from foundation.office.tables.columns import Column as Column
from foundation.office.tables.columns import Day as Day
from foundation.office.tables.columns import Phone as Phone
from foundation.office.tables.columns import Text as Text
from foundation.office.tables.columns import Whole as Whole
from foundation.office.tables.columns import same as same
from foundation.office.tables.columns import tidy as tidy
from foundation.office.tables.columns import visible as visible
from foundation.office.tables.form import write as write
from foundation.office.tables.form import write_list as write_list
from foundation.office.tables.package import MAX_BYTES as MAX_BYTES
from foundation.office.tables.package import check as check
from foundation.office.tables.package import refuse_size as refuse_size
from foundation.office.tables.reading import MAX_ROWS as MAX_ROWS
from foundation.office.tables.reading import Row as Row
from foundation.office.tables.reading import Sheet as Sheet
from foundation.office.tables.reading import Tables as Tables
from foundation.office.tables.reading import opened as opened
from foundation.office.tables.reading import read as read
from foundation.office.tables.reading import read_cells as read_cells
