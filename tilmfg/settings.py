"""Settings, from the environment only. Without DATABASE_URL and REDIS_URL the embedded servers are used."""

import os
import secrets
from pathlib import Path

from celery.schedules import crontab
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from tilmfg import embedded, environment
from tilmfg.embedded.ports import DEFAULT_PORT
from tilmfg.embedded.servers import DATABASE, passfile
from tilmfg.heartbeat import EVERY_SECONDS, TASK
from tilmfg.records.anchor_files import new_private_key

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("TILMFG_VAR") or BASE_DIR / "var")
EMBEDDED = embedded.is_chosen(os.environ)
ROLE = environment.choice("TILMFG_ROLE", among=("app", "owner"))  # owner: migrations, nothing else

TILMFG_COMMIT = os.environ.get("TILMFG_COMMIT", "").strip()  # an image has no repository to ask

DEBUG = environment.flag("DJANGO_DEBUG", default=False)
ROOT_URLCONF = "tilmfg.urls"
WSGI_APPLICATION = "tilmfg.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
# Where the facility's clocks hang: days of a process count here, and times are typed and shown here.
TIME_ZONE = os.environ.get("TILMFG_TIME_ZONE", "America/New_York")
# ISBT 128 facility number; the default is nobody's, ids issued under it are provisional.
TILMFG_FACILITY_NUMBER = os.environ.get("TILMFG_FACILITY_NUMBER", "A9999")
LANGUAGE_CODE = "en-us"

# The embedded servers start with invented people and patients; every page says so.
DEMONSTRATION = environment.flag("TILMFG_DEMONSTRATION", default=EMBEDDED)

# --- servers and secrets --------------------------------------------------------------------------

DATABASES: dict[str, dict]
if EMBEDDED:
    PLACE = embedded.place(VAR)
    SECRET_KEY = embedded.secret(PLACE.secrets / "secret_key", make=lambda: secrets.token_urlsafe(50))
    TILMFG_VAULT_KEY = embedded.secret(
        PLACE.secrets / "vault_key", make=lambda: Fernet.generate_key().decode()
    )
    TILMFG_ANCHOR_KEY = embedded.secret(PLACE.secrets / "anchor_key", make=new_private_key)
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    TILMFG_ORIGIN = environment.origin(
        "TILMFG_ORIGIN", default=f"http://localhost:{os.environ.get('PORT') or DEFAULT_PORT}"
    )
    REDIS_URL = f"unix://{PLACE.valkey_socket}?db=0"
    DATABASES = {
        "default": {
            "HOST": str(PLACE.run),
            "NAME": DATABASE,
            "USER": f"tilmfg_{ROLE}",
            "OPTIONS": {"passfile": str(passfile(PLACE, ROLE))},
        }
    }
    TILMFG_VERIFIER: dict = {"USER": "tilmfg_verify", "OPTIONS": {"passfile": str(passfile(PLACE, "verify"))}}
else:
    SECRET_KEY = environment.text("SECRET_KEY")
    TILMFG_VAULT_KEY = environment.text("TILMFG_VAULT_KEY")
    TILMFG_ANCHOR_KEY = os.environ.get("TILMFG_ANCHOR_KEY", "")  # the worker's alone; the web does without
    ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS")
    TILMFG_ORIGIN = environment.origin("TILMFG_ORIGIN")  # where people open the pages; passkeys hang on it
    REDIS_URL = environment.text("REDIS_URL")
    DATABASES = {
        "default": environment.postgresql(
            "DATABASE_OWNER_URL" if ROLE == "owner" else "DATABASE_URL", user=f"tilmfg_{ROLE}"
        )
    }
    TILMFG_VERIFIER = (  # who may only read, perhaps on another host; without it the application verifies
        environment.postgresql("DATABASE_VERIFY_URL", user="tilmfg_verify")
        if os.environ.get("DATABASE_VERIFY_URL")
        else {}
    )
try:
    for key in TILMFG_VAULT_KEY.split(","):  # the newest first
        Fernet(key.strip())
