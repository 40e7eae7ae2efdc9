"""The rules of the office, pure: standard library only, no clock, no SQL."""
