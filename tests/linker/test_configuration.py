"""Sessions that a framework mints and verifies by configuration: settings, managers, strategies, authentication classes, hooks."""

from __future__ import annotations

import pytest
from programs import Program, at, program

from jwtlint.facts import lifecycle as facts

SIMPLEJWT_URLS = """
from django.urls import path
from rest_framework_simplejwt.views import TokenObtainPairView

urlpatterns = [path("login/", TokenObtainPairView.as_view())]
"""
BLACKLIST = ["rest_framework_simplejwt.token_blacklist"]
LEGACY_URLS = """
from django.urls import path
from rest_framework_jwt.views import obtain_jwt_token

urlpatterns = [path("login/", obtain_jwt_token)]
"""
DEFAULT_CLASS = """
ROOT_URLCONF = "urls"
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"]}
"""


def django(settings: str, urls: str = SIMPLEJWT_URLS, **others: str) -> Program:
    return program("", settings=settings, urls=urls, **others)


def flask_jwt_extended(configuration: str, hooks: str = "", login: str = "return jsonify(token=create_access_token('1'))") -> Program:
    lines = [
        "from datetime import timedelta",
        "from flask import Flask, jsonify",
        "from flask_jwt_extended import JWTManager, create_access_token, set_access_cookies",
        "app = Flask(__name__)",
        configuration,
        "jwt = JWTManager(app)",
        hooks,
        "@app.post('/login')",
        "def login():",
        f"    {login}",
    ]
    return program("\n".join(lines))


# -- lifetimes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [
        ("", 300),
        ("SIMPLE_JWT = {'ACCESS_TOKEN_LIFETIME': timedelta(hours=3)}", 10_800),
        ("SIMPLE_JWT = dict(ACCESS_TOKEN_LIFETIME=timedelta(hours=3))", 10_800),
        ("SIMPLE_JWT = {}\nSIMPLE_JWT['ACCESS_TOKEN_LIFETIME'] = timedelta(hours=3)", 10_800),
        ("SIMPLE_JWT = {'ACCESS_TOKEN_LIFETIME': timedelta(hours=int(os.environ.get('HOURS', '4')))}", 14_400),
    ],
)
def test_a_configured_mint_lives_as_long_as_the_settings_say(settings: str, seconds: int) -> None:
    told = django(f"import os\nfrom datetime import timedelta\nROOT_URLCONF = 'urls'\n{settings}\n")
    assert told.one(facts.Mint, role="access").lifetime == seconds


def test_the_lifetime_points_to_the_value_that_sets_it() -> None:
    told = flask_jwt_extended("app.config['JWT_ACCESS_TOKEN_EXPIRES'] = timedelta(days=1)")
    place = told.one(facts.Mint).lifetime_place
    assert place is not None and place.line == 5


def test_a_lifetime_for_development_does_not_count_beside_another() -> None:
    told = program(
        """
        from flask import Flask, jsonify
        from flask_jwt_extended import JWTManager, create_access_token
        import config
        app = Flask(__name__)
        jwt = JWTManager(app)
        @app.post("/login")
        def login():
            return jsonify(token=create_access_token("1"))
        """,
        config="""
        class Production:
            JWT_ACCESS_TOKEN_EXPIRES = 600
        class Development:
            JWT_ACCESS_TOKEN_EXPIRES = 86400
        """,
    )
    assert told.one(facts.Mint).lifetime == 600


def test_a_hook_that_sets_exp_overrules_the_configuration() -> None:
    told = program(
        """
        from datetime import datetime, timedelta
        from sanic import Sanic
        from sanic_jwt import Initialize
        app = Sanic("shop")
        async def extend(payload, user):
            payload.update({"exp": datetime.utcnow() + timedelta(days=30), "role": user.role})
            return payload
        Initialize(app, authenticate=check, extend_payload=extend, expiration_delta=600)
        """
    )
    assert told.one(facts.Mint).lifetime == 30 * 86_400
    assert told.one(facts.Claim).name == "role"


def test_a_configuration_class_gives_a_strategys_arguments() -> None:
    told = program(
        """
        from sanic import Sanic
        from sanic_jwt import Configuration, Initialize
        class Settings(Configuration):
            expiration_delta = 7200
            cookie_set = True
            cookie_secure = False
        Initialize(Sanic("shop"), configuration_class=Settings)
        """
    )
    assert told.one(facts.Mint).lifetime == 7200
    assert at(told.one(facts.Delivery, medium="cookie", secure="off")) == ("app.py", 6)


