"""Each call as a line for a person's shell: parsed back, it is the same call."""

import json
import shlex
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from stanch.actions import catalogue, cli_line, possible_calls
from stanch.model.change import Call

CALLS = [
    pytest.param(call, id=f"{name}-{n}-{call.operation}")
    for name, action in catalogue().items()
    for n, call in enumerate(possible_calls(action))
]
SESSION = botocore.session.get_session()


def parsed(line: str) -> tuple[str, str, dict[str, Any]]:
    """Service, operation and parameters as the AWS CLI reads them, with botocore's model of the operation."""
    program, command, operation, *words = shlex.split(line)
    assert program == "aws"
    model = SESSION.get_service_model({"s3api": "s3"}.get(command, command))
    name = next(one for one in model.operation_names if xform_name(one, "-") == operation)
    members = {
        xform_name(one, "-"): (one, shape) for one, shape in model.operation_model(name).input_shape.members.items()
    }
    params: dict[str, Any] = {}
    while words:
        option, _, value = words.pop(0).removeprefix("--").partition("=")
        if option == "region":
            assert words.pop(0) == "eu-west-1"
            continue
        if option == "cli-input-json":
            params = json.loads(words.pop(0))
            continue
        wanted = option.removeprefix("no-") if option not in members else option
        member, shape = members[wanted]
        if shape.type_name == "boolean":
            params[member] = option == wanted
        else:
            text = value or words.pop(0)
            params[member] = text if shape.type_name == "string" else json.loads(text)
    return model.service_name, name, params


@pytest.mark.parametrize("call", CALLS)
def test_a_line_says_exactly_the_call(call: Call) -> None:
    assert parsed(cli_line(call, "eu-west-1")) == (call.service, call.operation, dict(call.params))


def test_a_line_is_one_that_people_know() -> None:
    params = {"UserName": "alice", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"}
    call = Call("iam", "UpdateAccessKey", params, "arn:aws:iam::111122223333:user/alice")
    assert cli_line(call, "eu-west-1") == (
        "aws iam update-access-key --user-name alice --access-key-id AKIAIOSFODNN7EXAMPLE --status Inactive "
        "--region eu-west-1"
    )


def test_a_name_that_looks_like_an_option_is_none() -> None:
    call = Call("iam", "UpdateAccessKey", {"UserName": "--debug"}, "arn")
    assert "--user-name=--debug" in shlex.split(cli_line(call, "eu-west-1"))


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1) | st.sampled_from(
    [
        "-x",
        "--force",
        "file:///etc/passwd",
        "fileb://x",
        "https://example.org/",
        "$(id)",
        "`id`",
        "a'b",
        "a b; id",
        "x\ny",
    ]
)


@given(name=NAMES)
def test_no_name_escapes_its_place(name: str) -> None:
    call = Call("autoscaling", "ExitStandby", {"InstanceIds": ["i-1"], "AutoScalingGroupName": name}, "arn")
    line = cli_line(call, "eu-west-1")
    assert parsed(line) == ("autoscaling", "ExitStandby", dict(call.params))
    assert not [word for word in shlex.split(line) if word.startswith(("file", "http"))]
