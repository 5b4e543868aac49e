"""Fixes for findings: working them out with the recipes, applying them round by round, writing files."""
