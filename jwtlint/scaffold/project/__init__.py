"""What an application consists of, found out without running it: one module a question."""
