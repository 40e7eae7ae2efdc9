"""A whole year played on the real engine."""
