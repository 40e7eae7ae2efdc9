"""The tables, one file per aggregate, without behaviour."""
