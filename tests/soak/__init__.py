"""Hours-long tests, each a program (`script/soak NAME`), with the settings of the tests."""

import os

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
if not apps.ready:
    django.setup()
