"""What every test of the pages may ask for."""

from tests.web.browser import web

__all__ = ["web"]
