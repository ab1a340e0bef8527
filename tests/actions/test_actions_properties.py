"""Whatever the state and wherever it crashes: forward comes to its end and stays there, inverse restores what was."""

from dataclasses import replace
from itertools import takewhile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanch.actions._examples import TERMS
from stanch.actions._firewall import Firewall
from stanch.actions._isolation import Isolation
from stanch.actions.detach_elastic_ip import Reachable
from stanch.actions.preserve_evidence import Protection
from stanch.model.change import Action

from .states import ACTIONS, AWS, DENIES, INSERTS, STATES

REVERTING = [name for name, action in ACTIONS.items() if not action.no_inverse]
"""Actions that are taken back; a repair is not."""


def contain(action: Action[Any], target: Any, state: Any, crash: int) -> Any:
    """The state after at most `crash` accepted calls of planning and sending in turn."""
    sent = 0
    for _ in range(8):
        left = action.forward(target, state, TERMS)
        for call in takewhile(lambda one: not one.waits_for, left):
            if sent == crash:
                return state
            state, sent = AWS[action.id](state, call), sent + 1
    return state


def undo(action: Action[Any], target: Any, before: Any, state: Any, crash: int = 10**6) -> Any:
    sent = 0
    for _ in range(8):
        for call in action.inverse(target, before, state, TERMS).calls:
            if sent == crash:
                return state
            state, sent = AWS[action.id](state, call), sent + 1
    return state


def bare(state: Any) -> Any:
    """The state without what is meant to stay: evidence, the isolation group, counters and ids of AWS's."""
    match state:
        case Protection():
            return replace(state, copies=())
        case Isolation():
            return replace(state, group=None, groups=())
        case Reachable():
            places = tuple(replace(one, association="") for one in state.elastic)
            return replace(state, elastic=places, free=tuple(sorted(state.free)))
        case Firewall():
            return replace(state, lock_token="", addresses=tuple(sorted(state.addresses)))
        case _:
            return state


@pytest.mark.parametrize("id", ACTIONS)
@settings(deadline=None, max_examples=60)
@given(data=st.data(), crash=st.integers(0, 8))
def test_forward_comes_to_its_end_from_any_crash(id: str, data: st.DataObject, crash: int) -> None:
    action, before = ACTIONS[id], data.draw(STATES[id])
    target = action.examples[0][0]
    half = contain(action, target, before, crash)
    done = contain(action, target, half, 10**6)
    assert action.forward(target, done, TERMS) == ()
    assert action.objections(target, done) == ()


@pytest.mark.parametrize("id", REVERTING)
@settings(deadline=None, max_examples=60)
@given(data=st.data(), crash=st.integers(0, 8), second=st.integers(0, 8), kept=st.booleans())
def test_inverse_restores_from_any_crash(id: str, data: st.DataObject, crash: int, second: int, kept: bool) -> None:
    action, before = ACTIONS[id], data.draw(STATES[id])
    target = action.examples[0][0]
    state = contain(action, target, before, crash)
    if kept:
        for call in action.keep(target, state, TERMS):
            state = AWS[id](state, call)
    half = undo(action, target, before, state, second)
    done = undo(action, target, before, half)
    assert bare(done) == bare(before)
    assert action.inverse(target, before, done, TERMS).calls == ()


@pytest.mark.parametrize("id", ACTIONS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_what_is_shown_as_inverse_is_what_will_be_done(id: str, data: st.DataObject) -> None:
    action, before = ACTIONS[id], data.draw(STATES[id])
    target = action.examples[0][0]
    left = contain(action, target, before, 10**6)
    shown = action.inverse(target, before, None, TERMS).calls
    done = action.inverse(target, before, left, TERMS).calls
    assert [(call.name, call.resource) for call in shown] == [(call.name, call.resource) for call in done]


@pytest.mark.parametrize("id", ACTIONS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_two_states_have_an_undo(id: str, data: st.DataObject) -> None:
    action = ACTIONS[id]
    before, now = data.draw(STATES[id]), data.draw(STATES[id])
    left = action.inverse(action.examples[0][0], before, now, TERMS)
    assert all(call.waits_for == "" for call in left.calls)
    assert all(conflict for conflict in left.conflicts)


@pytest.mark.parametrize("id", [*DENIES, *INSERTS])
@settings(deadline=None, max_examples=60)
@given(data=st.data(), crash=st.integers(0, 2))
def test_keeping_comes_to_its_end(id: str, data: st.DataObject, crash: int) -> None:
    action, before = ACTIONS[id], data.draw(STATES[id])
    target = action.examples[0][0]
    state = contain(action, target, before, crash)
    for call in action.keep(target, state, TERMS):
        state = AWS[id](state, call)
    assert action.keep(target, state, TERMS) == ()
    assert action.forward(target, state, TERMS) == ()
