"""Sessions that a contained credential minted are followed by their keys and denied, each in its own account."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random

import pytest

from stanch.lab.caller import Caller
from stanch.lab.cloudtrail import Pen, user_session
from stanch.lab.world import PROD, SANDBOX, Role
from stanch.model.contained import Followed, Persisted, Proposed
from stanch.model.walked import Paged
from stanch.respond.further import by_the_sweep
from stanch.respond.watch import look
from stanch.respond.watch.minted import DEPTH, MANY

from .night import START, Night

LEAKED, ADDRESS = "leaked_user_key", "203.0.113.150"
MINUTE = timedelta(minutes=1)
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
NUMBERS = count()


@dataclass
class Chain:
    """Whoever holds the leaked key, and roles that he may assume."""

    night: Night
    dice: Random = field(default_factory=lambda: Random(next(NUMBERS)))

    def role(self, account: str) -> Role:
        name, iam = f"hop-{next(NUMBERS)}", self.night.eyes.client(account, "iam")
        made = iam.create_role(RoleName=name, Path="/app/", AssumeRolePolicyDocument=TRUST)["Role"]
        return Role(account, name, made["Arn"], made["RoleId"])

    def thief(self) -> Caller:
        session = user_session(self.night.world.users["maria.lindqvist"], ADDRESS, "aws-cli/2")
        return Caller(session, self.night.lab.clock, Pen(self.dice))

    def looked(self, after: timedelta = 2 * MINUTE) -> None:
        self.night.lab.clock.set(START + after)
        look(self.night.house, by_the_sweep, self.night.file(LEAKED).id)

    def denied(self) -> set[tuple[str, str]]:
        """(account, role) of each session that is denied."""
        mine = (one.change for one in self.night.file(LEAKED).containments if one.change.action == "I4")
        return {(one.target.account, one.target.name) for one in mine}

    def pages(self) -> str:
        return "\n".join(one.text for one in self.night.told(Paged))


@pytest.fixture
def chain(night: Night) -> Chain:
    night.lab.clock.set(START - 10 * MINUTE)
    return Chain(night)


def test_a_session_and_the_one_minted_from_it_are_denied_in_their_own_accounts(chain: Chain) -> None:
    first, second = chain.role(PROD.id), chain.role(SANDBOX.id)
    one = chain.thief().assume(first, "deploy")
    two = one.assume(second, "further")
    assert two.call("s3", "ListBuckets") == ""
    chain.night.walk(LEAKED)
    chain.looked()
    assert chain.denied() == {(PROD.id, first.name), (SANDBOX.id, second.name)}
    assert {name for name in chain.night.eyes.denies() if "hop-" in name} == {
        f"role/{first.name}",
        f"role/{second.name}",
    }
    assert (one.call("s3", "ListBuckets"), two.call("s3", "ListBuckets")) == ("AccessDenied", "AccessDenied")
    assert [(told.depth, told.own) for told in chain.night.told(Followed)] == [(1, True), (2, True)]


def test_another_session_of_the_same_role_works_on(chain: Chain) -> None:
    role = chain.role(PROD.id)
    chain.thief().assume(role, "stolen")
    other = user_session(chain.night.world.users["erik.nyman"], "192.0.2.10", "aws-cli/2")
    healthy = Caller(other, chain.night.lab.clock, Pen(chain.dice)).assume(role, "healthy")
    chain.night.walk(LEAKED)
    chain.looked()
    assert healthy.call("s3", "ListBuckets") == ""
    assert len(chain.denied()) == 1


def test_a_followed_session_is_proved_by_its_own_denied_calls_and_not_by_the_keys(chain: Chain) -> None:
    session = chain.thief().assume(chain.role(SANDBOX.id), "deploy")
    chain.night.walk(LEAKED)
    chain.looked()
    assert session.call("s3", "ListBuckets") == "AccessDenied"
    chain.looked(3 * MINUTE)
    one = chain.night.one(LEAKED, "I4")
    assert one.effective == "1 calls of the contained principal were denied"
    assert chain.night.told(Persisted) == ()


def test_looking_again_denies_nothing_twice(chain: Chain) -> None:
    chain.thief().assume(chain.role(PROD.id), "deploy")
    chain.night.walk(LEAKED)
    chain.looked()
    sent = len(chain.night.changes())
    chain.looked(3 * MINUTE)
    assert len(chain.night.changes()) == sent
    assert len(chain.night.told(Followed)) == 1


def test_a_session_outside_the_organisation_is_paged_about(chain: Chain) -> None:
    arn = "arn:aws:sts::999900002222:assumed-role/theirs/away"
    user = {"assumedRoleId": "AROAEXAMPLEEXAMPLE123:away", "arn": arn}
    answer = {"credentials": {"accessKeyId": "ASIAEXAMPLEEXAMPLE12"}, "assumedRoleUser": user}
    chain.thief().write("sts:AssumeRole", "theirs", response=answer)
    chain.night.walk(LEAKED)
    chain.looked()
    assert chain.denied() == set()
    assert "minted a session in account 999900002222, which is not ours" in chain.pages()
    assert [told.own for told in chain.night.told(Followed)] == [False]


def test_no_more_hops_are_followed_than_the_bound(chain: Chain) -> None:
    roles = [chain.role(PROD.id) for _ in range(DEPTH + 1)]
    caller = chain.thief()
    for number, role in enumerate(roles):
        caller = caller.assume(role, f"hop{number}")
    chain.night.walk(LEAKED)
    chain.looked()
    assert chain.denied() == {(PROD.id, role.name) for role in roles[:DEPTH]}
    assert f"beyond {DEPTH} sessions deep" in chain.pages()


def test_no_more_sessions_are_followed_than_the_bound(chain: Chain) -> None:
    role, thief = chain.role(PROD.id), chain.thief()
    for number in range(MANY + 1):
        thief.assume(role, f"one{number}")
    chain.night.walk(LEAKED)
    chain.looked()
    assert len(chain.night.told(Followed)) == MANY
    assert f"beyond {MANY} sessions" in chain.pages()


def test_sessions_of_a_declared_pipeline_wait_for_a_person(chain: Chain) -> None:
    chain.thief().assume(chain.night.world.roles["deploy-storefront"], "deploy")
    chain.night.walk(LEAKED)
    chain.looked()
    assert chain.denied() == set()
    assert [told.change.action for told in chain.night.told(Proposed)] == ["I4"]


def test_nothing_is_followed_where_nothing_is_contained(chain: Chain) -> None:
    chain.thief().assume(chain.role(PROD.id), "deploy")
    chain.night.walk(LEAKED)
    assert chain.night.told(Followed) != ()  # the first look comes with the walk
    before = len(chain.night.told(Followed))
    for action in [one.change.action for one in chain.night.file(LEAKED).containments][::-1]:
        chain.night.revert(LEAKED, action)
    chain.night.lab.clock.set(START + MINUTE)
    chain.thief().assume(chain.role(PROD.id), "again")
    chain.looked()
    assert len(chain.night.told(Followed)) == before
