"""Sessions of logged-in users, kept in the database: see README.md beside this file."""
