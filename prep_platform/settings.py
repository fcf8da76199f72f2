"""Settings: everything that differs between one machine and a province comes from the environment.

Each variable is described in docs/operators.md; a test keeps that list complete.
"""

import os
from pathlib import Path
from typing import Any

import dj_database_url
import dj_email_url

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_flag(name: str, default: bool = False) -> bool:
    return env(name, str(default)).lower() in {"1", "true", "yes", "on"}


DATA_DIR = Path(env("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DEBUG = env_flag("DEBUG")
SECRET_KEY = env("SECRET_KEY") or (DATA_DIR / "secret_key").read_text().strip()
SECRET_KEY_FALLBACKS = [key for key in env("SECRET_KEY_FALLBACKS").split(",") if key]
ALLOWED_HOSTS = env("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in env("CSRF_TRUSTED_ORIGINS").split(",") if origin]

# Who may read /metrics: whoever sends this as a bearer token. Without it nobody may.
METRICS_TOKEN = env("METRICS_TOKEN")

INSTALLED_APPS = [
    "daphne",
    "prep_platform.admin_site.PlatformAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "channels",
    "django_htmx",
    "huey.contrib.djhuey",
    "realtime",
    "foundation.accounts",
    "foundation.catalogue",
    "foundation.files",
    "foundation.ledger",
    "foundation.notices",
    "foundation.records",
    "teaching_centres",
    "lessons",
    "prep_platform",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "prep_platform.compression.CompressedPagesMiddleware",
    "prep_platform.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "prep_platform.middleware.ChosenLanguageMiddleware",
    "prep_platform.middleware.ApiErrorsMiddleware",
    "prep_platform.middleware.Utf8Middleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "foundation.accounts.middleware.SessionsMiddleware",
    "prep_platform.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "prep_platform.middleware.NoNullCharactersMiddleware",
    "prep_platform.middleware.RefusalsAuditedMiddleware",
    "prep_platform.middleware.DeniedMiddleware",
]

ROOT_URLCONF = "prep_platform.urls"
ASGI_APPLICATION = "prep_platform.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "prep_platform.context.page",
            ],
            "builtins": ["prep_platform.templatetags.components"],
        },
    }
]

# ---- database: SQLite by default, PostgreSQL by DATABASE_URL -----------------------------------
DATABASES = {"default": dj_database_url.parse(env("DATABASE_URL") or f"sqlite:///{DATA_DIR}/db.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL with full sync: what is acknowledged as saved survives a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- between processes: in-process by default, Redis by REDIS_URL ------------------------------
REDIS_URL = env("REDIS_URL")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    HUEY = {"huey_class": "huey.RedisHuey", "name": "prep", "url": REDIS_URL, "immediate": False}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    HUEY = {
        "huey_class": "huey.SqliteHuey",
        "name": "prep",
        "filename": str(DATA_DIR / "jobs.sqlite3"),
        "immediate": False,
    }

# ---- files: a local folder by default, any S3 server by S3_BUCKET ------------------------------
MEDIA_ROOT = DATA_DIR / "files"
# Bytes. A phone's photograph has 3-8 MB; more than 10 MB takes minutes on a village line.
IMAGE_MAX_BYTES = 10 * 1024**2
# Pixels, width x height. Three times a phone's photograph; a small file can unpack to gigabytes.
IMAGE_MAX_PIXELS = 40_000_000


def s3_storage(*, bucket: str, endpoint: str, key: str, secret: str, region: str) -> dict[str, Any]:
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "access_key": key,
            "secret_key": secret,
            "region_name": region,
            "signature_version": "s3v4",
            "addressing_style": "path",
            "querystring_expire": 600,
            "file_overwrite": True,
        },
    }


if env("S3_BUCKET"):
    _files_storage = s3_storage(
        bucket=env("S3_BUCKET"),
        endpoint=env("S3_ENDPOINT"),
        key=env("S3_KEY"),
        secret=env("S3_SECRET"),
        region=env("S3_REGION", "us-east-1"),
    )
else:
    _files_storage = {
        "BACKEND": "foundation.files.storage.WholeFileStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT)},
    }
