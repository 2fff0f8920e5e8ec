"""Telling a person what is wrong, once, and that it is well again (docs/alerts.md)."""
