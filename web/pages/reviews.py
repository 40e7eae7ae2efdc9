"""Deciding on a unit task in one place: review, extension, dispute, spot check."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends, Form, Request, Response

from domain.errors import DubanError, InvalidInputError
from services.access import require_seen
from services.accounts import unit_called
from services.on_behalf import EnterPaper, enter_paper
from services.reviews import (
    DecideDispute,
    DecideExtension,
    ReviewSubmission,
    decide_dispute,
    decide_extension,
    review,
)
from services.spot_checks import CheckSpot, spot_check
from services.views.review_page import ReviewView, review_view
from web.answers import perform
from web.guard import GuardedRoute, me_of
from web.pages.evidence import Given, given, stored
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Key = Annotated[str, Form(max_length=100)]
Text = Annotated[str, Form(max_length=20_000)]
Choice = Annotated[str, Form(max_length=20)]
YES, NO = "yes", "no"


@dataclass(frozen=True, kw_only=True)
class ReviewPage(Page):
    """One unit task and what is to be decided about it."""

    template: ClassVar[str] = "review.html"
    view: ReviewView


@router.get("/unit-tasks/{unit_task_id}/review", name="review")
def review_page(request: Request, unit_task_id: int, done: str = "") -> Response:
    """For whoever may see the task; the forms stand there for whoever may decide."""
    return _show(request, unit_task_id, done=done)


@router.post("/unit-tasks/{unit_task_id}/review", name="review_post")
def review_post(
    request: Request, unit_task_id: int, key: Key = "", accept: Choice = "", reason: Text = ""
) -> Response:
    """审核: accept, or return with a reason."""
    return perform(
        request,
        review,
        ReviewSubmission,
        {"unit_task_id": unit_task_id, "accept": accept, "reason": reason},
        to="/queue",
        done="accepted" if accept == YES else "returned",
        again=partial(_show, request, unit_task_id, "review"),
        key=key,
    )


@router.post("/unit-tasks/{unit_task_id}/decide-extension", name="decide_extension_post")
def decide_extension_post(  # noqa: PLR0913, PLR0917 -- a form's fields
    request: Request,
    unit_task_id: int,
    extension_id: Annotated[int, Form()],
    key: Key = "",
    grant: Choice = "",
    granted: Text = "",
    answer: Text = "",
) -> Response:
    """Grant a definite date, or refuse."""
    granting = grant == YES

    def again(error: DubanError, typed: dict[str, str]) -> Response:  # noqa: ARG001 -- what was typed is here in full
        return _show(request, unit_task_id, "extension", error, {"granted": granted, "answer": answer})

    if granting and not granted.strip():
        return again(InvalidInputError("Fill in: %(field)s.", field="granted"), {})
    return perform(
        request,
        decide_extension,
        DecideExtension,
        {"extension_id": extension_id, "granted": granted if granting else "", "answer": answer},
        to="/queue",
        done="extension_granted" if granting else "extension_refused",
        again=again,
        key=key,
    )


@router.post("/unit-tasks/{unit_task_id}/decide-dispute", name="decide_dispute_post")
def decide_dispute_post(  # noqa: PLR0913, PLR0917 -- a form's fields
    request: Request,
    unit_task_id: int,
    dispute_id: Annotated[int, Form()],
    key: Key = "",
    uphold: Choice = "",
    unit: Text = "",
    answer: Text = "",
) -> Response:
    """Decide whose task it is; `unit` is the code or the name of the one that takes it over."""
    upheld = uphold == YES

    def again(error: DubanError, typed: dict[str, str]) -> Response:  # noqa: ARG001 -- what was typed is here in full
        return _show(request, unit_task_id, "dispute", error, {"unit": unit, "answer": answer})

    try:
        to_unit = unit_called(site_of(request).office, unit.strip()).id if upheld and unit.strip() else None
    except DubanError as error:
        return again(error, {})
    return perform(
        request,
        decide_dispute,
        DecideDispute,
        {"dispute_id": dispute_id, "upheld": upheld, "answer": answer, "reassign_to": to_unit},
        to="/queue",
        done="dispute_upheld" if upheld else "dispute_rejected",
        again=again,
        key=key,
    )


@router.post("/unit-tasks/{unit_task_id}/spot-check", name="spot_check_post")
def spot_check_post(
    request: Request, unit_task_id: int, key: Key = "", keep: Choice = "", reason: Text = ""
) -> Response:
    """回头看: keep it accepted, or open it again."""
    return perform(
        request,
        spot_check,
        CheckSpot,
        {"unit_task_id": unit_task_id, "keep": keep, "reason": reason},
        to=f"/unit-tasks/{unit_task_id}/review",
        done="spot_check_kept" if keep == YES else "spot_check_reopened",
        again=partial(_show, request, unit_task_id, "spot"),
        key=key,
    )


@router.post("/unit-tasks/{unit_task_id}/paper", name="enter_paper_post")
def enter_paper_post(  # noqa: PLR0913, PLR0917 -- a form's fields
    request: Request,
    unit_task_id: int,
    brought: Annotated[Given, Depends(given)],
    what: Choice = "",
    text: Text = "",
    progress: Choice = "",
) -> Response:
    """代录: a paper of a unit that does not sign in, with its scan."""
    typed = {"what": what, "text": text, "progress": progress, "effective_on": brought.effective_on}
    again = partial(_show, request, unit_task_id, "paper")
    require_seen(site_of(request).office, me_of(request), {"unit_task_id": unit_task_id})
    try:
        scans = stored(request, brought)
        if len(scans) != 1:
            raise InvalidInputError("Choose one file: the scan of the paper.", field="evidence")
    except DubanError as error:
        return again(error, typed)
    fields = {
        "unit_task_id": unit_task_id,
        "what": what,
        "text": text,
        "progress": progress,
        "scan": scans[0],
    }
    return perform(
        request,
        enter_paper,
        EnterPaper,
        fields,
        to=f"/unit-tasks/{unit_task_id}/review",
        done="paper_entered",
        again=lambda error, _typed: again(error, typed),
        key=brought.key,
    )


def _show(  # noqa: PLR0913, PLR0917 -- the page, and what is left of a form that came back
    request: Request,
    unit_task_id: int,
    sent: str = "",
    error: DubanError | None = None,
    typed: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    site, me = site_of(request), me_of(request)
    view = review_view(site.office, site.evidence, me, unit_task_id, site.clock())
    return render(request, ReviewPage(view=view, error=error, typed=typed, done=done, sent=sent))
