"""What a check looks at and what it finds: rules that name the rows which break them, findings, the report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, String, Table, cast, func, literal, select

from domain.errors import DubanError

MOST = 100
"""Findings of one rule that are named; where there are more, one more of them says so."""


class BrokenError(DubanError):
    """What is wrong with a row."""


@dataclass(frozen=True)
class Finding:
    """One broken invariant (I1 to I13): of which row, and what is wrong."""

    invariant: str
    subject: str
    says: BrokenError

    @property
    def text(self) -> str:
        """What is wrong, in English; `locales.translator` says `says` in another language."""
        return str(self.says)


@dataclass(frozen=True)
class Report:
    """All findings, and how many rows of each sort were looked at."""

    findings: tuple[Finding, ...]
    checked: Mapping[str, int]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass(frozen=True)
class Rule:
    """Every row that `query` gives breaks the invariant. Its column `subject` names the row, others fill `says`."""

    invariant: str
    says: BrokenError
    query: Select[Any]


@dataclass
class Look:
    """One look at one moment of the database."""

    connection: Connection
    findings: list[Finding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)

    def rows(self, query: Select[Any], values: Mapping[str, Any] | None = None) -> list[Row[Any]]:
        """The rows of a query."""
        return list(self.connection.execute(query, values or {}).all())

    def count(self, name: str, source: Table, *where: ColumnElement[bool]) -> None:
        """Count what was looked at under that name."""
        query = select(func.count()).select_from(source).where(*where)
        self.checked[name] = int(self.connection.execute(query).scalar_one())

    def find(self, invariant: str, subject: str, says: BrokenError) -> None:
        """Add a finding."""
        self.findings.append(Finding(invariant, subject, says))

    def apply(self, *rules: Rule) -> None:
        """Add a finding for each row that breaks one of the rules."""
        for rule in rules:
            for number, row in enumerate(self.rows(rule.query.limit(MOST + 1))):
                values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
                subject = str(values.pop("subject"))
                if number == MOST:
                    self.find(rule.invariant, "…", BrokenError("There are more of these than are named."))
                else:
                    self.find(rule.invariant, subject, type(rule.says)(rule.says.message, **values))


def named(sort: str, key: ColumnElement[Any]) -> ColumnElement[str]:
    """The column `subject`: `unit_task/17`, as the audit trail names rows."""
    return (literal(f"{sort}/") + cast(key, String)).label("subject")
