"""The process that fills a form: started by `process`, it knows nothing but what comes over its standard input."""

import io
import json
import resource
import sys

from docxtpl import DocxTemplate
from jinja2 import TemplateError

from foundation.office.docx.filling.grammar import TooLong, environment
from foundation.office.docx.filling.limits import CPU_SECONDS, MEMORY, TOO_LONG, WRONG_FORM


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    size = int.from_bytes(sys.stdin.buffer.read(8), "big")
    values = json.loads(sys.stdin.buffer.read(size))
    form = DocxTemplate(io.BytesIO(sys.stdin.buffer.read()))
    try:
        form.render(values, environment(), autoescape=True)
    except TooLong:
        return TOO_LONG
    except TemplateError:
        return WRONG_FORM
    filled = io.BytesIO()
    form.save(filled)
    sys.stdout.buffer.write(filled.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
