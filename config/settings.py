"""Every setting of Talkoo, read once from the environment.

The variables are listed in README.md. All that are missing or malformed are named in one line before anything starts.
"""

import logging
import os
import sys
from collections.abc import Mapping
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONE, SELF
from environs import Env, EnvValidationError, validate

from config.outbox.limits import parse_limits
from config.outbox.providers import anymail_settings

django_stubs_ext.monkeypatch()  # ModelAdmin[Member] and ModelForm[User] also when the program runs
BASE_DIR = Path(__file__).resolve().parent.parent

# What the environment says -------------------------------------------------------------------------------------------
env = Env(eager=False)
DEBUG: bool = env.bool("DEBUG", False)
SECRET_KEY: str = env.str("SECRET_KEY", validate=validate.Length(min=32, error="needs 32 characters or more"))
BASE_URL: str = env.str("BASE_URL", validate=validate.URL(require_tld=False, schemes={"http", "https"}))
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
DATABASE = env.dj_db_url("DATABASE_URL", conn_max_age=60, conn_health_checks=True)
REDIS_URL: str = env.str("REDIS_URL", validate=validate.Regexp(r"^(rediss?|unix)://", error="is not a Redis address"))
EMAIL = env.dj_email_url("EMAIL_URL")
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", validate=validate.Email())
DATA_DIR: Path = env.path("TALKOO_DATA_DIR", BASE_DIR / ".data")
NETWORK_NAME: str = env.str("NETWORK_NAME", "Talkoo")
LOG_LEVEL: int = env.log_level("LOG_LEVEL", logging.INFO)
# Seconds between two looks of the planner and of the senders at their tables.
WAKE_EVERY: float = env.float("WAKE_EVERY", 30.0, validate=validate.Range(min=0.2, max=3600))
# What a mail domain takes: domain=messages a minute/senders at once, separated by commas.
MAIL_DOMAIN_LIMITS_TEXT: str = env.str("MAIL_DOMAIN_LIMITS", "")
# The mail service that reports bounces and complaints, and the key that proves a report is its own.
MAIL_SERVICE: str = env.str("MAIL_SERVICE", "").lower()
MAIL_SERVICE_KEY: str = env.str("MAIL_SERVICE_KEY", "")
# What a program that reads the figures says to be let in; empty lets in administrators alone.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", "")
# How many proxies stand in front and set X-Forwarded-For; 0 trusts none.
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=5))
# Megabytes of one uploaded picture, and of one uploaded document.
MAX_IMAGE_MB: int = env.int("MAX_IMAGE_MB", 15, validate=validate.Range(min=1, max=200))
MAX_DOCUMENT_MB: int = env.int("MAX_DOCUMENT_MB", 25, validate=validate.Range(min=1, max=200))
# The internal place from which nginx sends what lies in MEDIA_ROOT; without it Talkoo sends files itself.
X_ACCEL_PREFIX: str = env.str(
    "X_ACCEL_PREFIX", "", validate=validate.Regexp(r"^(/([\w.-]+/)+)?$", error="is not a path such as /uploads/")
)
# Value added tax on membership fees, in percent.
VAT_RATE: Decimal = env.decimal("VAT_RATE", Decimal(0), validate=validate.Range(min=0, max=100))
# Whoever has one of these roles signs in with a second factor: administrator, coordinator, expert, liaison,
# contributor, reader.
SECOND_FACTOR_ROLES: list[str] = env.list(
    "SECOND_FACTOR_ROLES",
    ["administrator", "coordinator"],
    validate=validate.ContainsOnly(["administrator", "coordinator", "expert", "liaison", "contributor", "reader"]),
)
# Who sees a person's e-mail address unless the person says otherwise: network, connections or nobody.
ADDRESS_VISIBILITY: str = env.str(
    "ADDRESS_VISIBILITY", "connections", validate=validate.OneOf(["network", "connections", "nobody"])
)
# What turns texts into vectors: empty for the model that Talkoo brings along, "none" for no search by meaning, or the
# address of an embeddings service that speaks OpenAI's protocol, such as https://embeddings.example/v1.
EMBEDDER: str = env.str("EMBEDDER", "", validate=validate.Regexp(r"^(none|https?://\S+)?$", error="is not an address"))
EMBEDDER_MODEL: str = env.str("EMBEDDER_MODEL", "text-embedding-3-small")
EMBEDDER_KEY: str = env.str("EMBEDDER_KEY", "")
# A folder with fonts for scripts that the PDF sheets' own fonts do not have.
FONT_DIR: Path | None = env.path("FONT_DIR", None)
try:
    env.seal()
