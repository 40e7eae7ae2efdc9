"""Somebody signed in, for views that are asked without a page."""

from models.columns import table
from models.organisation import AccountRole, Unit
from services.office import Actor
from services.sign_in import SignedIn
from tests.office import Scene


def signed_in(scene: Scene, actor: Actor) -> SignedIn:
    """The account as the door knows it."""
    (unit,) = scene.rows(Unit, table(Unit).c.id == actor.unit_id)
    return SignedIn(
        actor=actor,
        login=actor.name.removeprefix("account:"),
        role=AccountRole(actor.role),
        unit_name=unit.name,
        path=unit.path,
        language="en",
        csrf="",
        session_id=0,
    )
