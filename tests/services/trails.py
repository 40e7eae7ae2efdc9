"""What an attacker does to a trail, and where it ended before."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from models.columns import table
from models.engine import Audit, AuditHead
from services.office import Actor
from services.trail import Anchor
from store.sessions import writing
from tests.office import BEGINS, Scene

AUDIT, HEAD = table(Audit), table(AuditHead)
KEEPER = Actor("keeper")
LATER = BEGINS + timedelta(days=1)


def end_of(scene: Scene) -> Anchor:
    last = scene.rows(Audit)[-1]
    return Anchor(last.seq, last.hash, last.at.isoformat())


def run(scene: Scene, *statements: Any) -> None:
    with writing(scene.engine) as session:
        for statement in statements:
            session.connection().execute(text(statement) if isinstance(statement, str) else statement)


def unguard(scene: Scene) -> None:
    """The first thing an attacker with the whole database does."""
    sqlite = scene.engine.dialect.name == "sqlite"
    names = ("audit_no_update", "audit_no_delete") if sqlite else ("audit_no_change",)
    run(scene, *(f"DROP TRIGGER {name}" + ("" if sqlite else " ON audit") for name in names))
