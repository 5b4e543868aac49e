"""Drafts models of a project's own wrappers around the libraries that jwtlint knows."""
