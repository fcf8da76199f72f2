"""Between a lesson plan's shared document (Yjs XML) and plain data. Pure: no Django, no I/O.

The plain form is ProseMirror's JSON. pycrdt counts text in UTF-8 bytes and reads every number as a
float; neither shows outside this package.
"""

from lessons.document.plain import Node as Node
from lessons.document.plain import attribute as attribute
from lessons.document.plain import normal as normal
from lessons.document.plain import plain_text as plain_text
from lessons.document.plain import walk as walk
from lessons.document.reading import open_state as open_state
from lessons.document.reading import read as read
from lessons.document.reading import read_state as read_state
from lessons.document.reconciling import reconcile as reconcile
from lessons.document.reconciling import text_changes as text_changes
from lessons.document.writing import seed as seed
