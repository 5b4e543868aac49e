"""Views for the tests."""

from __future__ import annotations

from typing import cast

from asgiref.sync import sync_to_async
from django.contrib import auth as contrib
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import include, path

from .. import auth, users
from ..decorators import fresh_login_required
from ..requests import client_of
from ..service import database, store


def named(user: object) -> JsonResponse:
    """Who somebody is."""
    return JsonResponse(
        {"user": str(user.pk) if isinstance(user, AbstractBaseUser) else None}
    )


def own(request: HttpRequest) -> AbstractBaseUser:
    """The user who makes a request, who must be logged in."""
    return cast(AbstractBaseUser, request.user)


def index(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page for everybody")


def who(request: HttpRequest) -> HttpResponse:
    return named(request.user if request.user.is_authenticated else None)


async def who_async(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    return named(user if user.is_authenticated else None)


@login_required
def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("private")


@fresh_login_required
def fresh(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fresh")


@fresh_login_required
async def fresh_async(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fresh")


def place(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"address": client_of(request).address})


def checked(request: HttpRequest) -> AbstractBaseUser | None:
    return contrib.authenticate(
        request, username=request.POST["username"], password=request.POST["password"]
    )


def log_in(request: HttpRequest) -> HttpResponseBase:
    user = checked(request)
    if user is None:
        return HttpResponse(status=403)
    auth.log_in(request, user)
    return HttpResponse(status=204)


async def log_in_async(request: HttpRequest) -> HttpResponseBase:
    user = await sync_to_async(checked)(request)
    if user is None:
        return HttpResponse(status=403)
    await auth.alog_in(request, user)
    return HttpResponse(status=204)


async def log_out_async(request: HttpRequest) -> HttpResponse:
    await auth.alog_out(request)
    return HttpResponse(status=204)


def django_log_in(request: HttpRequest) -> HttpResponseBase:
    user = checked(request)
    if user is None:
        return HttpResponse(status=403)
    contrib.login(request, user)
    return named(request.user)


def django_log_out(request: HttpRequest) -> HttpResponse:
    contrib.logout(request)
    return named(None)


def change_password(request: HttpRequest) -> HttpResponse:
    user = own(request)
    user.set_password(request.POST["password"])
    user.save()
    return named(user)


async def change_password_async(request: HttpRequest) -> HttpResponse:
    user = cast(AbstractBaseUser, await request.auser())
    user.set_password(request.POST["password"])
    await sync_to_async(user.save)()
    return named(user)


def django_change_password(request: HttpRequest) -> HttpResponse:
    """As Django's own view does it."""
    user = own(request)
    user.set_password(request.POST["password"])
    user.save()
    contrib.update_session_auth_hash(request, user)
    return named(user)


def delete_account(request: HttpRequest) -> HttpResponse:
    own(request).delete()
    return HttpResponse(status=204)


def rotate(request: HttpRequest) -> HttpResponse:
    auth.rotate(request)
    return HttpResponse(status=204)


def rotate_and_fail(request: HttpRequest) -> HttpResponse:
    try:
        with transaction.atomic(using=database.using):
            auth.rotate(request)
            raise LookupError
    except LookupError:
        return HttpResponse(status=409)


def revoke_meanwhile(request: HttpRequest) -> HttpResponse:
    """As if an administrator ended all sessions while this request is answered."""
    user = own(request)
    store.revoke_all(users.key(user), reason="stolen", by="admin")
    return HttpResponse(status=204)


urlpatterns = [
    path("", index),
    path("who/", who),
    path("who-async/", who_async),
    path("private/", private),
    path("fresh/", fresh),
    path("fresh-async/", fresh_async),
    path("place/", place),
    path("log-in/", log_in),
    path("log-in-async/", log_in_async),
    path("log-out-async/", log_out_async),
    path("django-log-in/", django_log_in),
    path("django-log-out/", django_log_out),
    path("change-password/", change_password),
    path("change-password-async/", change_password_async),
    path("django-change-password/", django_change_password),
    path("delete-account/", delete_account),
    path("rotate/", rotate),
    path("rotate-and-fail/", rotate_and_fail),
    path("revoke-meanwhile/", revoke_meanwhile),
    path("account/", include("app.sessions.urls")),
]
