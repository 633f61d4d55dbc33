"""Settings under test: the real ones, with a cheap password hasher."""

import os

from accounts import processes
from scheduler_site.settings import *  # noqa: F403
from scheduler_site.settings import DATA_DIR, DATABASES

# Each process of the tests counts for itself.
os.environ[processes.DIRECTORY] = str(
    DATA_DIR / "metrics-of-tests" / os.environ.get("PYTEST_XDIST_WORKER", "alone")
)

# A test's threads come and go, and must not keep the database from being dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files come from where they lie; nothing needs to be collected first.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
