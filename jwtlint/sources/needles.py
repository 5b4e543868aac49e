"""What is looked for in the bytes of Python files, and the subjects that it stands for (bits)."""

from __future__ import annotations

from collections.abc import Collection

from jwtlint.sources.look import CODE, NOQA, REMARK

TOKENS = 1
RELATED = 2
REMARK_WORDS = {"jwtlint:": REMARK, "noqa": NOQA, "NOQA": NOQA, "JWT": CODE}
# passwords, logouts and keys: what plays a part without an import of the token's modules
RELATED_WORDS = (
    "password Password PASSWORD passwd logout Logout LogOut LOGOUT log_out logoff signout sign_out SignOut signOut "
    "SECRET secret_key JWT is_active is_admin is_superuser role"
).split()


def needles_for(token_words: Collection[str]) -> dict[bytes, int]:
    """Each needle with its subjects; ``token_words`` are those of the libraries that make and read tokens."""
    found = {word.encode(): RELATED for word in RELATED_WORDS}
    for word, subject in (*((word, TOKENS) for word in token_words), *REMARK_WORDS.items()):
        found[word.encode()] = found.get(word.encode(), 0) | subject
    return found
