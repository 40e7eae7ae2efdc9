"""What changed between two texts: nothing lost, nothing made up, and read in pieces."""

from hypothesis import given
from hypothesis import strategies as st

from domain.text_diff import text_diff


@given(
    before=st.text(alphabet="建成三所幼儿园,。", max_size=40),
    after=st.text(alphabet="建成五所小学,。", max_size=40),
)
def test_the_pieces_give_both_texts_again(before: str, after: str) -> None:
    pieces = list(text_diff(before, after))

    assert "".join(text for kind, text in pieces if kind != "in") == before
    assert "".join(text for kind, text in pieces if kind != "out") == after
    assert all(text for _, text in pieces)


def test_a_change_stands_between_what_stayed() -> None:
    assert list(text_diff("建成三所幼儿园。", "建成五所幼儿园。")) == [
        ("same", "建成"),
        ("out", "三"),
        ("in", "五"),
        ("same", "所幼儿园。"),
    ]


def test_a_single_character_that_happens_to_be_the_same_splits_nothing() -> None:
    assert list(text_diff("甲乙丙丁戊", "子丑丙寅卯")) == [("out", "甲乙丙丁戊"), ("in", "子丑丙寅卯")]


def test_equal_texts_have_no_change() -> None:
    assert list(text_diff("一样", "一样")) == [("same", "一样")]
    assert list(text_diff("", "")) == []
