"""What the office does with a letter (sign, take back) and with a rectification that was handed in."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from domain.errors import DubanError
from services.letters import SignLetter, TakeBackLetter, sign_letter, take_back_letter
from services.rectifications import VerifyRectification, verify_rectification
from services.views.letters_received import letter_view
from web.answers import perform
from web.guard import GuardedRoute, me_of
from web.pages.letters_received import LetterPage
from web.pages.rectifications import show_rectification
from web.render import render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Key = Annotated[str, Form(max_length=100)]
Text = Annotated[str, Form(max_length=20_000)]


@router.post("/letters/{letter_id}/sign", name="sign_letter_post")
def sign_letter_post(request: Request, letter_id: int, key: Key = "") -> Response:
    """签发: it goes out when its hold has passed."""
    return perform(
        request,
        sign_letter,
        SignLetter,
        {"letter_id": letter_id},
        to=f"/letters/{letter_id}",
        done="letter_signed",
        again=partial(_show, request, letter_id, "sign"),
        key=key,
    )


@router.post("/letters/{letter_id}/take-back", name="take_back_letter_post")
def take_back_letter_post(request: Request, letter_id: int, key: Key = "", reason: Text = "") -> Response:
    """Stop it before it is issued."""
    return perform(
        request,
        take_back_letter,
        TakeBackLetter,
        {"letter_id": letter_id, "reason": reason},
        to=f"/letters/{letter_id}",
        done="letter_taken_back",
        again=partial(_show, request, letter_id, "take_back"),
        key=key,
    )


@router.post("/rectifications/{rectification_id}/verify", name="verify_rectification_post")
def verify_rectification_post(
    request: Request,
    rectification_id: int,
    key: Key = "",
    accept: Annotated[str, Form(max_length=20)] = "",
    reason: Text = "",
) -> Response:
    """验收: close it out, or send it back to the same unit."""
    return perform(
        request,
        verify_rectification,
        VerifyRectification,
        {"rectification_id": rectification_id, "accept": accept, "reason": reason},
        to="/queue",
        done="rectification_verified" if accept == "yes" else "rectification_returned",
        again=partial(show_rectification, request, rectification_id, "verify"),
        key=key,
    )


def _show(request: Request, letter_id: int, sent: str, error: DubanError, typed: dict[str, str]) -> Response:
    view = letter_view(site_of(request).office, me_of(request), letter_id)
    return render(request, LetterPage(view=view, sent=sent, error=error, typed=typed))