except EnvValidationError as error:
    _problems: Mapping[str, list[str]] = error.error_messages  # type: ignore[assignment]
    sys.exit("Talkoo cannot start. " + " ".join(f"{name}: {' '.join(why)}" for name, why in _problems.items()))
if not str(DATABASE.get("ENGINE", "")).endswith("postgresql"):
    sys.exit("Talkoo cannot start. DATABASE_URL: Talkoo needs PostgreSQL.")
if not DATABASE.get("NAME"):
    sys.exit("Talkoo cannot start. DATABASE_URL: names no database.")
_mail = urlsplit(os.environ["EMAIL_URL"])
if _mail.scheme not in {"smtp", "smtps", "smtp+tls", "smtp+ssl"} or not _mail.hostname:
    sys.exit("Talkoo cannot start. EMAIL_URL: is not the address of a mail server, such as smtp://localhost:25.")
try:
    MAIL_DOMAIN_LIMITS = parse_limits(MAIL_DOMAIN_LIMITS_TEXT)
except ValueError as error:
    sys.exit(f"Talkoo cannot start. MAIL_DOMAIN_LIMITS: {error}.")
try:
    ANYMAIL = anymail_settings(MAIL_SERVICE, MAIL_SERVICE_KEY)
except ValueError as error:
    sys.exit(f"Talkoo cannot start. {error}.")

_site = urlsplit(BASE_URL)
SECURE = _site.scheme == "https"
ALLOWED_HOSTS = ALLOWED_HOSTS or [str(_site.hostname)]
MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")

# The house -----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Upper rooms first, so that a room's templates and commands win over those of libraries.
    "exchange.bench",
    "exchange.demo",
    "exchange.home",
    "exchange.announcements",
    "exchange.digests",
    "exchange.exchanges",
    "exchange.peers",
    "exchange.conversations",
    "exchange.connections",
    "exchange.moderation",
    "practices.uptake",
    "practices.search",
    "practices.translations",
    "practices.intake",
    "practices.sharing",
    "practices.upkeep",
    "practices.editorial",
    "practices.library",
    "members.outgoing",
    "members.joining",
    "members.fees",
    "members.people",
    "members.directory",
    "members.accounts",
    "config.outbox",
    "config.ops",
    "config.journal",
    "config.files",
    "config.vocabulary",
    "config.kit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "django_filters",
    "django_htmx",
    "rules.apps.AutodiscoverRulesConfig",
    "template_partials.apps.SimpleAppConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.kit.middleware.reject_nul_bytes",
    "config.kit.middleware.vary_on_htmx",
    "config.kit.middleware.keep_from_search_engines",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.accounts.middleware.reader_preferences",
    "members.accounts.middleware.answer_htmx_when_signed_out",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "members.accounts.middleware.require_second_factor",
    "members.accounts.middleware.note_when_last_seen",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.kit.middleware.explain_not_allowed",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_loaders = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # cotton and template_partials each rewrite the loaders and switch the other off, so both are named here.
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _loaders if DEBUG else [("django.template.loaders.cached.Loader", _loaders)],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "rules.templatetags.rules",
                "config.kit.templatetags.kit",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.kit.context.site",
            ],
        },
    }
]
COTTON_DIR = "cotton"
FORM_RENDERER = "config.kit.forms.Renderer"

