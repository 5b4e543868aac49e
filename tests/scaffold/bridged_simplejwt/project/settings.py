"""Somebody's settings. The environment says on which database the project runs, and how it uses its library."""

import os
from pathlib import Path
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).parent.parent
SECRET_KEY = "only for tests, and long enough for any algorithm"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
AUTH_USER_MODEL = "accounts.User"
ROOT_URLCONF = "project.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "accounts",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": [os.environ.get("CLASS", "rest_framework_simplejwt.authentication.JWTAuthentication")]}
SIMPLE_JWT = {"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": os.environ.get("BLACKLISTS") == "1"}

URL = urlsplit(os.environ.get("DATABASE_URL", ""))
SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}
POSTGRESQL = {
    "ENGINE": "django.db.backends.postgresql",
    "HOST": URL.hostname,
    "PORT": URL.port,
    "USER": URL.username,
    "NAME": URL.path[1:],
}
DATABASES = {"default": {**(POSTGRESQL if URL.scheme else SQLITE), "ATOMIC_REQUESTS": os.environ.get("ATOMIC_REQUESTS") == "1"}}

# what a migration writes
INSTALLED_APPS += ["sessions"]
MIDDLEWARE[:0] = ["sessions.bridge.BridgeMiddleware"]
