"""Migrations of the sessions; the same tables as plain SQL beside them."""
