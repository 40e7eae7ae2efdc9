"""Where each role can go from every page, in the order of its day."""

from dataclasses import dataclass

from models.organisation import AccountRole
from services.sign_in import SignedIn
from web.rights import RIGHTS, Open


@dataclass(frozen=True)
class Place:
    """One entry of the head: the route it opens and its address. `rare`: folded away where there are many."""

    route: str
    path: str
    rare: bool = False


PLACES = (
    Place("home", "/"),
    Place("my_unit_tasks", "/my/unit-tasks"),
    Place("overview", "/overview"),
    Place("queue", "/queue"),
    Place("directives", "/directives"),
    Place("unit_tasks", "/unit-tasks"),
    Place("search", "/search"),
    Place("letter_register", "/letters"),
    Place("rectification_ledger", "/rectifications"),
    Place("telling", "/telling", rare=True),
    Place("trail", "/trail", rare=True),
    Place("accounts", "/accounts"),
    Place("organisation", "/organisation"),
    Place("calendars", "/calendars", rare=True),
    Place("policies", "/policies", rare=True),
    Place("system", "/system"),
    Place("inbox", "/inbox"),
    Place("letters_received", "/my/letters"),
    Place("my_rectifications", "/my/rectifications"),
    Place("closed_unit_tasks", "/my/closed-unit-tasks"),
    Place("new_directive", "/directives/new"),
    Place("instructions", "/instructions"),
    Place("webhooks", "/webhooks"),
)


def places_of(me: SignedIn | None) -> tuple[Place, ...]:
    """The places this person may open."""
    return tuple(place for place in PLACES if me is not None and _may(me.role, place.route))


def _may(role: AccountRole, route: str) -> bool:
    right = RIGHTS[route]
    return right is Open.TO_ALL or role in right
