"""Settings of the site. Every value from the environment has a working default, checked here."""

import os
import zoneinfo
from email.utils import formataddr, parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from accounts import processes
from scheduler_site import environment, logs

# One time zone database everywhere: the pinned tzdata package, not the machine's.
zoneinfo.reset_tzpath(())

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.data_directory()

# The library for metrics knows its folder by this name only.
os.environ[processes.DIRECTORY] = str(environment.metrics_directory())

# The service ---------------------------------------------------------------
BIND = os.environ.get("BIND") or "127.0.0.1"
PORT = environment.integer("PORT", 8000, lowest=1)
SCHEDULER_MODE = environment.mode(BIND)
DEMO = SCHEDULER_MODE == "demo"
BASE_URL = (os.environ.get("BASE_URL") or f"http://127.0.0.1:{PORT}").rstrip("/")
EMAIL_URL = os.environ.get("EMAIL_URL", "")
# Seconds in which a change made in the browser can be taken back; nothing is mailed before.
UNDO_SECONDS = environment.integer("UNDO_SECONDS", 10)
API_RATE = environment.integer("API_RATE", 600, lowest=1)  # requests a minute of one token
API_BURST = environment.integer("API_BURST", 100, lowest=1)  # at once
# Mail domains whose people may sign up by themselves in production, separated by commas.
SIGN_UP_DOMAINS = [
    domain.strip().lower()
    for domain in os.environ.get("SIGN_UP_DOMAINS", "").split(",")
    if domain.strip()
]

DEBUG = False
SECRET_KEY = environment.secret_key(DATA_DIR)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"] if DEMO else [urlsplit(BASE_URL).hostname or ""]
CSRF_TRUSTED_ORIGINS = [] if DEMO else [BASE_URL]

# Applications --------------------------------------------------------------
INSTALLED_APPS = [
    "django_q",  # before notifications, which takes the queue out of the administration
    "notifications",
    "meetings",
    "rooms",
    "accounts",
    "scheduler_site",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "django_htmx",
    "template_partials",
    "timezone_field",
    "ninja",
]

MIDDLEWARE = [
    "scheduler_site.access.AccessLog",
    "scheduler_site.middleware.HeadersOnly",
    "scheduler_site.middleware.RefuseForwarded",
    "scheduler_site.probes.Probes",
    "scheduler_site.metrics.Metrics",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "scheduler_site.timing.Timing",
    "scheduler_site.rest.middleware.Rest",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "scheduler_site.hypermedia.Hypermedia",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ReaderZone",
]

ROOT_URLCONF = "scheduler_site.urls"
WSGI_APPLICATION = "scheduler_site.wsgi.application"
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
                "scheduler_site.context.site",
                "meetings.context.rail",
            ],
        },
    },
]

# Database, queue, cache ----------------------------------------------------
DATABASES = {"default": environment.database(os.environ.get("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The queue lives in the same database: a task commits or vanishes with the change behind it.
Q_CLUSTER = {
    "name": "scheduler",
    "orm": "default",
    "broker_class": "scheduler_site.broker.SkipLockedBroker",
    "workers": environment.integer("WORKERS", 2, lowest=1),
    "queue_limit": 4,
    "bulk": 1,
    "poll": 0.2,
    # Nothing of ours takes longer; a cluster that finishes no task for 10 s more is replaced.
    "timeout": 30,
    "retry": 200,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 500,
    "label": "Queue",
    "cache": "queue",
}

# Shared by all processes, so that rate limits count once.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    },
    # The queue would note its state twice a second; nobody reads it (see notifications/heartbeat).
    "queue": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# People --------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
# How many proxies stand before the web server; limits count by the address they pass on.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.integer("TRUSTED_PROXIES", 0)
ACCOUNT_CHANGE_EMAIL = True  # one address a person; a new one takes its place when confirmed
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# Mail ----------------------------------------------------------------------
MAIL_HOST = "localhost" if DEMO else urlsplit(BASE_URL).hostname
EMAIL_FROM = os.environ.get("EMAIL_FROM") or f"scheduler@{MAIL_HOST}"
DEFAULT_FROM_EMAIL = formataddr(("Scheduler", parseaddr(EMAIL_FROM)[1]))
SERVER_EMAIL = EMAIL_FROM
if EMAIL_URL:
    globals().update(environment.mail(EMAIL_URL))
else:
    # Keeps every mail; /dev/mail/ shows them. Production refuses to start without EMAIL_URL.
    EMAIL_BACKEND = "notifications.demo_mail.DemoMailBackend"

# SMS, push and chat: by channel the service that delivers, of those that are set up.
CHANNEL_URLS = environment.channels()
# The internal networks that webhooks may be posted to.
WEBHOOK_NETWORKS = environment.networks("WEBHOOK_NETWORKS")

# Language and time ---------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files ---------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Security ------------------------------------------------------------------
HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = f"scheduler_session_{PORT}"  # two on one machine do not sign each other out
CSRF_COOKIE_NAME = f"scheduler_csrf_{PORT}"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and not DEMO else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Logs ----------------------------------------------------------------------
LOGGING = logs.configuration(**environment.logs(demo=DEMO))
