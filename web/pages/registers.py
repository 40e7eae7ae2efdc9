"""The registers of the office: letters, rectifications; each narrowed by its address and saved as a file."""

from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from domain.errors import DubanError
from domain.numbers import LetterKind
from models.paper import LetterState
from models.rectification import RectificationState
from services.accounts import unit_called
from services.views.rectification_ledger import (
    Ledger,
    LedgerFilter,
    ledger_to_export,
    rectification_ledger,
)
from services.views.registers import LetterFilter, LetterRegister, letter_register, letters_to_export
from web.exports import SheetForm, sheet_answer
from web.guard import GuardedRoute, me_of
from web.render import Page, render, speaker_of
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Word = Annotated[str, Query(max_length=200)]
Row = Annotated[int, Query(ge=0, le=2**62)]


@dataclass(frozen=True)
class Asked:
    """What a register was asked for."""

    @property
    def query(self) -> str:
        """The filters that say something, as they stand in an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True)
class LettersAsked(Asked):
    """The filters as they stand in the address; a `unit` by its code or name."""

    kind: Word = ""
    state: Word = ""
    text: Word = ""
    unit: Word = ""
    directive: Row = 0

    def filter(self, request: Request) -> LetterFilter:
        """The same for the query. Raises NotFoundError or InvalidInputError for a unit nobody is called."""
        unit = _unit_of(request, self.unit)
        return LetterFilter(self.kind, self.state, self.text.strip(), unit, self.directive)


@dataclass(frozen=True)
class LedgerAsked(Asked):
    """The filters of the ledger as they stand in the address."""

    state: Word = ""
    unit: Word = ""
    late: bool = False

    def filter(self, request: Request) -> LedgerFilter:
        """The same for the query. Raises NotFoundError or InvalidInputError for a unit nobody is called."""
        return LedgerFilter(self.state, _unit_of(request, self.unit), self.late)


@dataclass(frozen=True, kw_only=True)
class LetterRegisterPage(Page):
    """The register, and what it was asked for."""

    template: ClassVar[str] = "letter_register.html"
    register: LetterRegister
    asked: LettersAsked
    kinds: tuple[LetterKind, ...] = tuple(LetterKind)
    states: tuple[LetterState, ...] = tuple(LetterState)


@dataclass(frozen=True, kw_only=True)
class LedgerPage(Page):
    """The ledger, and what it was asked for."""

    template: ClassVar[str] = "rectification_ledger.html"
    ledger: Ledger
    asked: LedgerAsked
    states: tuple[RectificationState, ...] = tuple(RectificationState)


def _unit_of(request: Request, text: str) -> int:
    return int(unit_called(site_of(request).office, text.strip()).id) if text.strip() else 0


@router.get("/letters", name="letter_register")
def letter_register_page(
    request: Request, asked: Annotated[LettersAsked, Depends()], before: Row = 0
) -> Response:
    """The letters issued by the reader's part of the tree."""
    site, me = site_of(request), me_of(request)
    try:
        wanted = asked.filter(request)
    except DubanError as error:
        nothing = LetterRegister((), 0, 0)
        return render(request, LetterRegisterPage(register=nothing, asked=asked, error=error))
    found = letter_register(site.office, me, wanted, before)
    return render(request, LetterRegisterPage(register=found, asked=asked))


@router.get("/letters.{form}", name="export_letters")
def export_letters(request: Request, form: SheetForm, asked: Annotated[LettersAsked, Depends()]) -> Response:
    """Exactly the letters of the same address, as a file."""
    _ = speaker_of(request).gettext
    headers = [
        _("document number"),
        _("kind"),
        _("issuer"),
        _("title"),
        _("addressees"),
        _("issued"),
        _("state"),
    ]
    rows = letters_to_export(site_of(request).office, me_of(request), asked.filter(request))
    return sheet_answer(_("Register of letters"), headers, rows, form)


@router.get("/rectifications", name="rectification_ledger")
def ledger_page(request: Request, asked: Annotated[LedgerAsked, Depends()], before: Row = 0) -> Response:
    """The rectifications of the reader's part of the tree."""
    site, me = site_of(request), me_of(request)
    try:
        wanted = asked.filter(request)
    except DubanError as error:
        return render(request, LedgerPage(ledger=Ledger((), 0, 0), asked=asked, error=error))
    found = rectification_ledger(site.office, me, site.clock(), wanted, before)
    return render(request, LedgerPage(ledger=found, asked=asked))


@router.get("/rectifications.{form}", name="export_rectifications")
def export_ledger(request: Request, form: SheetForm, asked: Annotated[LedgerAsked, Depends()]) -> Response:
    """Exactly the rectifications of the same address, as a file."""
    site = site_of(request)
    _ = speaker_of(request).gettext
    headers = [
        _("unit"),
        _("problem"),
        _("circular"),
        _("directive"),
        _("ordered on"),
        _("reply by"),
        _("replied on"),
        _("mend by"),
        _("state"),
        _("times sent back"),
        _("verified on"),
    ]
    rows = ledger_to_export(site.office, me_of(request), site.clock(), asked.filter(request))
    return sheet_answer(_("Rectification ledger"), headers, rows, form)
