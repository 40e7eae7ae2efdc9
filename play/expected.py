"""Whether the engine climbed exactly the rungs that the pure ladder climbs for the same acts."""

from datetime import datetime

from services.histories import expected_climbs, recorded_climbs
from services.office import Office

MOST_NAMED = 20


def ladder_differences(office: Office, until: datetime) -> list[str]:
    """A sentence for each rung that is missing, too many, or at another instant; none is right."""
    expected, recorded = expected_climbs(office, until), recorded_climbs(office)
    differences = []
    for key in sorted(expected.keys() | recorded.keys()):
        missing = expected.get(key, set()) - recorded.get(key, set())
        extra = recorded.get(key, set()) - expected.get(key, set())
        name = f"unit task {key[0]}" + (f", rectification {key[1]}" if key[1] else "")
        differences += [f"{name}: not climbed: {one}" for one in sorted(missing)]
        differences += [f"{name}: climbed without cause: {one}" for one in sorted(extra)]
    return differences[:MOST_NAMED]
