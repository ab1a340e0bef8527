"""Looks into answers: whatever is there, nothing is guessed and nothing crashes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stanch.aws.answer import at, flag, number, rows, tags, text, texts

ANSWER: Any = {
    "A": {"B": "x", "N": 3, "T": True},
    "L": [{"K": 1}, "s", None],
    "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a"}],
}


def test_what_is_there_is_read() -> None:
    assert text(ANSWER, "A", "B") == "x"
    assert number(ANSWER, "A", "N", default=7) == 3
    assert flag(ANSWER, "A", "T")
    assert rows(ANSWER, "L") == ({"K": 1},)
    assert texts(ANSWER, "L") == ("s",)
    assert tags(ANSWER, "Tags") == (("a", ""), ("b", "2"))


def test_what_is_absent_or_of_another_type_is_empty() -> None:
    assert (text(ANSWER, "A", "N"), text(ANSWER, "A", "B", "C")) == ("", "")
    assert (number(ANSWER, "A", "T", default=7), number(None, "x", default=7)) == (7, 7)
    assert not flag(ANSWER, "A", "N")
    assert (rows(ANSWER, "A"), texts(ANSWER, "A", "B")) == ((), ())


JSONS: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("ABC"), inner),
)


@given(JSONS, st.lists(st.sampled_from("ABC")))
def test_any_json_can_be_looked_into(answer: Any, path: list[str]) -> None:
    at(answer, *path)
    assert isinstance(text(answer, *path), str)
    assert all(isinstance(one, dict) for one in rows(answer, *path))
    assert all(isinstance(one, str) for one in texts(answer, *path))
    assert isinstance(tags(answer, *path), tuple)
