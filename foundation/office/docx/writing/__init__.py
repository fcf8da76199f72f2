"""Plain nodes (ProseMirror's JSON) as a Word document. Pure: it knows no lesson and asks nobody for anything.

    write(nodes, look=Look(…), pictures=bytes_of) -> bytes
    Writer(document, …).blocks(nodes)             -> XML for a place inside another document

Blocks are paragraphs, tables and pictures; whatever else has `content` is written as what stands in it.
Nothing that has words is left out: what Word cannot hold (a table of a hundred columns, tables nested twelve deep)
is flattened.
"""

from foundation.office.docx.writing.body import Writer as Writer
from foundation.office.docx.writing.look import Look as Look
from foundation.office.docx.writing.look import Page as Page
from foundation.office.docx.writing.look import TableLook as TableLook
from foundation.office.docx.writing.shell import add_missing_styles as add_missing_styles
from foundation.office.docx.writing.shell import blank as blank
from foundation.office.docx.writing.shell import write as write