except ValueError as error:
    raise ImproperlyConfigured(f"TILMFG_VAULT_KEY is not a Fernet key: {error}") from None

# Single sign-on (decisions/0008): a provider of OpenID Connect, or none. Which of its `amr` or `acr` say that it asked
# for a second factor, separated by commas; without these, ours is asked.
TILMFG_OIDC = environment.openid_provider("TILMFG_OIDC")
TILMFG_OIDC_AMR = [name.strip() for name in os.environ.get("TILMFG_OIDC_AMR", "").split(",") if name.strip()]
TILMFG_OIDC_ACR = [name.strip() for name in os.environ.get("TILMFG_OIDC_ACR", "").split(",") if name.strip()]

# Anchors (docs/records/audit-trail.md): a folder on write-once storage, public keys of anchors signed with earlier keys
# or elsewhere, and the time-stamp authority that confirms one anchor a day, with its root certificates (a PEM file).
TILMFG_ANCHOR_FOLDER = os.environ.get("TILMFG_ANCHOR_FOLDER") or str(VAR / "anchors")
TILMFG_ANCHOR_PUBLIC_KEYS = os.environ.get("TILMFG_ANCHOR_PUBLIC_KEYS", "")
TILMFG_TSA_URL = os.environ.get("TILMFG_TSA_URL", "")
TILMFG_TSA_CERTIFICATES = os.environ.get("TILMFG_TSA_CERTIFICATES", "")

# Alarms (accounts/alarms.py) go by mail; the worker alone sends any, so it alone is told by what, as whom and to whom.
EMAIL_TIMEOUT = 10
if os.environ.get("TILMFG_MAIL_URL"):
    EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_SSL, EMAIL_USE_TLS = (
        environment.mail_server("TILMFG_MAIL_URL")
    )
    DEFAULT_FROM_EMAIL = environment.text("TILMFG_MAIL_FROM")
    TILMFG_ALARMS_TO = environment.names("TILMFG_ALARMS_TO")
else:  # a facility of one's own lays its mail into a folder
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR / "mail"
    DEFAULT_FROM_EMAIL = "tilmfg@localhost"
    TILMFG_ALARMS_TO = ["administrators@localhost"] if EMBEDDED else []

TILMFG_MANUFACTURER = os.environ.get("TILMFG_MANUFACTURER", "Demonstration facility")  # as labels name it

DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {"connect_timeout": 3} | DATABASES["default"]["OPTIONS"],
}

# --- transport ------------------------------------------------------------------------------------

TILMFG_BEHIND_PROXY = not EMBEDDED  # who is asking is what the last X-Forwarded-For says
TILMFG_DEVICE_COOKIE = "tablet"  # what a tablet of the floor is known by
if not EMBEDDED:  # behind a proxy that ends TLS and sets this header itself, see Caddyfile
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked for inside the container
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    TILMFG_DEVICE_COOKIE = "__Host-tablet"
    SESSION_COOKIE_NAME = "__Host-session"  # browsers take it from this host by TLS only, for all paths
    CSRF_COOKIE_NAME = "__Host-csrf"

