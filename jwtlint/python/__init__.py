"""The Python front end: from one file's bytes to its facts. Nothing is imported or run."""
