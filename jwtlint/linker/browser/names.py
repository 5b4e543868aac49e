"""Which names speak of a token that logs somebody in, and which of a token of another kind."""

from __future__ import annotations

from functools import lru_cache

from jwtlint.linker.vocabulary import words

TOKENS = frozenset(("token", "tokens", "jwt", "jwts", "bearer"))
# words that run together in names: ``authtoken``, ``accesstoken``, ``tokenlogin``
RUN_TOGETHER = tuple(f"{one}token" for one in "access auth jwt user refresh my app login id bearer session".split())
# half of a pair that a login answers (djangorestframework-simplejwt); alone they say little
HALVES = frozenset(("access", "refresh"))
# a token of another kind, or something about a token
OTHERS = frozenset(
    (
        "csrf xsrf forgery antiforgery push fcm apns device notification notifications firebase registration vapid reset verify "
        "verification  confirm confirmation confirmed activation activate invite invitation invited captcha recaptcha hcaptcha "
        "turnstile theme design color  colour cart state nonce verifier challenge pkce expiry expires expire expired expiration "
        "exp ttl lifetime type kind valid validity  invalid status is has had should can page cursor next continuation mapbox "
        "maps stripe payment share sharing sharable public upload  download preview search limit usage max min num total count "
        "counter prompt completion completions time timestamp date at issued iat  created error errors message loading checked "
        "refreshing timer interval timeout id_hint unsubscribe email mail magic otp totp mfa  code setup embed gift coupon "
        "discount widget visitor guest anonymous analytics tracking segment sentry amplitude intercom hubspot  github gitlab "
        "bitbucket slack discord telegram spotify twitch openai anthropic huggingface notion jira figma bot webhook endpoint "
        "url uri path header headers prefix scheme provider providers name names label list length index symbol price balance "
        "contract  address mint erc20 nft crypto swap pair chain wallet decimals color style styles tokenizer tokenize parser "
        "lexer syntax ast word  words remember_hint seen saved"
    ).split()
)
# after which a token opens one thing, once
ONE_TIME = frozenset(
    (
        "reset verify verification confirm confirmation activate activation invite invitation invites unsubscribe magic "
        "register registration  signup join accept forgot recover recovery"
    ).split()
)
# what a variable is called that says nothing by itself
VAGUE = frozenset(
    (
        "value val v data d result res response resp r x t s e el item it current user payload state store action session auth account me "
        "body headers header config options request req args props params this key name id self obj object text str string json get post"
    ).split()
)


@lru_cache(maxsize=16_384)
def is_token(name: str) -> bool:
    """Whether a name speaks of a token, and of no other kind than one that logs in."""
    parts = set(words(name))
    return bool(parts & TOKENS or any(one in name.lower().replace("_", "").replace("-", "") for one in RUN_TOGETHER)) and not is_other(name)


@lru_cache(maxsize=16_384)
def is_half(name: str) -> bool:
    """Whether a name is half of a pair of tokens."""
    parts = words(name)
    return len(parts) <= 2 and bool(HALVES & set(parts)) and not is_other(name)


@lru_cache(maxsize=16_384)
def is_other(name: str) -> bool:
    """Whether a name speaks of a token of another kind, or of something about a token."""
    parts = words(name)
    if not OTHERS.isdisjoint(parts):
        return True
    return parts[:2] == ("id", "hint")


def says_jwt(name: str) -> bool:
    """Whether a name says that the token is a JWT."""
    return "jwt" in name.lower()


def last_name(text: str) -> str:
    """The last name of a template's expression, filters cut off: of ``request.cookies['jwt']|tojson`` it is ``jwt``."""
    text = text.partition("|")[0].strip().rstrip("()")
    for sign in "[]'\"":
        text = text.replace(sign, ".")
    return next((part for part in reversed(text.split(".")) if part.strip()), "").strip()
