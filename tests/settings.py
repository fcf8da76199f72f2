"""The platform's settings, in a throw-away data folder and quick to test with."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# The controller of a parallel run makes the folder; its workers find it in the environment.
if "TEST_DATA_DIR" not in os.environ:
    os.environ["TEST_DATA_DIR"] = tempfile.mkdtemp(prefix="prep-tests-")
    atexit.register(shutil.rmtree, os.environ["TEST_DATA_DIR"], ignore_errors=True)
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_folder = Path(os.environ["TEST_DATA_DIR"]) / WORKER
(_folder / "static").mkdir(parents=True, exist_ok=True)
os.environ["DATA_DIR"] = str(_folder)
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("LOG_LEVEL", "WARNING")
if os.environ.get("REDIS_URL") and WORKER.startswith("gw"):
    # each worker has a Redis database of its own
    os.environ["REDIS_URL"] += f"?db={int(WORKER[2:]) + 1}"

from prep_platform.settings import *  # noqa: E402, F403
from prep_platform.settings import BASE_DIR, DATABASES, HUEY, STORAGES  # noqa: E402

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
HUEY = {**HUEY, "immediate": True}

# Served straight from frontend/dist: nothing has to be collected first.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STATICFILES_DIRS = [path for path in [BASE_DIR / "frontend" / "dist"] if path.is_dir()]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, because the live server's threads have connections of their own; a crash may lose it.
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    )
