from pathlib import Path

import pytest

from stanch.model.errors import BadInput
from stanch.settings import SourceTable, load_settings


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "CHECKPOINTS", "PROFILE", "CONTEXT", "GUARDRAILS", "ROLE", "ASSUME", "SOURCE", "SINK"):
        monkeypatch.delenv(f"STANCH_{name}", raising=False)


def write(folder: Path, text: str) -> Path:
    (folder / "stanch.toml").write_text(text)
    return folder


def test_without_any_settings_nothing_is_chosen_for_the_operator(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert settings.profile is None
    assert settings.state == tmp_path / ".stanch"
    assert settings.checkpoints == str(tmp_path / ".stanch" / "checkpoints.log")
    assert (settings.role, settings.assume, settings.context, settings.source) == ("stanch-responder", "auto", None, ())


def test_flags_stand_over_variables_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 'profile = "article"\nrole = "from-file"\nassume = "always"\n[[source]]\nurl = "sqs://findings"\n')
    monkeypatch.setenv("STANCH_PROFILE", "hardened")
    monkeypatch.setenv("STANCH_ROLE", "from-variable")
    settings = load_settings(tmp_path, role="from-flag", state=None)
    assert (settings.assume, settings.profile, settings.role) == ("always", "hardened", "from-flag")
    assert settings.source == (SourceTable(url="sqs://findings"),)


def test_relative_paths_count_from_the_working_folder(tmp_path: Path) -> None:
    write(
        tmp_path,
        'state = "s"\ncontext = "context.yaml"\nguardrails = "/etc/cedar"\nsigma = "rules"\nplaybooks = "own"\n',
    )
    settings = load_settings(tmp_path)
    assert (settings.state, settings.context) == (tmp_path / "s", tmp_path / "context.yaml")
    assert (settings.sigma, settings.playbooks) == (tmp_path / "rules", tmp_path / "own")
    assert settings.guardrails == Path("/etc/cedar")
    assert settings.checkpoints == str(tmp_path / "s" / "checkpoints.log")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('proflie = "article"', "setting proflie: is not known"),
        ('profile = "lenient"', "setting profile: .*'article' or 'hardened'"),
        ('[[source]]\nurl = "a"\nuri = "b"', r"setting source\.0\.uri: is not known"),
        ('[[sink]]\nurl = "a"', "setting sink: sinks are not built yet"),
        ('checkpoints = "s3://bucket/log"', "setting checkpoints: .*not built yet"),
        ('role = "arn:aws:iam::111122223333:role/x"', "setting role: must be the name"),
        ("profile = ", r"stanch\.toml cannot be read"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        load_settings(write(tmp_path, text))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("STANCH_PROFLIE", "article", "the variable STANCH_PROFLIE is no setting"),
        ("STANCH_ASSUME", "never", "setting assume"),
        ("STANCH_SOURCE", "[{", "STANCH_"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match=why):
        load_settings(tmp_path)


def test_an_override_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="setting speed: is not known"):
        load_settings(tmp_path, speed="high")


def test_budgets_floors_and_rings_are_settings(tmp_path: Path) -> None:
    write(tmp_path, '[budgets]\naccount = 3\n[floors]\nproduction = 0.99\n[rings]\nI2 = ["sandbox"]\n')
    settings = load_settings(tmp_path)
    assert settings.budgets.model_dump() == {"organisation": 20, "account": 3, "playbook": 10, "reserve": 5}
    assert settings.floors == {"production": 0.99}
    assert settings.rings == {"I2": ("sandbox",)}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[budgets]\naccount = -1", "budgets.account"),
        ("[budgets]\nacount = 1", "budgets.acount"),
        ("[floors]\nproduction = 1.5", "floors.production"),
        ("[floors]\nprod = 0.9", "floors.prod"),
        ('guardrails = "https://example.org/rules"', "guardrails"),
    ],
)
def test_a_limit_that_is_none_is_named(tmp_path: Path, text: str, named: str) -> None:
    write(tmp_path, text)
    with pytest.raises(BadInput, match=named):
        load_settings(tmp_path)


def test_policies_may_lie_in_a_bucket(tmp_path: Path) -> None:
    write(tmp_path, 'guardrails = "s3://rules/team/"')
    assert load_settings(tmp_path).guardrails == "s3://rules/team/"
