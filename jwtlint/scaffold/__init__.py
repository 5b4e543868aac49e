"""``jwtlint scaffold``: server-side sessions, generated into the user's application."""
