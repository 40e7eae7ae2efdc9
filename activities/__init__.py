"""Thin: take the office clock, open a session, call a service."""