# -- what mints ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("switch", ["REST_AUTH = {'USE_JWT': True}", "REST_USE_JWT = True"])
def test_a_setting_that_switches_to_tokens_mints_them(switch: str) -> None:
    urls = """
    from django.urls import include, path
    urlpatterns = [path("auth/", include("dj_rest_auth.urls")), path("join/", include("dj_rest_auth.registration.urls"))]
    """
    told = django(f"ROOT_URLCONF = 'urls'\n{switch}\n", urls)
    assert {at(mint) for mint in told.all(facts.Mint)} == {("settings.py", 2)}
    assert {mint.role for mint in told.all(facts.Mint)} == {"access", "refresh"}
    assert not django("ROOT_URLCONF = 'urls'\n", urls).all(facts.Mint)


@pytest.mark.parametrize(
    ("name", "mints"),
    [
        ("allauth.headless.tokens.strategies.jwt.JWTTokenStrategy", True),
        ("strategy.Own", True),
        ("strategy.Opaque", False),
        ("allauth.headless.tokens.strategies.sessions.SessionTokenStrategy", False),
    ],
)
def test_a_strategy_class_named_in_a_setting_mints(name: str, mints: bool) -> None:
    told = django(
        f"HEADLESS_TOKEN_STRATEGY = '{name}'\n",
        strategy="""
        from allauth.headless.tokens.strategies.jwt.strategy import JWTTokenStrategy
        from allauth.headless.tokens.strategies.sessions import SessionTokenStrategy
        class Own(JWTTokenStrategy):
            pass
        class Opaque(SessionTokenStrategy):
            pass
        """,
        urls="",
    )
    assert bool(told.all(facts.Mint)) == mints
    assert {at(mint) for mint in told.all(facts.Mint)} <= {("settings.py", 1)}


def test_a_view_field_outside_a_route_mints() -> None:
    told = program(
        """
        import graphene, graphql_jwt
        class Own(graphql_jwt.JSONWebTokenMutation):
            pass
        class Mutation(graphene.ObjectType):
            token_auth = graphql_jwt.ObtainJSONWebToken.Field()  # mint: here
            own = Own.Field()  # mint: here
        """
    )
    assert [at(mint) for mint in told.all(facts.Mint)] == told.lines("mint")


def test_an_include_in_a_route_is_one_mint() -> None:
    told = django("ROOT_URLCONF = 'urls'\n", 'from django.urls import include, path\nurls = [path("a/", include("djoser.urls.jwt"))]\n')
    assert sorted(mint.role for mint in told.all(facts.Mint)) == ["access", "refresh"]


@pytest.mark.parametrize(
    ("settings", "record", "rotated"),
    [
        ("", False, False),
        ("SIMPLE_JWT = {'ROTATE_REFRESH_TOKENS': True}", False, False),
        (f"INSTALLED_APPS = {BLACKLIST}", True, False),
        (
            f"INSTALLED_APPS = []\nINSTALLED_APPS += {BLACKLIST}\nSIMPLE_JWT = {{'ROTATE_REFRESH_TOKENS': True}}",
            True,
            True,
        ),
    ],
)
def test_the_settings_tell_whether_refresh_tokens_are_recorded_and_rotated(settings: str, record: bool, rotated: bool) -> None:
    refresh = django(f"ROOT_URLCONF = 'urls'\n{settings}\n").one(facts.Mint, role="refresh")
    assert (refresh.record, refresh.rotated) == (record, rotated)


# -- what verifies ---------------------------------------------------------------------------------------------------


def test_an_authentication_class_verifies_where_the_settings_name_it() -> None:
    told = django(DEFAULT_CLASS)
    assert at(told.one(facts.Verification)) == ("settings.py", 2)
    assert told.one(facts.Verification).reloads_user


def test_it_verifies_nothing_where_the_application_mints_nothing() -> None:
    assert not django(DEFAULT_CLASS, urls="").all(facts.Verification)


