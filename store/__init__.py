"""Engines, the two kinds of session, and evidence bytes."""
