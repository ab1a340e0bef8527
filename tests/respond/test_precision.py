"""The exact bound against published tables."""

import pytest

from stanch.respond.precision import lower_bound


@pytest.mark.parametrize(
    ("right", "n", "wanted"),
    [  # exact 95 % intervals, 2.5 % on this side: Newcombe, Statistics in Medicine 17 (1998), table I; tables of 10
        (81, 263, 0.2527),
        (15, 148, 0.0578),
        (1, 29, 0.0009),
        (1, 10, 0.0025),
        (5, 10, 0.1871),
        (9, 10, 0.5550),
        (10, 10, 0.6915),
    ],
)
def test_the_bound_is_the_published_one(right: int, n: int, wanted: float) -> None:
    assert lower_bound(right, n, 0.975) == pytest.approx(wanted, abs=5e-5)


@pytest.mark.parametrize("n", [1, 20, 50, 58, 59, 1000])
def test_a_record_without_a_wrong_one_has_a_bound_in_closed_form(n: int) -> None:
    assert lower_bound(n, n) == pytest.approx(0.05 ** (1 / n), abs=1e-9)


def test_a_spotless_record_gets_to_95_percent_at_59_and_not_before() -> None:
    assert lower_bound(58, 58) < 0.95 <= lower_bound(59, 59)


def test_nothing_right_or_nothing_known_has_no_bound_above_zero() -> None:
    assert (lower_bound(0, 7), lower_bound(0, 0)) == (0.0, 0.0)


@pytest.mark.parametrize("n", [1, 7, 40])
def test_the_bound_rises_with_each_right_one_and_stays_below_the_share(n: int) -> None:
    bounds = [lower_bound(right, n) for right in range(n + 1)]
    assert bounds == sorted(set(bounds))
    assert all(bound <= right / n for right, bound in enumerate(bounds))


@pytest.mark.parametrize(("right", "n"), [(-1, 5), (6, 5)])
def test_what_is_no_record_is_refused(right: int, n: int) -> None:
    with pytest.raises(ValueError, match="no record"):
        lower_bound(right, n)
