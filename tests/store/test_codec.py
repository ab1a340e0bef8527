"""Model types survive the journal exactly, and what does not fit is named."""

import typing
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.model import facts
from stanch.model.change import Call, Change, RevertsBy, Target, TargetKind, Terms
from stanch.model.contained import Intended
from stanch.model.errors import BadInput
from stanch.model.finding import Instance, Interface
from stanch.model.walked import Paged
from stanch.store.codec import KINDS, body, canonical, typed

json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
)


def change(params: object) -> Change:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    machine = Instance("i-1", "111122223333", "eu-west-1", interfaces=(Interface("eni-1", groups=("sg-1", "sg-2")),))
    target = Target(TargetKind.INSTANCE, "111122223333", "eu-west-1", "i-1", machine.arn, instance=machine)
    call = Call("ec2", "ModifyNetworkInterfaceAttribute", typing.cast("dict[str, str]", params), "eni-1")
    terms = Terms("C-1", 1, at, at)
    return Change("E4", "isolate", target, params, (call,), (), "one", "soft", "all", RevertsBy.STANCH, terms)  # type: ignore[arg-type]  # any JSON


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), json))
def test_a_change_comes_back_as_it_went(params):
    fact = Intended("C-1.1/E4/i-1", 1, "p", change(params))
    text = canonical(fact)
    assert body("Intended", text) == fact
    assert canonical(body("Intended", text)) == text


def test_every_kind_of_fact_is_known():
    assert set(KINDS) == {kind.__name__ for kind in typing.get_args(facts.Body)}


@pytest.mark.parametrize(
    ("data", "field"), [({}, "text"), ({"text": "a", "more": 1}, "more"), ({"text": "a", "txt": ""}, "txt")]
)
def test_what_does_not_fit_is_named(data, field):
    with pytest.raises(BadInput, match=field):
        typed(Paged, data)


def test_an_unknown_kind_is_named():
    with pytest.raises(BadInput, match="Teleported"):
        body("Teleported", "{}")
