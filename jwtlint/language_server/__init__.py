"""Editors by the Language Server Protocol 3.17: the server, and the process beside it that reads and analyses untrusted code."""
