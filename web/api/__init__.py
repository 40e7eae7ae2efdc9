"""The JSON API: everything a page can do, under /api/v1, for programs that carry a token."""
