"""The safe order of a plan."""

import pytest

from stanch.actions import awaits, catalogue, in_order, pace


@pytest.mark.parametrize("credential_case", [False, True])
def test_every_action_has_its_place_and_metadata_is_last(credential_case: bool) -> None:
    ordered = in_order(catalogue(), credential_case=credential_case)
    assert sorted(ordered) == list(catalogue())
    assert ordered[-2:] == ("E6", "E5")
    assert ordered.index("E1") < ordered.index("E2") < ordered.index("E4") < ordered.index("E7")


def test_what_the_case_is_about_comes_first() -> None:
    ids = ("E4", "I3", "E2", "I7", "E1", "E5", "N1")
    assert in_order(ids, credential_case=False) == ("E1", "E2", "I7", "I3", "E4", "N1", "E5")
    assert in_order(ids, credential_case=True) == ("I7", "I3", "E1", "E2", "E4", "N1", "E5")


def test_the_narrow_cuts_come_before_the_wide_ones() -> None:
    assert in_order(("I5", "I3", "I4", "I6", "I7"), credential_case=True) == ("I7", "I6", "I4", "I3", "I5")


@pytest.mark.parametrize("credential_case", [False, True])
def test_an_extensions_action_comes_after_the_network_and_before_power(credential_case: bool) -> None:
    assert in_order(("E5", "X2", "E6", "X1", "E4"), credential_case=credential_case) == ("E4", "X2", "X1", "E6", "E5")


def test_order_is_the_same_whatever_the_playbook_wrote() -> None:
    ids = tuple(catalogue())
    assert in_order(ids, credential_case=False) == in_order(reversed(ids), credential_case=False)


def test_what_cuts_the_network_waits_for_standby_and_credentials_and_nothing_waits_for_evidence() -> None:
    assert all(awaits(network, other) for network in ("E4", "E7", "N1") for other in ("E2", "E3", "I1", "I7"))
    assert not any(awaits(one, "E1") for one in catalogue() if one not in ("E5", "E6"))
    assert not any(awaits("E1", other) for other in catalogue())
    assert awaits("E5", "E1")
    assert awaits("E6", "E1")


def test_an_extension_waits_for_what_is_known_to_cut() -> None:
    assert awaits("MY1", "E4")
    assert not awaits("E4", "MY1")


def test_what_is_awaited_is_ended_with_first() -> None:
    ids = [*catalogue(), "MY1"]
    assert all(pace(other) < pace(one) for one in ids for other in ids if awaits(one, other))
