"""The moment of a request, as the views of lights take it."""

from fastapi import Request

from services.views.lights import Moment, moment_at
from web.render import almanac_for


def moment_of(request: Request) -> Moment:
    """Now and the end of soon, by the calendar that the page itself shows."""
    almanac = almanac_for(request)
    return moment_at(almanac.now, almanac.calendar, almanac.tz)
