"""An instance's processor as a simulated CloudWatch measured it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stanch.aws import Aws
from stanch.lab.processor import Load, publish
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import Denied, Environment
from stanch.model.finding import Finding, Form, Instance
from stanch.model.ports import Reader
from stanch.playbooks import load
from stanch.probes.metrics import processor
from stanch.stages.measure import measure, wanted

REGION = "eu-west-1"
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_readings_of_this_instance_between_the_times_are_given_in_order(aws: Aws) -> None:
    mine, other = (Instance(name, aws.account, REGION) for name in ("i-0000000000000001", "i-0000000000000002"))
    publish(Load(mine, AT - 3 * HOUR, AT - HOUR, 12.5), Load(mine, AT - HOUR, AT, 98.0), Load(other, AT - HOUR, AT, 1))
    readings = processor(aws.reader(aws.account, REGION), mine.id, AT - 2 * HOUR, AT + HOUR)
    assert [value for _, value in readings] == [12.5] * 12 + [98.0] * 12
    assert [datetime.fromisoformat(time) for time, _ in readings] == [
        AT - 2 * HOUR + n * timedelta(minutes=5) for n in range(24)
    ]
    assert processor(aws.reader(aws.account, REGION), "i-0000000000000003", AT - HOUR, AT) == ()


class Refusing:
    """A reader to which CloudWatch says no."""

    def read(self, service: str, operation: str, **params: JSON) -> JSONObject:
        """Refuse."""
        raise Denied(f"{service}:{operation}", "AccessDenied", "not allowed")


def nobody(account: str, region: str) -> Reader:
    """No door to that account."""
    raise Environment(f"{account} cannot be entered")


FOUND = Finding("f", "111122223333", REGION, "CryptoCurrency:EC2/BitcoinTool.B", 8, AT, Form.GUARDDUTY, "GuardDuty")
HOST = Instance("i-0000000000000001", "111122223333", REGION)


@pytest.mark.parametrize(
    ("reader_of", "why"), [(lambda *_: Refusing(), "AccessDenied"), (nobody, "111122223333 cannot be entered")]
)
def test_what_cannot_be_asked_is_said_and_stops_nothing(reader_of: object, why: str) -> None:
    told = measure(replace(FOUND, instance=HOST), 1, reader_of)  # type: ignore[arg-type]  # one of two doors
    assert told.readings == ()
    assert why in told.why


def test_only_what_a_question_needs_is_measured() -> None:
    shelf = load()
    about = replace(FOUND, instance=HOST)
    assert wanted(shelf["crypto_mining"], about)
    assert not wanted(shelf["crypto_mining"], FOUND)
    assert not wanted(shelf["malicious_ip"], about)
