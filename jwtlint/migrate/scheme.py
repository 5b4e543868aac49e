"""The word before the token in the Authorization header (RFC 9110 §11.4), as the application wants it.

It stands where the header is taken apart (``scheme != "Token"``), or in a setting that is named there (``settings.jwt_token_prefix``),
or in a setting of the library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jwtlint.migrate.study import Study

USUAL = "Bearer"
WRITTEN = re.compile(r"[\"'](Token|JWT|Bearer) ?[\"']")
# the name of a setting, as it is used where the header is read
NAMED = re.compile(r"\b(?=\w*(?:token|auth|jwt|header))(?=\w*(?:prefix|scheme|header_type))[a-z_]\w*", re.IGNORECASE)
# of flask-jwt-extended and of djangorestframework-simplejwt, which read them by themselves
OF_LIBRARIES = ("JWT_HEADER_TYPE", "AUTH_HEADER_TYPES")
# behind the name: an annotation, then the word itself, as the default of what reads an environment, or as the first of several; in
# lower case only what can hardly be something else (a prefix of keys in Redis)
GIVEN = (
    r"\b[\"']?\]?\s*(?::[^=\n\"']*)?[=:]\s*"
    r"(?:[\w.]+\((?:[\"'][^\"'\n]*[\"']\s*,\s*(?=[\"'])|[^()\n]*\bdefault\s*=\s*)?)?"
    r"[(\[]?\s*[\"']([A-Z][\w-]*|token|jwt) ?[\"']"
)


def scheme_of(study: Study) -> str:
    """The word; where several could be meant one that somebody chose comes before the usual one."""
    paths = {fact.place.path for fact in study.verifications()} | set(study.files.mentioning("uthorization"))
    texts = [text(study, path) for path in sorted(filter(study.own, paths))]
    names = {match[0] for one in texts for match in NAMED.finditer(one)}
    chosen = {word for name in sorted({*names, *OF_LIBRARIES}) for word in values(study, name)}
    written = {match[1] for one in texts for match in WRITTEN.finditer(one)}
    for words in (chosen, written):
        unusual = sorted(word for word in words if word.lower() != USUAL.lower())
        if unusual:
            return unusual[0]
    return USUAL


def values(study: Study, name: str) -> Iterator[str]:
    """The words that the application's files give a setting."""
    given = re.compile(rf"\b{re.escape(name)}{GIVEN}")
    for path in filter(study.own, study.files.mentioning(name)):
        for match in given.finditer(text(study, path)):
            yield match[1]


def text(study: Study, path: str) -> str:
    return (study.files.data(path) or b"").decode("utf-8", "replace")
