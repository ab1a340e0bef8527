"""What the worker may ask of Athena is what it asks, of its own places only."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from stanch.aws import athena
from stanch.cli import app
from stanch.model.errors import BadInput
from stanch.respond.athena_deployment import athena_policy
from stanch.settings import AthenaTable, load_settings

ASKED = AthenaTable(
    data="s3://example-trail/copy/", answers="s3://example-answers/a", database="logs", workgroup="hunt"
)
POLICY: Any = athena_policy(ASKED, partition="aws-us-gov")
BY_ACTION: dict[str, list[str]] = {}
for statement in POLICY["Statement"]:
    for action in statement["Action"]:
        BY_ACTION.setdefault(action, []).extend(statement["Resource"])


def test_every_call_is_permitted() -> None:
    """The door names the permission of each call that it makes, as a text."""
    source = ast.parse(Path(athena.__file__).read_text("utf-8"))
    asked = {
        str(call.args[1].value)
        for call in ast.walk(source)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "_ask"
        and isinstance(call.args[1], ast.Constant)
    }
    assert len(asked) == 5
    assert asked <= BY_ACTION.keys()


def test_nothing_is_permitted_anywhere_else() -> None:
    assert BY_ACTION["athena:StartQueryExecution"] == ["arn:aws-us-gov:athena:*:*:workgroup/hunt"]
    assert BY_ACTION["s3:PutObject"] == [
        "arn:aws-us-gov:s3:::example-answers/a/*",
        "arn:aws-us-gov:s3:::example-trail/copy/desks/*",
    ]
    assert "arn:aws-us-gov:s3:::example-trail/copy/*" in BY_ACTION["s3:GetObject"]
    assert BY_ACTION["glue:GetTable"][-1] == "arn:aws-us-gov:glue:*:*:table/logs/*"
    assert not [one for one in BY_ACTION if "Delete" in one or one.startswith(("glue:Create", "glue:Update"))]
    assert not [one for resources in BY_ACTION.values() for one in resources if one == "*"]


@pytest.mark.parametrize("configured", [True, False])
def test_it_is_printed_where_athena_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], configured: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    text = '[athena]\ndata = "s3://example-trail/copy"\nanswers = "s3://example-answers"\n'
    (tmp_path / "stanch.toml").write_text(text if configured else "", encoding="utf-8")
    worker = "arn:aws:iam::111122223333:role/stanch-worker"
    app(["deploy", "iam", "--worker", worker, "--organisation", "o-a"], standalone_mode=False)
    printed = json.loads(capsys.readouterr().out)
    assert ("Worker" in printed) is configured


def test_a_place_outside_of_s3_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stanch.toml").write_text(
        '[athena]\ndata = "/tmp"\nanswers = "s3://example-answers"\n', encoding="utf-8"
    )
    with pytest.raises(BadInput, match=r"athena\.data"):
        load_settings(tmp_path)
