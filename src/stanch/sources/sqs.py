"""Findings from an SQS queue, where EventBridge or an SNS topic puts them; each comes at least once."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from stanch.aws import queue
from stanch.model.data import JSON
from stanch.model.errors import BadInput
from stanch.model.finding import Skip
from stanch.sources import Kind, Record, decode

LONG_POLL = 20
"""Seconds to wait for the first message before the queue counts as empty; the longest that SQS allows."""
MAX_MESSAGES = 10_000
"""Messages that are taken in one go; what is left comes with the next."""


@dataclass(frozen=True)
class Messages:
    """What is in a queue. A message is deleted when it is acknowledged, else it comes again."""

    address: str
    queue: queue.Queue
    wait_seconds: int = LONG_POLL
    vouched: bool = False
    handles: dict[str, str] = field(default_factory=dict)
    """Record name -> handle of its newest delivery."""

    def records(self) -> Iterator[Record | Skip]:
        """What is in the queue now, each message once, waiting for the first; call again for more.

        Ends after MAX_MESSAGES, so that a flood is walked in portions. Raises FailedResponse.
        """
        seen: set[str] = set()
        while len(seen) < MAX_MESSAGES:
            batch = queue.receive(self.queue, 0 if seen else self.wait_seconds)
            fresh = [message for message in batch if message.id not in seen]
            if not fresh:
                return
            for message in fresh:
                seen.add(message.id)
                name = f"sqs://{self.address}/{message.id}"
                self.handles[name] = message.handle
                yield _read(name, message.body)

    def ack(self, name: str) -> None:
        """Delete the message; a name that was not received is ignored. Raises FailedResponse."""
        if name in self.handles:
            queue.delete(self.queue, self.handles[name])
            del self.handles[name]


def open_messages(text: str) -> Messages:
    """The queue that `sqs://…` names. Raises BadInput or FailedResponse."""
    address = text.partition("://")[2].strip("/")
    return Messages(address, queue.open_queue(address))


SOURCE = Kind(scheme="sqs", open=open_messages)


def _read(name: str, body: str) -> Record | Skip:
    try:
        return Record(name, _unwrap(decode(body)))
    except BadInput as error:
        return Skip(name, str(error), malformed=True)


def _unwrap(body: JSON) -> JSON:
    """What was published, where a topic wrapped it."""
    if not (isinstance(body, dict) and body.get("Type") == "Notification" and "Message" in body):
        return body
    message = body["Message"]
    if not isinstance(message, str):
        raise BadInput("Message: the body of an SNS notification must be a string")
    return decode(message)