# Where things are kept -----------------------------------------------------------------------------------------------
DATABASES = {"default": DATABASE | {"ATOMIC_REQUESTS": False}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MEDIA_ROOT = DATA_DIR / "media"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
# The files of django-leaflet and not the app, whose admin imports GDAL.
_leaflet = find_spec("leaflet")
if _leaflet is None or _leaflet.origin is None:
    sys.exit("Talkoo cannot start. The package django-leaflet is not installed.")
STATICFILES_DIRS = [("leaflet", Path(_leaflet.origin).parent / "static" / "leaflet")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_HANDLERS = [
    "config.files.uploads.LimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Who may come in -----------------------------------------------------------------------------------------------------
# The address is unique whatever its case, by a constraint that this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "members.accounts.backends.SignInBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:home"
ACCOUNT_RATE_LIMITS = {"start_application": "10/h/ip"}  # beside allauth's own
ACCOUNT_ADAPTER = "members.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "members.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    name: f"members.accounts.second_factor_forms.{form}"
    for name, form in (
        ("authenticate", "CodeForm"),
        ("reauthenticate", "CodeAgainForm"),
        ("activate_totp", "AppForm"),
        ("login_webauthn", "KeyLoginForm"),
        ("authenticate_webauthn", "KeyForm"),
        ("reauthenticate_webauthn", "KeyAgainForm"),
        ("add_webauthn", "NewKeyForm"),
        ("edit_webauthn", "KeyNameForm"),
    )
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # else nobody with a second factor could change address; accounts are by invitation
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = NETWORK_NAME
MFA_TOTP_TOLERANCE = 1  # half a minute: the clock of a telephone
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # browsers allow localhost alone
SOCIALACCOUNT_ADAPTER = "members.people.adapter.ProviderAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # the provider has done it, see members.people.claims
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10

# What the browser is told --------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
}
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = False  # the proxy in front does this
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Languages and time --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fi", "Suomi"), ("mk", "Македонски")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# Mail: only config.outbox opens this connection ----------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = EMAIL["EMAIL_HOST"]
EMAIL_PORT = EMAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER = EMAIL["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = EMAIL["EMAIL_USE_TLS"]
EMAIL_USE_SSL = EMAIL["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Celery only says "look now"; PostgreSQL is the queue and the ledger -------------------------------------------------
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
# What takes long and can wait comes last (9 is the lowest priority of the Redis protocol), and nobody takes tasks ahead.
CELERY_TASK_ROUTES = {"practices.search.tasks.*": {"priority": 9}, "exchange.peers.tasks.*": {"priority": 9}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_SOFT_TIME_LIMIT = 1740
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "ask about contacts": {
        "task": "members.directory.tasks.check_contacts_task",
        "schedule": crontab(hour=5, minute=40),
    },
    "renew memberships": {
        "task": "members.fees.tasks.renew_memberships_task",
        "schedule": crontab(hour=4, minute=10),
    },
    "follow up unpaid invoices": {
        "task": "members.fees.tasks.follow_up_invoices_task",
        "schedule": crontab(hour=5, minute=10),
    },
    "plan digests": {
        "task": "exchange.digests.tasks.plan_digests_task",
        "schedule": WAKE_EVERY,
        "options": {"expires": WAKE_EVERY},
    },
    "plan what is new in saved searches": {
        "task": "exchange.digests.tasks.plan_alerts_task",
        "schedule": WAKE_EVERY,
        "options": {"expires": WAKE_EVERY},
    },
    "plan announcements": {
        "task": "exchange.announcements.tasks.plan_announcements_task",
        "schedule": WAKE_EVERY,
        "options": {"expires": WAKE_EVERY},
    },
    "send mail": {
        "task": "config.outbox.tasks.send_mail_task",
        "schedule": WAKE_EVERY,
        "options": {"expires": WAKE_EVERY},
    },
    "compare the outbox with its journal": {
        "task": "config.outbox.tasks.check_ledger_task",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "escalate overdue reviews": {
        "task": "practices.editorial.tasks.escalate_overdue_task",
        "schedule": crontab(minute=5),
        "options": {"expires": 3600},
    },
    "weekly mail of what waits for review": {
        "task": "practices.editorial.tasks.send_weekly_task",
        "schedule": crontab(minute="*/15"),  # there are zones a quarter of an hour off
        "options": {"expires": 900},
    },
    "remind experts": {
        "task": "practices.editorial.tasks.remind_experts_task",
        "schedule": crontab(minute=10),
        "options": {"expires": 3600},
    },
    "resume imports": {
        "task": "practices.intake.tasks.resume_batches_task",
        "schedule": 120,
        "options": {"expires": 120},
    },
    "ask whether it is still true": {
        "task": "practices.upkeep.tasks.ask_whether_true_task",
        "schedule": crontab(minute="17"),  # a bounded batch each hour, so that a year's import is not asked in one day
        "options": {"expires": 3600},
    },
    "embed what is not embedded yet": {
        "task": "practices.search.tasks.embed_rest_task",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "match what nobody has looked at yet": {
        "task": "exchange.peers.tasks.match_rest_task",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "match everybody anew": {
        "task": "exchange.peers.tasks.match_all_task",
        "schedule": crontab(hour=2, minute=30),
    },
    "close asks and offers that are over": {
        "task": "exchange.peers.tasks.close_overdue_notices_task",
        "schedule": crontab(minute=25),  # each hour, since a day ends at another hour elsewhere
        "options": {"expires": 3600},
    },
    "begin exchanges": {
        "task": "exchange.exchanges.tasks.start_due_exchanges_task",
        "schedule": crontab(minute=35),  # each hour, since a day begins at another hour elsewhere
        "options": {"expires": 3600},
    },
    "remind of exchanges": {
        "task": "exchange.exchanges.tasks.remind_task",
        "schedule": crontab(minute=45),
        "options": {"expires": 3600},
    },
    "forget what is too old": {
        "task": "config.ops.tasks.keep_retention_task",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 3600},
    },
    "check links": {
        "task": "practices.upkeep.tasks.check_links_task",
        "schedule": crontab(minute="*/5"),  # each publication once a week, a batch at a time
        "options": {"expires": 300},
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
