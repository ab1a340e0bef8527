"""A call as the line that does the same with the AWS CLI, for people who do it by hand."""

import json
import re
import shlex
from collections.abc import Iterator

from stanch.model.change import Call
from stanch.model.data import JSON

_COMMANDS = {"s3": "s3api"}
"""The CLI's name of a service where it is not botocore's."""
_LOADED = ("file://", "fileb://", "http://", "https://")
"""The CLI takes a value that begins so for a place to read from."""


def cli_line(call: Call, region: str) -> str:
    """`aws iam update-access-key … --region eu-west-1`, safe to paste into a POSIX shell."""
    words = ["aws", _COMMANDS.get(call.service, call.service), _kebab(call.operation)]
    if any(isinstance(value, str) and value.startswith(_LOADED) for value in call.params.values()):
        words += ["--cli-input-json", json.dumps(call.params)]
    else:
        words += [word for name, value in call.params.items() for word in _option(_kebab(name), value)]
    return shlex.join([*words, "--region", region])


def _option(name: str, value: JSON) -> Iterator[str]:
    if isinstance(value, bool):
        yield f"--{name}" if value else f"--no-{name}"
    elif isinstance(value, str) and value.startswith("-"):
        yield f"--{name}={value}"
    else:
        yield from (f"--{name}", value if isinstance(value, str) else json.dumps(value))


def _kebab(name: str) -> str:
    parted = re.sub(r"(.)([A-Z][a-z]+)", r"\1-\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", parted).lower()