@pytest.mark.parametrize(
    "view",
    [
        "class View(APIView):\n    authentication_classes = [JWTAuthentication]\n",
        "class View(APIView):\n    authentication_classes = (JWTAuthentication,)\n",
        "@authentication_classes([JWTAuthentication])\ndef view(request):\n    pass\n",
    ],
)
def test_an_authentication_class_verifies_where_a_view_names_it(view: str) -> None:
    imports = "from rest_framework.decorators import authentication_classes\nfrom rest_framework.views import APIView\n"
    views = f"{imports}from rest_framework_simplejwt.authentication import JWTAuthentication\n{view}"
    told = django("ROOT_URLCONF = 'urls'\n", urls=f"import views\n{SIMPLEJWT_URLS}", views=views)
    assert told.one(facts.Verification).place.path == "views.py"


@pytest.mark.parametrize("given", ["JWTAuth()", "[JWTAuth()]"])
def test_an_authentication_class_verifies_where_an_api_is_given_one(given: str) -> None:
    told = program(
        f"""
        from ninja_extra import NinjaExtraAPI
        from ninja_jwt.authentication import JWTAuth
        from ninja_jwt.controller import NinjaJWTDefaultController
        api = NinjaExtraAPI(auth={given})
        api.register_controllers(NinjaJWTDefaultController)
        """
    )
    assert at(told.one(facts.Verification)) == ("app.py", 4)


IMPORT = "from rest_framework_simplejwt.authentication import JWTAuthentication\n"
PLAIN = """class Own(JWTAuthentication):
    www_authenticate_realm = "shop"
"""
VERIFYING = """class Own(JWTAuthentication):
    def authenticate(self, request):
        return None, self.get_validated_token(request.COOKIES["access"])
"""
COMPARING = """class Own(JWTAuthentication):
    def get_user(self, token):
        user = super().get_user(token)
        if token["epoch"] != user.epoch:
            raise ValueError
        return user
"""


@pytest.mark.parametrize(
    ("own", "place", "revocation"),
    [(PLAIN, ("settings.py", 2), "none"), (VERIFYING, ("own.py", 4), "none"), (COMPARING, ("settings.py", 2), "epoch")],
    ids=["plain", "verifying", "comparing"],
)
def test_a_class_of_the_program_is_judged_at_its_verifying_call(own: str, place: tuple[str, int], revocation: str) -> None:
    settings = "ROOT_URLCONF = 'urls'\nREST_FRAMEWORK = {'DEFAULT_AUTHENTICATION_CLASSES': ['own.Own']}\n"
    told = django(settings, own=IMPORT + own)
    assert at(told.one(facts.Verification)) == place
    assert told.one(facts.Verification).revocation == revocation


def test_a_setting_that_makes_the_library_look_tokens_up_is_a_revocation() -> None:
    assert django(f"{DEFAULT_CLASS}SIMPLE_JWT = {{'CHECK_REVOKE_TOKEN': True}}\n").one(facts.Verification).revocation == "library"


def test_a_manager_without_a_hook_looks_nothing_up() -> None:
    assert flask_jwt_extended("").one(facts.Verification).revocation == "none"


@pytest.mark.parametrize(
    ("body", "revocation"),
    [("return False", "none"), ("return db.exists(Blocklist, jti=payload['jti'])", "denylist"), ("return look(header)", "denylist")],
)
def test_a_managers_hook_looks_tokens_up(body: str, revocation: str) -> None:
    hook = f"@jwt.token_in_blocklist_loader\ndef revoked(header, payload):\n    {body}"
    assert flask_jwt_extended("", hook).one(facts.Verification).revocation == revocation


def test_an_overridden_strategy_may_look_tokens_up() -> None:
    told = program(
        """
        import redis.asyncio
        from fastapi_users.authentication import JWTStrategy
        store = redis.asyncio.Redis()
        class Revocable(JWTStrategy):
            async def read_token(self, token, user_manager):
                if await store.get(f"revoked:{token}"):
                    return None
                return await super().read_token(token, user_manager)
        def strategy():
            return Revocable(secret=SECRET, lifetime_seconds=600)
        """
    )
    assert told.one(facts.Verification).revocation == "denylist"


def test_a_guard_gives_the_claims_that_a_decision_rests_on() -> None:
    told = program(
        """
        from authx import AuthX
        from fastapi import Depends, FastAPI
        app = FastAPI()
        auth = AuthX()
        @app.post("/login")
        def login(name: str):
            return {"token": auth.create_access_token(uid=name, data={"role": "clerk"})}
        @app.get("/reports")
        def reports(payload=Depends(auth.access_token_required)):
            if payload.role != "manager":
                raise PermissionError
        """
    )
    assert at(told.one(facts.Trust, claim="role")) == ("app.py", 10)


