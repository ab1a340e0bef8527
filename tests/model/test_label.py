"""Which of the things that people said of a case counts."""

from datetime import UTC, datetime, timedelta

import pytest

from stanch.model.label import Code, How, Label, standing
from stanch.model.verdict import Conclusion

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
TRUE, FALSE, BENIGN = Conclusion.TRUE_POSITIVE, Conclusion.FALSE_POSITIVE, Conclusion.BENIGN


def label(seq: int, conclusion: Conclusion, by: str, how: How) -> Label:
    return Label(conclusion, by, "because", how, AT + timedelta(minutes=seq), seq)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ((), None),
        (((TRUE, "a", How.CONFIRM),), 0),
        (((TRUE, "a", How.CONFIRM), (FALSE, "b", How.REVERT)), 1),
        (((TRUE, "a", How.CONFIRM), (FALSE, "b", How.JUDGE)), 1),
        (((FALSE, "a", How.JUDGE), (TRUE, "b", How.JUDGE)), 1),
        (((FALSE, "a", How.JUDGE), (TRUE, "b", How.CONFIRM)), 0),  # an act implies less than a judgement says
        (((FALSE, "a", How.JUDGE), (TRUE, "a", How.CONFIRM)), 1),  # unless it is the same person's later word
        (((FALSE, "a", How.JUDGE), (TRUE, "b", How.CONFIRM), (BENIGN, "c", How.JUDGE)), 2),
    ],
)
def test_the_latest_word_of_no_less_weight_counts(
    said: tuple[tuple[Conclusion, str, How], ...], wanted: int | None
) -> None:
    found = standing(label(seq, *one) for seq, one in enumerate(said))
    assert (found.seq if found else None) == wanted


def test_only_two_reasons_for_a_revert_say_what_the_case_was() -> None:
    assert {code: code.conclusion for code in Code} == {
        Code.FALSE_POSITIVE: FALSE,
        Code.BENIGN: BENIGN,
        Code.DUPLICATE: None,
        Code.TOO_DISRUPTIVE: None,
        Code.OTHER: None,
    }


def test_insufficient_is_neither_right_nor_wrong() -> None:
    one = label(1, Conclusion.INSUFFICIENT, "a", How.JUDGE)
    assert (one.judged, one.wrong) == (False, False)
    assert [label(1, what, "a", How.JUDGE).wrong for what in (TRUE, FALSE, BENIGN)] == [False, True, True]
