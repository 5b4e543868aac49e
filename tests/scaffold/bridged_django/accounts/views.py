from django.contrib.auth import authenticate
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from sessions.bridge import log_out, password_changed

from accounts import tokens
from accounts.models import User


class Open(APIView):
    permission_classes = [AllowAny]


class Private(APIView):
    permission_classes = [IsAuthenticated]


class IsManager(BasePermission):
    def has_permission(self, request, view):
        return request.auth is not None and request.auth["role"] == "manager"


class Register(Open):
    def post(self, request):
        user = User.objects.create_user(request.data["username"], password=request.data["password"])
        return Response({"username": user.username, "token": user.token}, status=201)


class LogIn(Open):
    def post(self, request):
        user = authenticate(username=request.data["username"], password=request.data["password"])
        if user is None:
            raise exceptions.AuthenticationFailed("wrong name or password")
        return Response({"token": user.token, "refresh": tokens.mint_refresh(user)})


class Refresh(Open):
    authentication_classes = []

    def post(self, request):
        import jwt

        try:
            claims = tokens.read(request.data["refresh"])
        except jwt.InvalidTokenError:
            raise exceptions.AuthenticationFailed("log in again") from None
        return Response({"token": User.objects.get(pk=claims["id"]).token})


class Me(Private):
    def get(self, request):
        return Response({"username": request.user.username, "role": request.auth["role"], "token": request.user.token})

    post = get


class Articles(Private):
    def get(self, request):
        return Response({"by": request.user.username})

    post = get


class Managers(Private):
    permission_classes = [IsManager]

    def get(self, request):
        return Response({"by": request.user.username})


class LogOut(Private):
    def post(self, request):
        log_out()
        return Response(status=204)


class ChangePassword(Private):
    def post(self, request):
        request.user.set_password(request.data["password"])
        request.user.save()
        return Response({"token": request.user.token})


class ResetPassword(Open):
    """Tests trust whoever asks."""

    def post(self, request):
        user = User.objects.get(username=request.data["username"])
        # tells no receiver of signals
        fresh = User()
        fresh.set_password(request.data["password"])
        User.objects.filter(pk=user.pk).update(password=fresh.password)
        password_changed(user)
        return Response({"token": user.token})


class OneUser(Private):
    permission_classes = [IsManager]

    def patch(self, request, key):
        user = User.objects.get(pk=key)
        for name, value in request.data.items():
            setattr(user, name, value)
        user.save()
        return Response(status=204)

    def delete(self, request, key):
        User.objects.get(pk=key).delete()
        return Response(status=204)


class Fail(Open):
    """A login that fails when everything was done."""

    def post(self, request):
        user = User.objects.create_user(request.data["username"], password="password")
        assert user.token
        raise exceptions.APIException("too late")


@csrf_exempt
def page_login(request):
    """Pages keep the token in a cookie of the application's own."""
    user = authenticate(username=request.POST["username"], password=request.POST["password"])
    response = JsonResponse({"username": user.username})
    response.set_cookie("access_token", user.token, httponly=True, secure=True, samesite="Lax")
    return response


@csrf_exempt
def page(request):
    return JsonResponse({"member": request.member and request.member.username})


async def async_page(request):
    token = request.headers.get("Authorization", "").partition(" ")[2]
    return JsonResponse({"id": tokens.read(token)["id"]})


async def async_logout(request):
    tokens.read(request.headers["Authorization"].partition(" ")[2])
    log_out()
    return JsonResponse({})
