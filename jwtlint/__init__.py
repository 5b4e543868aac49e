"""jwtlint finds JSON Web Tokens that are used as sessions."""

__version__ = "0.1.0"
