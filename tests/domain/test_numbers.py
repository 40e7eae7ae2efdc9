"""Document numbers as GB/T 9704-2012, 7.2.5 prints them, one register for each form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.numbers import REGISTER, STATUTORY, LetterKind, StatutoryKind, document_number

parts = st.tuples(
    st.text("云江市督函报通结提", min_size=1, max_size=2),
    st.sampled_from(LetterKind),
    st.integers(1990, 2190),
    st.integers(1, 99999),
)


@pytest.mark.parametrize(
    ("kind", "printed", "statutory"),
    [
        (LetterKind.REMINDER_LETTER, "云督提〔2026〕3号", "函"),
        (LetterKind.SUPERVISION_LETTER, "云督函〔2026〕3号", "函"),
        (LetterKind.RECTIFICATION_CIRCULAR, "云督通〔2026〕3号", "通报"),
        (LetterKind.PROGRESS_CIRCULAR, "云督报〔2026〕3号", "通报"),
        (LetterKind.CLOSING_REPORT, "云督结〔2026〕3号", "报告"),
    ],
)
def test_each_form_has_its_register_and_its_statutory_kind(
    kind: LetterKind, printed: str, statutory: str
) -> None:
    assert document_number("云", kind, 2026, 3) == printed
    assert STATUTORY[kind] is StatutoryKind(statutory)


def test_every_form_has_a_register_of_its_own_and_a_statutory_kind() -> None:
    assert set(REGISTER) == set(STATUTORY) == set(LetterKind)
    assert len(set(REGISTER.values())) == len(LetterKind)


@given(first=parts, second=parts)
def test_two_papers_never_share_a_printed_number(
    first: tuple[str, LetterKind, int, int], second: tuple[str, LetterKind, int, int]
) -> None:
    assert (document_number(*first) == document_number(*second)) is (first == second)


@given(paper=parts)
def test_the_number_has_no_leading_zero_and_the_year_is_in_full(
    paper: tuple[str, LetterKind, int, int],
) -> None:
    year, number = document_number(*paper).split("〔")[1].removesuffix("号").split("〕")

    assert (year, number) == (str(paper[2]), str(paper[3]))


@pytest.mark.parametrize("number", [0, -1])
def test_no_register_begins_before_1(number: int) -> None:
    with pytest.raises(InvalidInputError, match=f"not at {number}"):
        document_number("云", LetterKind.SUPERVISION_LETTER, 2026, number)
