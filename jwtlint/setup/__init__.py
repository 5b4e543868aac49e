"""Sets jwtlint up in a repository: configuration, pre-commit hook, CI."""
