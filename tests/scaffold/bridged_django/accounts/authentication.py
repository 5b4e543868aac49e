import jwt
from rest_framework import authentication, exceptions

from accounts import tokens
from accounts.models import User


class JWTAuthentication(authentication.BaseAuthentication):
    prefix = "Token"

    def authenticate(self, request):
        header = authentication.get_authorization_header(request).split()
        if len(header) != 2 or header[0].decode().lower() != self.prefix.lower():
            return None
        try:
            claims = tokens.read(header[1].decode())
        except jwt.ExpiredSignatureError:
            raise exceptions.AuthenticationFailed("expired") from None
        except jwt.InvalidTokenError as error:
            raise exceptions.AuthenticationFailed(f"bad token: {error}") from None
        user = User.objects.filter(pk=claims["id"]).first()
        if user is None or not user.is_active:
            raise exceptions.AuthenticationFailed("no such user")
        return user, claims

    def authenticate_header(self, request):
        return self.prefix