STORAGES: dict[str, dict[str, Any]] = {
    "default": _files_storage,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [path for path in [BASE_DIR / "frontend" / "dist"] if path.is_dir()]
# Vite has already put a hash into these names: cache them for good.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9A-Za-z_-]{8,12}\..+$"

# ---- people and sessions -----------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "login"
# Seconds. "This is my own computer": a month, so that nobody types a password on a phone every day.
OWN_COMPUTER_SESSION_SECONDS = 30 * 24 * 3600
# Minutes. A shared computer that nobody touches for so long signs out by itself; a warning comes before.
# Longer than a lesson of 45 minutes, in which a classroom's computer only shows the plan.
SHARED_COMPUTER_IDLE_MINUTES = int(env("SHARED_COMPUTER_IDLE_MINUTES", "60"))
SHARED_COMPUTER_WARNING_SECONDS = 5 * 60
# Seconds. However busy, a session on a shared computer ends with the browser, and after a school day of 12 h.
SHARED_COMPUTER_LONGEST_SECONDS = 12 * 3600
SESSION_COOKIE_AGE = SHARED_COMPUTER_IDLE_MINUTES * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Seconds. So often a session in use is written: often enough for the end above, seldom enough to cost nothing.
SESSION_SEEN_EVERY_SECONDS = 4 * 60
# Tries that do not succeed, counted for SIGN_IN_WINDOW_SECONDS: five slips of one person at one place are
# human; thirty from many places are a guess; a school of 300 shares one address and must never be locked:
# beyond the last number those in unknown browsers take turns, one every SIGN_IN_SLOW_LANE_SECONDS.
SIGN_IN_WINDOW_SECONDS = 15 * 60
SIGN_IN_TRIES_PER_PERSON_AND_ADDRESS = 5
SIGN_IN_TRIES_PER_PERSON = 30
SIGN_IN_TRIES_PER_ADDRESS = 600
SIGN_IN_SLOW_LANE_SECONDS = 2
# How long one-time codes and links work. A slip lies in a drawer until someone has time; a reset is for now.
ACTIVATION_CODE_DAYS = int(env("ACTIVATION_CODE_DAYS", "30"))
RESET_CODE_HOURS = int(env("RESET_CODE_HOURS", "24"))
RESET_LINK_MINUTES = 60
# Who needs a second factor beside the password: "" (nobody), "administrators" or "everyone".
SECOND_FACTOR_REQUIRED = env("SECOND_FACTOR_REQUIRED")
# Seconds between the password and the second factor.
SECOND_FACTOR_WAIT_SECONDS = 15 * 60
# Single sign-on with one OpenID Connect provider; off without an issuer.
OIDC_ISSUER = env("OIDC_ISSUER")
OIDC_CLIENT_ID, OIDC_CLIENT_SECRET = env("OIDC_CLIENT_ID"), env("OIDC_CLIENT_SECRET")
OIDC_NAME = env("OIDC_NAME", "统一身份认证")
OIDC_MATCH_CLAIM = env("OIDC_MATCH_CLAIM")
OIDC_CREATE = env_flag("OIDC_CREATE")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {
                    "server_url": OIDC_ISSUER,
                    "scope": ["openid", "profile"],
                    "oauth_pkce_enabled": True,
                },
            }
        ]
    }
}
SOCIALACCOUNT_ADAPTER = "foundation.accounts.single_sign_on.SocialAccountAdapter"
ACCOUNT_ADAPTER = "foundation.accounts.single_sign_on.AccountAdapter"
# Days between someone's request to delete their account and the day it may be carried out.
DELETION_WAIT_DAYS = int(env("DELETION_WAIT_DAYS", "15"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env_flag("HTTPS_ONLY")
BEHIND_PROXY = env_flag("BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
# Length over composition: long enough, not among the common ones, not one's own name or number.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "foundation.accounts.password_rules.LongEnough"},
    {"NAME": "foundation.accounts.password_rules.NotCommon"},
    {"NAME": "foundation.accounts.password_rules.NotAboutThePerson"},
]

# ---- mail: written to the log by default, sent by EMAIL_URL ------------------------------------------
_mail = dj_email_url.parse(env("EMAIL_URL", "console:"))
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = 30
# Whether people are offered letters: not while these would only be written to the log.
MAIL_IS_SENT = bool(env("EMAIL_URL"))
# The address that letters lead to; jobs have no request to read it from.
SITE_URL = env("SITE_URL") or next(iter(CSRF_TRUSTED_ORIGINS), "http://127.0.0.1:8000")
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", "prep-platform@localhost")

# ---- language and time -------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "prep_platform.logs.Lines",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {
            "()": "prep_platform.logs.Json",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "json_ensure_ascii": False,
            "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json" if env_flag("LOG_JSON") else "line"}
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.channels.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "huey": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
CSRF_FAILURE_VIEW = "prep_platform.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