@pytest.mark.parametrize(("name", "trusted"), [("JWTStatelessUserAuthentication", True), ("JWTAuth", False)])
def test_request_auth_is_what_the_authentication_class_makes_of_it(name: str, trusted: bool) -> None:
    told = program(
        f"""
        from django.contrib.auth.models import AbstractUser
        from ninja_extra import NinjaExtraAPI
        from ninja_jwt.authentication import {name}
        from ninja_jwt.controller import NinjaJWTDefaultController
        class Member(AbstractUser):
            pass
        api = NinjaExtraAPI(auth={name}())
        api.register_controllers(NinjaJWTDefaultController)
        @api.get("/reports")
        def reports(request):
            if request.auth.role != "manager":
                raise PermissionError
        """
    )
    assert bool(told.all(facts.Trust)) == trusted


def test_ending_the_frameworks_session_revokes_tokens_that_it_backs() -> None:
    views = """
    from django.contrib.auth import logout
    from django.urls import path
    def leave(request):
        logout(request)
    urlpatterns = [path("logout/", leave)]
    """
    backed = django("ROOT_URLCONF = 'urls'\nHEADLESS_TOKEN_STRATEGY = 'allauth.headless.tokens.strategies.jwt.JWTTokenStrategy'\n", views)
    assert backed.one(facts.Handler, role="logout").revokes
    alone = django("ROOT_URLCONF = 'urls'\n", f"{SIMPLEJWT_URLS}\nfrom views import leave\n", views=views)
    assert not alone.one(facts.Handler, role="logout").revokes


# -- claims ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "return {'sub': user.pk, 'role': user.role}",
        "payload = base(user)\n    payload['role'] = user.role\n    return payload",
        "payload = base(user)\n    payload.update(role=user.role)\n    return payload",
        "payload = base(user)\n    for name, value in {'role': user.role}.items():\n        payload[name] = value\n    return payload",
    ],
)
def test_a_function_named_in_a_setting_gives_claims(body: str) -> None:
    told = django(
        "ROOT_URLCONF = 'urls'\nJWT_AUTH = {'JWT_PAYLOAD_HANDLER': 'hooks.payload'}\n",
        LEGACY_URLS,
        hooks=f"from rest_framework_jwt.utils import jwt_payload_handler as base\ndef payload(user):\n    {body}\n",
    )
    claim = told.one(facts.Claim)
    assert (claim.name, claim.place.path) == ("role", "hooks.py")


def test_what_a_hook_writes_elsewhere_is_no_claim() -> None:
    hook = "@jwt.additional_claims_loader\ndef more(user):\n    seen['role'] = user.role\n    return {'level': user.level}"
    assert [claim.name for claim in flask_jwt_extended("", hook).all(facts.Claim)] == ["level"]


# -- answers ---------------------------------------------------------------------------------------------------------


def test_a_response_function_named_in_a_setting_answers_in_the_librarys_place() -> None:
    settings = "ROOT_URLCONF = 'urls'\nJWT_AUTH = {'JWT_RESPONSE_PAYLOAD_HANDLER': 'hooks.answer'}\n"
    telling = django(settings, LEGACY_URLS, hooks="def answer(token, user=None, request=None):\n    return {'token': token}\n")
    assert at(telling.one(facts.Delivery, medium="body")) == ("hooks.py", 2)
    silent = django(settings, LEGACY_URLS, hooks="def answer(token, user=None, request=None):\n    return {'user': user.name}\n")
    assert not silent.all(facts.Delivery, medium="body")


# -- cookies ---------------------------------------------------------------------------------------------------------

COOKIE = "response = jsonify()\n    set_access_cookies(response, create_access_token('1'))\n    return response"


def test_a_cookies_flag_points_to_the_setting_that_sets_it() -> None:
    told = flask_jwt_extended("app.config['JWT_COOKIE_SECURE'] = False", login=COOKIE)
    assert [at(cookie) for cookie in told.all(facts.Delivery, secure="off")] == [("app.py", 5)]
    assert [at(cookie) for cookie in told.all(facts.Delivery, same_site="missing")] == [("app.py", 11)]


def test_a_cookies_flag_points_to_the_call_where_the_default_holds() -> None:
    told = flask_jwt_extended("app.config['JWT_COOKIE_SAMESITE'] = 'Lax'", login=COOKIE)
    cookie = told.one(facts.Delivery, medium="cookie")
    assert (cookie.place.line, cookie.secure, cookie.http_only, cookie.same_site) == (11, "off", "on", "lax")


