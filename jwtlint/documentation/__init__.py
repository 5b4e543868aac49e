"""What is written about jwtlint from its own data: a static site, and the table of rules in the README."""
