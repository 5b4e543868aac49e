"""Strings in single quotes, where the application's formatter wants them so."""

from __future__ import annotations

from jwtlint.scaffold.render.tokens import is_string, parts, text_of, tokens_of


def single(source: str) -> str:
    """A module whose plain strings stand in single quotes, as ruff's ``quote-style = "single"`` has it; docstrings keep theirs."""
    tokens = tokens_of(source)
    for token in tokens:
        if is_string(token):
            prefix, quote, body = parts(token.text)
            if quote == '"' and "'" not in body and '"' not in body:
                token.text = f"{prefix}'{body}'"
    return text_of(tokens)
