"""Settings under test: the real ones, with a cheap password hasher."""

import os

from accounts import processes
from scheduler_site.settings import *  # noqa: F403
from scheduler_site.settings import DATA_DIR, DATABASES, LOGGING

# Each process of the tests counts for itself, and writes a log of its own.
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "alone")
os.environ[processes.DIRECTORY] = str(DATA_DIR / "metrics-of-tests" / PROCESS)

# What production would log is kept, to be searched for the tests' data (see tests/logged.py).
LOG_FILE = DATA_DIR / f"tests-{PROCESS}.log"
LOGGING["formatters"]["kept"] = {"()": "tests.logged.Line"}
LOGGING["handlers"]["stderr"]["level"] = LOGGING["root"]["level"]
LOGGING["handlers"]["kept"] = {
    "class": "logging.FileHandler",
    "filename": LOG_FILE,
    "formatter": "kept",
    "delay": True,
}
LOGGING["root"] = {"handlers": ["stderr", "kept"], "level": "INFO"}

# A test's threads come and go, and must not keep the database from being dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files come from where they lie; nothing needs to be collected first.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
