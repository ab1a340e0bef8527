"""An SQS queue that findings arrive in: receive and delete, nothing else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from stanch.aws.faults import from_answer, from_transport
from stanch.model.errors import BadInput

ADDRESS = re.compile(
    r"(?:(?:(?:sqs\.)?(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])(?:\.amazonaws\.com(?:\.cn)?)?/)?(?P<account>[0-9]{12})/)?"
    r"(?P<name>[A-Za-z0-9_-]{1,80}(?:\.fifo)?)"
)
"""`name`, `account/name`, `region/account/name`, or the queue's URL without `https://`."""
BATCH = 10
"""Messages in one answer, the most that SQS gives."""


@dataclass(frozen=True)
class Queue:
    """An open queue."""

    client: Any
    """boto3's SQS client; boto3 writes its methods at run time."""
    url: str


@dataclass(frozen=True)
class Message:
    """One delivery of a message."""

    id: str
    handle: str
    """What deletes this delivery."""
    body: str


def open_queue(address: str) -> Queue:
    """The queue at this address, with credentials, region and endpoint by the standard variables.

    Raises BadInput for an address that is none, FailedResponse when AWS does not know the queue, Environment without
    credentials, region or endpoint.
    """
    match = ADDRESS.fullmatch(address)
    if match is None:
        raise BadInput(f"sqs://{address} names no queue: write sqs://NAME or sqs://REGION/ACCOUNT/NAME")
    with _failures("sqs:GetQueueUrl"):
        # The read outlasts the longest long poll of 20 s.
        client: Any = boto3.session.Session().client(
            "sqs", region_name=match["region"], config=Config(read_timeout=30, retries={"mode": "standard"})
        )
        owner = {"QueueOwnerAWSAccountId": match["account"]} if match["account"] else {}
        return Queue(client, client.get_queue_url(QueueName=match["name"], **owner)["QueueUrl"])


def receive(queue: Queue, wait_seconds: int) -> tuple[Message, ...]:
    """Up to ten messages, waiting up to 20 s for the first; each comes again if not deleted in time."""
    with _failures("sqs:ReceiveMessage"):
        answer = queue.client.receive_message(
            QueueUrl=queue.url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=wait_seconds
        )
    return tuple(
        Message(one["MessageId"], one["ReceiptHandle"], one.get("Body", "")) for one in answer.get("Messages", [])
    )


def delete(queue: Queue, handle: str) -> None:
    """Take this delivery out of the queue for good."""
    with _failures("sqs:DeleteMessage"):
        queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=handle)


@contextmanager
def _failures(call: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise from_answer(call, error) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise from_transport(call, error) from error