# --- applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "pgtrigger",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "tilmfg.shell",
    "tilmfg.records",
    "tilmfg.accounts",
    "tilmfg.facility",
    "tilmfg.quality",
    "tilmfg.identity",
    "tilmfg.batches",
    "assays",
    "tilmfg.release",
    "tilmfg.treatment",
    "tilmfg.home",
    "tilmfg.demonstration",
    "tilmfg.validation",
]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["tilmfg.accounts.backends.Sessions"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [  # length and what is easily guessed; no composition rules, no ageing
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "tilmfg.accounts.passwords.NotTooLong"},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "printed_name", "email")},
    },
    {"NAME": "tilmfg.accounts.passwords.NoFacilityWords"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token themselves
SESSION_COOKIE_AGE = 15 * 60  # idle; every request starts it anew
SESSION_SAVE_EVERY_REQUEST = True
TILMFG_LONGEST_SESSION = 12 * 3600  # however busy

MIDDLEWARE = [
    "tilmfg.headers.Headers",
    "tilmfg.records.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "tilmfg.bodies.BoundedBodies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tilmfg.accounts.middleware.SessionLimits",
    "tilmfg.accounts.middleware.ClientAddress",
    "tilmfg.accounts.middleware.Refusals",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tilmfg.records.middleware.WrittenAddresses",
]

TILMFG_LARGEST_BODY = (
    12_000_000  # bytes, as the proxy has it (Caddyfile); an instrument's file has 10 MB at most
)
FILE_UPLOAD_MAX_MEMORY_SIZE = TILMFG_LARGEST_BODY
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # nothing goes to a disk

# Nothing is loaded from elsewhere and nothing stands inline; Tabler draws its small pictures as data: images.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tilmfg.shell.context_processors.shell",
            ]
        },
    }
]

# --- the read API ---------------------------------------------------------------------------------

REST_FRAMEWORK = {  # closed unless a view says otherwise; none does
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tilmfg.api.access.MayLook"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "tilmfg",
    "DESCRIPTION": "The record of a TIL cell-therapy manufacturing facility, for other programs to read.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_PERMISSIONS": ["tilmfg.api.access.MayLook"],
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {"LotState": "tilmfg.release.states.LotState"},
}

# --- static files ---------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static" if EMBEDDED else BASE_DIR / "staticfiles"  # facilities share no file
STATICFILES_DIRS = [
    BASE_DIR / "tilmfg/static",
    ("vendor/tabler", BASE_DIR / "node_modules/@tabler/core/dist"),
    ("vendor/htmx", BASE_DIR / "node_modules/htmx.org/dist"),
    ("vendor/inter", BASE_DIR / "node_modules/inter-ui/variable"),
    ("vendor/jetbrains-mono", BASE_DIR / "node_modules/@fontsource-variable/jetbrains-mono/files"),
]
STATICFILES_FINDERS = [
    "tilmfg.frontend.ServedFiles",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- logs -----------------------------------------------------------------------------------------

LOGGING_CONFIG = "tilmfg.logs.begin"
LOGGING = {  # a facility of one's own shares the terminal with whoever started it
    "level": environment.choice(
        "TILMFG_LOG_LEVEL",
        among=("warning", "info", "error", "debug") if EMBEDDED else ("info", "warning", "error", "debug"),
    )
}

# --- Celery ---------------------------------------------------------------------------------------

CELERY_BROKER_URL = environment.broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900, "socket_connect_timeout": 2}
CELERY_TASK_DEFAULT_QUEUE = "tilmfg"
CELERY_TASK_IGNORE_RESULT = True  # what a task did is in the database, not in a result backend
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_TIME_LIMIT = 240  # below a third of the visibility timeout, else a message is delivered again
CELERY_TASK_SOFT_TIME_LIMIT = 210
# A request must not hang on a dead broker; the sweeper comes back for what was not sent. (Without any
# retry policy kombu's own connect retries take six seconds.)
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}
CELERY_TIMEZONE = "UTC"
CELERY_IMPORTS = ["tilmfg.heartbeat"]
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": TASK, "schedule": EVERY_SECONDS, "options": {"expires": EVERY_SECONDS * 5}},
    "anchor": {"task": "records.anchor", "schedule": crontab(minute="*/10"), "options": {"expires": 600}},
    "sessions": {
        "task": "accounts.sweep_sessions",
        "schedule": crontab(minute=7),
        "options": {"expires": 3600},
    },
    "refusals": {
        "task": "accounts.tell_refusals",
        "schedule": crontab(),
        "options": {"expires": 60},
    },
    "reviews": {
        "task": "accounts.remind_of_reviews",
        "schedule": crontab(minute=37),
        "options": {"expires": 3600},
    },
    "sweep": {"task": "records.sweep", "schedule": 5.0, "options": {"expires": 10}},
}
