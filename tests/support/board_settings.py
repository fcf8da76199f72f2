"""The platform's settings and a kind of topic to test with."""

from prep_platform.settings import *  # noqa: F403
from prep_platform.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.support.boards"]