@pytest.mark.parametrize("value", ["True", "not app.debug", "os.environ['SECURE']"])
def test_a_flag_that_can_hold_in_production_is_fine(value: str) -> None:
    told = flask_jwt_extended(f"app.config['JWT_COOKIE_SECURE'] = {value}", login=COOKIE)
    assert not told.all(facts.Delivery, secure="off")


def test_a_library_that_sets_cookies_by_itself_points_to_the_setting_that_tells_it_to() -> None:
    told = django(
        "ROOT_URLCONF = 'urls'\nREST_AUTH = {\n    'USE_JWT': True,\n    'JWT_AUTH_COOKIE': 'a',\n    'JWT_AUTH_HTTPONLY': False,\n}\n",
        "from django.urls import include, path\nurls = [path('auth/', include('dj_rest_auth.urls'))]\n",
    )
    assert at(told.one(facts.Delivery, secure="off")) == ("settings.py", 4)
    assert at(told.one(facts.Delivery, http_only="off")) == ("settings.py", 5)


# -- the query string, keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("location", "read"), [("['headers', 'query_string']", True), ("['headers']", False)])
def test_a_setting_that_takes_tokens_from_the_query_string_is_told(location: str, read: bool) -> None:
    told = flask_jwt_extended(f"app.config['JWT_TOKEN_LOCATION'] = {location}")
    assert [at(one) for one in told.all(facts.Delivery, medium="url", direction="read")] == [("app.py", 5)] * read


@pytest.mark.parametrize(
    "configured",
    [
        "config = AuthXConfig()\nconfig.JWT_SECRET_KEY = 'guess'",
        "config = AuthXConfig(JWT_SECRET_KEY='guess')",
        "config = AuthXConfig(\n    JWT_SECRET_KEY='guess'\n)",
    ],
)
def test_a_configuration_object_holds_the_key(configured: str) -> None:
    told = program(
        "from authx import AuthX, AuthXConfig\nfrom fastapi import FastAPI\n"
        f"{configured}\nauth = AuthX(config=config)\napp = FastAPI()\n"
        "@app.post('/login')\ndef login(name: str):\n    return {'token': auth.create_access_token(uid=name)}\n"
    )
    assert told.one(facts.SigningKey).source == "literal"


def test_a_pair_of_keys_makes_a_mere_secret_no_signing_key() -> None:
    settings = "ROOT_URLCONF = 'urls'\nSECRET_KEY = 'guess'\nSIMPLE_JWT = {'ALGORITHM': 'RS256'}\n"
    assert not django(settings).all(facts.SigningKey)
    assert django(settings.replace("RS256", "HS256")).one(facts.SigningKey).place.line == 2


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("return response", True),
        ("return Response(response.data)", True),
        ("return Response({'token': response.data['access'], 'name': request.user.name})", True),
        ("del response.data['refresh']\n        return response", True),
        ("serializer = self.get_serializer(data=request.data)\n        return Response(serializer.validated_data)", True),
        ("made = self.get_serializer(data=request.data).validated_data\n        return Response({'key': made['access']})", True),
        ("return Response({'detail': 'welcome'})", False),
        ("return Response({'token': request.data['token']})", False),
        ("return Response({'status': response.status_code, 'name': response.data['name']})", False),
        ("response.data.pop('access')\n        return response", False),
        ("response.data = {'detail': 'welcome'}\n        return response", False),
        ("del response.data['access']\n        return response", False),
    ],
)
def test_a_view_that_extends_the_librarys_may_keep_the_tokens_out_of_its_body(answer: str, told: bool) -> None:
    views = f"""
from rest_framework.response import Response
from rest_framework_simplejwt.views import TokenObtainPairView


class LoginView(TokenObtainPairView):
    def post(self, request, *args, **kwargs):
        response = super().post(request, *args, **kwargs)
        {answer}
"""
    urls = "from django.urls import path\nfrom views import LoginView\nurlpatterns = [path('login/', LoginView.as_view())]\n"
    found = django("ROOT_URLCONF = 'urls'\n", urls, views=views)
    assert {one.purpose for one in found.all(facts.Mint)} == {"session"}
    assert bool(found.all(facts.Delivery, medium="body")) == told
