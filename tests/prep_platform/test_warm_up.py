"""The first person after a start does not wait for what could be done before."""

import subprocess
import sys

from django.template import Engine

from prep_platform.serve.service import warm_up


def test_the_templates_are_compiled_at_the_start() -> None:
    [loader] = Engine.get_default().template_loaders
    loader.reset()
    warm_up()
    assert {"lessons/editor.html", "partials/sprite.html"} <= set(loader.get_template_cache)


FIRST_DOCUMENT = """
import asyncio, sys
import django
django.setup()
from prep_platform.serve.service import warm_up

async def new_modules():
    from pycrdt import Doc
    before = set(sys.modules)
    Doc()
    return set(sys.modules) - before

warm_up()
print(sorted(asyncio.run(new_modules())))
"""


def test_the_first_document_reads_no_more_modules() -> None:
    ran = subprocess.run([sys.executable, "-c", FIRST_DOCUMENT], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
