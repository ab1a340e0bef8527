"""A fence in which nothing speaks against containing, and floods to fill its budgets with."""

from stanch.actions import catalogue
from stanch.guardrails import Budget, Disruption, Fence

ACCOUNT = "111122223333"
OTHER = "444455556666"
RINGS = ("sandbox", "non-production", "production")
OPEN = Fence(
    budget=Budget(20, 10, 10, 5),
    disrupted=(),
    privileged=(),
    environment="production",
    ou="",
    in_protected_ou="no",
    floor=0.0,
    freeze="",
    freezes_all=False,
    rings=dict.fromkeys(catalogue(), RINGS),
)


def flood(number: int, *, account: str = OTHER, playbook: str = "another") -> tuple[Disruption, ...]:
    """So many users cut within the hour."""
    return tuple(Disruption(account, f"arn:aws:iam::{account}:user/flood-{n}", playbook) for n in range(number))
