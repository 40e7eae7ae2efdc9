"""Other figures for a policy: taken by name, and refused where nobody could work with them."""

import pytest

from domain.errors import InvalidInputError
from domain.ladder import STANDARD
from domain.ladder_order import check_order, with_figures
from domain.policy import Policy


def test_figures_and_offsets_are_changed_by_name_and_the_rest_stays() -> None:
    policy = with_figures(Policy(), {"acknowledge_days": 5}, {"due_in_three": -2}, {"reminder_letter": 8})

    assert policy.acknowledge_days == 5
    assert [r.offset for r in policy.standard.rungs if r.name == "due_in_three"] == [-2]
    assert [r.offset for r in policy.recurring.rungs if r.name == "reminder_letter"] == [8]
    assert policy.rework_days == Policy().rework_days


def test_the_standard_ladder_is_in_order() -> None:
    check_order(STANDARD)


@pytest.mark.parametrize(
    ("figures", "standard", "said"),
    [
        ({"acknowledge_days": -1}, {}, "acknowledge_days"),
        ({"coffee_days": 3}, {}, "coffee_days"),
        ({"mid_term_month": 13}, {}, "mid_term_month"),
        ({}, {"no_such_rung": 1}, "no_such_rung"),
        ({}, {"reminder_letter": 0}, "reminder_letter"),
        ({}, {"supervision_letter": 5}, "supervision_letter"),
        ({}, {"rectification_circular": 9}, "rectification_circular"),
    ],
)
def test_what_nobody_can_work_with_is_refused(
    figures: dict[str, int], standard: dict[str, int], said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        with_figures(Policy(), figures, standard, {})
