"""Tests of the sessions: they need pytest, and nothing of the application but its
database driver.
"""
