import jwt

from accounts import tokens
from accounts.models import User


class TokenMiddleware:
    """Says whose request it is to views that are none of Django REST framework's."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.member = None
        if request.path.startswith("/page"):
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme != "Token":
                token = request.COOKIES.get("access_token", "")
            if token:
                try:
                    request.member = User.objects.get(pk=tokens.read(token)["id"])
                except jwt.InvalidTokenError:
                    pass
        return self.get_response(request)
