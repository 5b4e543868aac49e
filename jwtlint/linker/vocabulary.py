"""The words by which claims, handlers and stores are known, and how names are cut into words."""

from __future__ import annotations

import re
from functools import lru_cache

from jwtlint.facts.lifecycle import ClaimCategory

IDENTIFIERS = frozenset(
    (
        "sub user_id userid uid id user_pk pk username user_name login account_id user_uuid uuid identity member_id customer_id "
        "employee_id public_id user_identifier subject oid"
    ).split()
)
REGISTERED = frozenset(
    (
        "exp iat nbf iss aud jti typ type token_type tokentype azp nonce auth_time acr amr at_hash c_hash sid session_id "
        "sessionid ver version token_version fresh csrf purpose action kind orig_iat origiat refresh access kid alg session "
        "epoch stamp use token_use nbf_at expires expires_at expiry expiration issued_at created_at ttl family token_id "
        "session_key session_version iss_at state exp_at random salt device device_id remember rnd"
    ).split()
)
AUTHORIZATION = frozenset(
    (
        "role roles role_id role_ids role_name user_role user_roles permission permissions perms scope scopes group groups "
        "is_admin isadmin admin is_superuser superuser is_staff staff privileges privilege rights authorities authority "
        "access_level accesslevel clearance plan tier subscription user_type usertype account_type tenant_role tenant_roles "
        "org_role team_role acl grants capabilities rls is_moderator is_owner is_manager is_root user_level level features "
        "entitlements rol roleid authorization policies policy is_premium premium allowed_actions admin_level is_super_user"
    ).split()
)
PROFILE = frozenset(
    (
        "email mail e_mail email_address name first_name firstname last_name lastname full_name fullname given_name family_name "
        "avatar picture image photo phone phone_number mobile address locale language lang timezone theme preferences settings "
        "profile display_name displayname nickname nick company organisation organization birthdate birthday gender user "
        "user_data userdata user_info userinfo bio country city avatar_url image_url surname middle_name department job_title "
        "title"
    ).split()
)
SECRETS = frozenset(
    (
        "password passwd pwd password_hash hashed_password passwordhash hash api_key apikey secret client_secret card_number "
        "card credit_card cvv pan ssn private_key otp_secret totp_secret pin access_key secret_key encrypted_password"
    ).split()
)

# flags that say something of the account or of the token, and grant nothing
STATES = frozenset(
    (
        "is_active is_verified is_confirmed is_authenticated is_anonymous is_new is_email_verified is_first_login is_enabled "
        "is_refresh is_access is_fresh is_revoked is_temporary is_valid is_guest is_online is_deleted is_disabled is_banned "
        "is_registered is_complete is_api_token is_refresh_token is_access_token is_mobile is_long_lived is_session"
    ).split()
)

PASSWORD_ATTRIBUTES = frozenset(
    (
        "password hashed_password password_hash passwd pwd hash_password encrypted_password pw_hash user_password "
        "password_digest _password hashedpassword passwordhash _password_hash hash"
    ).split()
)
ACTIVE_ATTRIBUTES = frozenset(
    (
        "is_active active disabled is_disabled enabled is_enabled banned is_banned blocked is_blocked suspended is_suspended "
        "deactivated status deleted is_deleted deleted_at locked is_locked banned_at disabled_at deactivated_at blocked_at "
        "suspended_at archived_at terminated_at"
    ).split()
)
ROLE_ATTRIBUTES = frozenset(
    "role roles is_admin admin is_superuser superuser is_staff staff permissions groups role_id user_role is_moderator".split()
)

SESSION_CLAIMS = frozenset("jti sid session_id sessionid session token_id session_key family kid_session tid token_family".split())
DENY_WORDS = frozenset(
    (
        "blacklist blacklisted blocklist blocklisted denylist denylisted denied revoked revocation revoke blocked invalidated "
        "invalid black deny"
    ).split()
)
ALLOW_WORDS = frozenset("whitelist allowlist whitelisted allowed active allow white live valid issued".split())
SESSION_WORDS = frozenset("session sessions".split())

ONE_TIME_WORDS = frozenset(
    (
        "reset verify verification confirm confirmation activate activation invite invitation invitations magic unsubscribe "
        "download forgot recover recovery passwordless onetime otp csrf state oauth_state nonce email_change signed_url unlock "
        "approve approval share sharing preview pkce captcha challenge mfa totp twofactor emailverification resetpassword "
        "optout attachment link"
    ).split()
)
SERVICE_WORDS = frozenset(
    (
        "service internal machine app bot github installation apns push fcm provider assertion client_assertion webhook s2s "
        "microservice worker server gateway agent zoom jitsi livekit twilio appstore connect vapid"
    ).split()
)
FEDERATION_WORDS = frozenset("id_token idtoken oidc openid embed embedded guest sso jwks issuer metabase superset".split())
LOGIN_WORDS = frozenset("login signin authenticate auth token tokens session sessions obtain authorize jwt access".split())

GUESSABLE_MINIMUM = 1


@lru_cache(maxsize=65_536)
def words(name: str) -> tuple[str, ...]:
    """A name cut into lower-case words at underscores, other signs, and changes of case (``getJWTToken`` -> get jwt token)."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return tuple(part.lower() for part in parts)


@lru_cache(maxsize=16_384)
def plain(name: str) -> str:
    """A claim's name in snake case (``isAdmin`` -> ``is_admin``); a name space before ``/`` or ``:`` is cut off."""
    name = name.rpartition("/")[2].rpartition(":")[2]
    return "_".join(words(name)) or name.lower()


def claim_category(name: str, extra_roles: frozenset[str] = frozenset(), extra_profile: frozenset[str] = frozenset()) -> ClaimCategory:
    """What kind of claim a name speaks of (RFC 7519 §4.1 for the registered ones)."""
    key = plain(name)
    if name in extra_roles or key in extra_roles:
        return "authorization"
    if name in extra_profile or key in extra_profile:
        return "profile"
    flat = key.replace("_", "")
    for vocabulary, category in CATEGORIES:
        if key in vocabulary or flat in vocabulary:
            return category
    parts = set(key.split("_"))
    if parts & {"password", "passwd", "secret", "apikey"} and not parts & {
        "reset",
        "change",
        "changed",
        "confirm",
        "expired",
        "set",
        "update",
    }:
        return "secret"
    if key.endswith(("api_key", "secret_key", "private_key", "password_hash", "_apikey")):
        return "secret"
    if parts & {"role", "roles", "permission", "permissions", "scope", "scopes", "privileges", "admin", "superuser"}:
        return "authorization"
    if parts & {"email", "phone", "avatar", "firstname", "lastname", "fullname", "address"}:
        return "profile"
    if key.endswith(("_id", "_uuid")):
        return "identifier"
    if key.startswith(("is_", "can_", "may_")) and key not in STATES:
        return "authorization"
    return "other"


CATEGORIES: tuple[tuple[frozenset[str], ClaimCategory], ...] = (
    (AUTHORIZATION, "authorization"),
    (SECRETS, "secret"),
    (IDENTIFIERS, "identifier"),
    (REGISTERED, "registered"),
    (PROFILE, "profile"),
)
