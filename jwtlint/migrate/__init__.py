"""From JWT sessions to the generated session table: a plan, and the changes that carry it out.

An application goes on speaking of "the token" and "the payload"; what is behind them changes. Where it signs a session's JWT,
``token_for(…)`` puts a stand-in for a session in its place; where it verifies one, ``claims_of(token, lambda: …)`` looks the session
up; where it logs out or changes a password, the sessions end. These functions are generated with the session code (``bridge.py``).
"""
