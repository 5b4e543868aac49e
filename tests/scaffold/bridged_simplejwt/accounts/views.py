"""Views that know nothing of sessions: what a migration finds, and leaves as it is."""

from django.contrib.auth import logout
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.views import TokenObtainPairView

from accounts.models import User


class TokenSerializer(TokenObtainPairSerializer):
    @classmethod
    def get_token(cls, user):
        token = super().get_token(user)
        token["role"] = user.role
        return token


class LogIn(TokenObtainPairView):
    serializer_class = TokenSerializer


class Private(APIView):
    permission_classes = [IsAuthenticated]


class IsManager(BasePermission):
    def has_permission(self, request, view):
        return request.auth is not None and request.auth["role"] == "manager"


class Articles(Private):
    def get(self, request):
        return Response({"by": request.user.username})

    post = get


class Managers(Private):
    permission_classes = [IsManager]
    get = Articles.get


class LogOut(Private):
    def post(self, request):
        RefreshToken(request.data["refresh"]).blacklist()
        return Response(status=204)


class DjangoLogOut(Private):
    def post(self, request):
        logout(request)
        return Response(status=204)


class LogOutEverywhere(Private):
    def post(self, request):
        for token in OutstandingToken.objects.filter(user=request.user):
            BlacklistedToken.objects.get_or_create(token=token)
        return Response(status=204)


class EndNewest(Private):
    def post(self, request):
        newest = OutstandingToken.objects.filter(user=request.user).latest("pk")
        BlacklistedToken.objects.create(token=newest)
        return Response(status=204)


class ChangePassword(Private):
    def post(self, request):
        request.user.set_password(request.data["password"])
        request.user.save()
        return Response(status=204)


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
