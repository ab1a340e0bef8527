import json
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws

from stanch.aws.queue import ADDRESS, open_queue
from stanch.model.errors import BadInput, FailedResponse
from stanch.model.finding import Skip
from stanch.sources import Record, open_source
from stanch.sources.sqs import Messages

Send = Callable[[str], object]


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch) -> Iterator[Send]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("sqs")
        # Not hidden after delivery: what is not deleted is there again at the next look.
        url = client.create_queue(QueueName="findings", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
        yield lambda body: client.send_message(QueueUrl=url, MessageBody=body)


def first(source: Messages) -> Record | Skip | None:
    return next(source.records(), None)


def look() -> Messages:
    return Messages("findings", open_queue("findings"), wait_seconds=0)


def test_a_message_comes_again_until_it_is_acknowledged(send: Send) -> None:
    send('{"a": 1}')
    source = look()
    one = first(source)
    assert isinstance(one, Record)
    assert one.body == {"a": 1}
    assert first(source) == one
    source.ack(one.name)
    assert first(source) is None
    assert not source.vouched


@pytest.mark.parametrize(("number", "hidden_seconds"), [(5, "0"), (25, "30")])
def test_one_look_gives_each_message_once_though_none_is_acknowledged_yet(
    send: Send, number: int, hidden_seconds: str
) -> None:
    source = look()
    source.queue.client.set_queue_attributes(
        QueueUrl=source.queue.url, Attributes={"VisibilityTimeout": hidden_seconds}
    )
    for n in range(number):
        send(f'{{"n": {n}}}')
    bodies = [one.body for one in source.records() if isinstance(one, Record)]
    assert sorted(map(str, bodies)) == sorted(str({"n": n}) for n in range(number))


def test_what_a_topic_wrapped_is_unwrapped(send: Send) -> None:
    send(json.dumps({"Type": "Notification", "MessageId": "m", "Message": '{"a": 1}'}))
    one = first(look())
    assert isinstance(one, Record)
    assert one.body == {"a": 1}


@pytest.mark.parametrize("body", ["hello", '{"a": NaN}', '{"Type": "Notification", "Message": "hello"}'])
def test_a_message_that_cannot_be_read_is_a_skip_that_can_be_acknowledged(send: Send, body: str) -> None:
    send(body)
    source = look()
    one = first(source)
    assert isinstance(one, Skip)
    assert one.malformed
    source.ack(one.record)
    assert first(source) is None


def test_a_queue_that_is_not_there_is_said_at_once(send: Send) -> None:
    with pytest.raises(FailedResponse, match="sqs:GetQueueUrl"):
        open_source("sqs://absent")


@pytest.mark.parametrize(
    ("address", "region", "account", "name"),
    [
        ("findings", None, None, "findings"),
        ("111122223333/findings.fifo", None, "111122223333", "findings.fifo"),
        ("eu-west-1/111122223333/findings", "eu-west-1", "111122223333", "findings"),
        ("sqs.us-gov-west-1.amazonaws.com/111122223333/f", "us-gov-west-1", "111122223333", "f"),
    ],
)
def test_a_queue_is_named_alone_or_by_the_parts_of_its_url(
    address: str, region: str | None, account: str | None, name: str
) -> None:
    match = ADDRESS.fullmatch(address)
    assert match is not None
    assert (match["region"], match["account"], match["name"]) == (region, account, name)


@pytest.mark.parametrize("address", ["", "a/b", "evil.example/111122223333/findings", "findings/", "fin dings"])
def test_anything_else_names_no_queue(address: str) -> None:
    with pytest.raises(BadInput, match="names no queue"):
        open_queue(address)
