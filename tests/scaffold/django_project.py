"""A Django project of somebody's, with the admin and Django REST framework, into which sessions are generated."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

# fields that every user must have
REQUIRED = "; ".join(
    [
        "age = models.PositiveSmallIntegerField()",
        "born = models.DateField()",
        "seen = models.DateTimeField()",
        "balance = models.DecimalField(max_digits=6, decimal_places=2)",
        "is_vip = models.BooleanField()",
    ]
)
# key type: AUTH_USER_MODEL, its field, and what it needs
MODELS = {
    "integer": ("auth.User", "", ""),
    "uuid": ("accounts.User", "models.UUIDField(primary_key=True, default=uuid4)", "from uuid import uuid4"),
    "text": ("accounts.User", "models.CharField(primary_key=True, max_length=36, default=new_key)", "from secrets import token_hex"),
    "bigint": ("accounts.Person", f"models.BigAutoField(primary_key=True); {REQUIRED}", ""),
}
SETTINGS = """
    import os
    from datetime import timedelta
    from pathlib import Path
    from urllib.parse import urlsplit

    BASE_DIR = Path(__file__).parent.parent
    SECRET_KEY = os.environ.get("SECRET_KEY", "only for tests")
    ALLOWED_HOSTS = ["*"]
    USE_TZ = os.environ.get("USE_TZ", "1") == "1"
    TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
    AUTH_USER_MODEL = "{model}"
    ROOT_URLCONF = "project.urls"
    DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
    INSTALLED_APPS = [
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "rest_framework",
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
        {{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {{
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            }},
        }}
    ]
    URL = urlsplit(os.environ.get("DATABASE_URL", ""))
    SQLITE = {{
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
        "OPTIONS": {{"transaction_mode": "IMMEDIATE", "timeout": 60}},
    }}
    POSTGRESQL = {{
        "ENGINE": "django.db.backends.postgresql",
        "HOST": URL.hostname,
        "PORT": URL.port,
        "USER": URL.username,
        "NAME": URL.path[1:],
    }}
    DATABASES = {{"default": POSTGRESQL if URL.scheme else SQLITE}}
    LOGIN_SESSIONS = {{
        "redis_url": os.environ.get("REDIS_URL", "redis://localhost:6379/0"),
        "touch_interval": timedelta(seconds=float(os.environ.get("TOUCH_SECONDS", "60"))),
        "phase": os.environ.get("PHASE", "session_only"),
        "verify_jwt": "project.jwt.verify",
    }}
    if "HASHER" in os.environ:
        PASSWORD_HASHERS = [os.environ["HASHER"]]
    """
MODEL = """
    {needs}

    from django.contrib.auth.models import AbstractUser
    from django.db import models


    def new_key() -> str:
        return token_hex(8)


    class {name}(AbstractUser):
        id = {field}
    """
PROXY = """

    class Member({name}):
        class Meta:
            proxy = True
    """
# what the printed next steps ask for
STEPS = """

    INSTALLED_APPS += ["sessions"]
    MIDDLEWARE[4] = "sessions.middleware.LoginSessionMiddleware"
    """
URLS = """
    from django.contrib import admin
    from django.urls import include, path

    from project import views

    urlpatterns = [
        path("admin/", admin.site.urls),
        path("account/", include("sessions.urls")),
        path("log-in/", views.log_in),
        path("who/", views.who),
        path("token/", views.token),
        path("api/", views.Api.as_view()),
    ]
    """
VIEWS = """
    from django.contrib.auth import authenticate
    from django.http import HttpResponse, JsonResponse
    from django.views.decorators.csrf import csrf_exempt
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.response import Response
    from rest_framework.views import APIView

    from sessions import auth
    from sessions.drf import SessionTableAuthentication


    class Api(APIView):
        authentication_classes = [SessionTableAuthentication]
        permission_classes = [IsAuthenticated]

        def get(self, request):
            return Response({"user": request.user.get_username()})


    @csrf_exempt
    def log_in(request):
        user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
        if user is None:
            return HttpResponse(status=403)
        auth.log_in(request, user)
        return HttpResponse(status=204)


    def who(request):
        return JsonResponse({"user": request.user.get_username() or None})


    def token(request):
        from django.middleware.csrf import get_token

        return JsonResponse({"token": get_token(request)})
    """
MANAGE = """
    import os
    import sys

    from django.core.management import execute_from_command_line

    if __name__ == "__main__":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
        execute_from_command_line(sys.argv)
    """
WSGI = """
    import os

    from django.core.wsgi import get_wsgi_application

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    application = get_wsgi_application()
    """
# a server with room for many clients to wait; that of runserver has room for ten
SERVE = """
    import sys
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from project.wsgi import application


    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        request_queue_size = 256


    class Handler(WSGIRequestHandler):
        def address_string(self):
            return self.client_address[0]


    make_server("127.0.0.1", int(sys.argv[1]), application, Server, Handler).serve_forever()
    """


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text).lstrip("\n"), encoding="utf-8")


def make(folder: Path, key: str, *options: str) -> None:
    """Write the project, generate the sessions into it, and do what the next steps say."""
    model, field, needs = MODELS[key]
    settings = dedent(SETTINGS).format(model=model)
    name = model.partition(".")[2]
    own = MODEL.format(needs=needs, name=name, field=field) if field else "from django.contrib.auth.models import User\n"
    files = {
        "manage.py": MANAGE,
        "project/__init__.py": "",
        "project/settings.py": settings,
        "project/urls.py": "urlpatterns = []\n",
        "project/wsgi.py": WSGI,
        "project/serve.py": SERVE,
        "accounts/__init__.py": "",
        "accounts/migrations/__init__.py": "",
        "accounts/models.py": dedent(own) + dedent(PROXY).format(name=name),
        "requirements.txt": "django\ndjangorestframework\npsycopg\n",
    }
    write(folder, files)
    scaffold(folder, *options)
    write(folder, {"project/settings.py": settings + dedent(STEPS), "project/urls.py": URLS, "project/views.py": VIEWS})
    manage(folder, "makemigrations", "accounts")


def scaffold(folder: Path, *options: str) -> str:
    """Run the real command in a folder; what it prints."""
    command = [sys.executable, "-m", "jwtlint", "scaffold", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def manage(folder: Path, *words: str, **environment: str) -> str:
    """Run ``manage.py``; what it prints."""
    return run(folder, [sys.executable, "manage.py", *words], **environment)


def run(folder: Path, command: list[str], **environment: str) -> str:
    """Run a command in the project; what it prints. It must succeed."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "SESSIONS_", "PYTEST_"))}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={**known, **environment})
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr
