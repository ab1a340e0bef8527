"""Costs say when acting pays; the floors hold all the same."""

import pytest

from stanch.model.change import TargetKind
from stanch.model.stakes import LOOK, STAKES


@pytest.mark.parametrize(
    ("kind", "production", "at"),
    [
        (TargetKind.ROLE_SESSION, False, 0.225),
        (TargetKind.ACCESS_KEY, False, 0.38),
        (TargetKind.INSTANCE, True, 0.718),
        (TargetKind.ADDRESS, False, 0.125),
    ],
)
def test_containing_pays_from_here_on(kind, production, at):
    assert STAKES[kind].contain(production=production) == pytest.approx(at, abs=0.001)


def test_looking_does_not_pay_below_six_in_a_thousand():
    assert LOOK.dismiss == pytest.approx(0.00588, abs=1e-5)


def test_every_kind_of_target_has_its_price_and_production_is_never_cheaper():
    assert set(STAKES) == set(TargetKind)
    assert all(one.contain(production=True) >= one.contain() for one in STAKES.values())
