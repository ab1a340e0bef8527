"""Every setting, in one typed place, read once: flags over `STANCH_*` variables over `stanch.toml`."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from stanch.model.context import Ring
from stanch.model.errors import BadInput

PREFIX = "STANCH_"
_S3 = r"^s3://[a-z0-9][a-z0-9.-]+(/.*)?$"


class SourceTable(BaseModel):
    """One `[[source]]` of `stanch.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    """A path or `sqs://…`, as on the command line."""


Probability = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class BudgetTable(BaseModel):
    """`[budgets]`: how many actors and workloads may be disrupted within an hour before a flood is left to people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Count = 20
    account: Count = 10
    """In any one account."""
    playbook: Count = 10
    """By any one playbook."""
    reserve: Count = 5
    """So many more, of each, for nothing but at-once credential cuts on privileged principals."""


class AthenaTable(BaseModel):
    """`[athena]`: a copy of the trail that `stanch trail query --athena` asks, for `stanch deploy iam` to permit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Annotated[str, Field(pattern=_S3)]
    """s3:// folder of the copy, as given to `stanch trail athena`."""
    answers: Annotated[str, Field(pattern=_S3)]
    """s3:// folder in which the workgroup leaves answers."""
    desks: Annotated[str, Field(pattern=f"^$|{_S3}")] = ""
    """s3:// folder for the small tables of cases; `desks` below the copy, unless named."""
    database: str = "stanch"
    workgroup: str = "primary"


class Settings(BaseSettings):
    """What the operator chose."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    state: Path = Path(".stanch")
    """Folder of the database, the trail and the checkpoint key."""
    checkpoints: str = ""
    """File of the signed checkpoints, `checkpoints.log` in `state` if not named; in production it belongs elsewhere."""
    profile: Literal["article", "hardened"] | None = None
    """What becomes of a containment that nobody answers; None as long as nobody chose."""
    profiles: dict[str, Literal["article", "hardened"]] = {}
    """Another profile for one action or one playbook, by its id; the action's counts more."""
    context: Path | None = None
    """File of the operator's own facts."""
    guardrails: Path | str | None = None
    """Folder of the operator's Cedar policies, or `s3://bucket/prefix`; read again while stanch runs."""
    role: str = "stanch-responder"
    """Role that is assumed in other accounts."""
    roles: tuple[Literal["trust", "bucket-policy"], ...] = ()
    """Further roles that the operator made for what is as strong as an administrator: `<role>-trust` writes trust
    policies (I5), `<role>-bucket-policy` bucket policies (S2). Off unless named."""
    assume: Literal["auto", "always"] = "auto"
    """`always` assumes it in the caller's own account, too."""
    contacts: tuple[str, ...] = ()
    """Names or handles of who is paged, the first first; the second when a last reminder or a revert is unanswered."""
    budgets: BudgetTable = BudgetTable()
    """Containments an hour, counted by actor and disrupted workload."""
    floors: dict[Ring, Probability] = {}
    """By environment of the account: what the probability of malice must reach at least, besides what each case
    needs anyway. An account whose environment is not said is production."""
    rings: dict[str, tuple[str, ...]] = {}
    """Where an action (by its id, or `default`) may act: `sandbox`, `non-production`, `production`, or an
    organisational unit as the context names it. Everywhere, unless said."""
    dead_man: Literal["required", "wanted", "off"] = "wanted"
    """A schedule on AWS's side that takes a containment back if stanch is dead. `wanted`: without one stanch's own
    timer stands alone and a person is paged; `required`: without one nothing is contained; `off`: none is made."""
    hunt: Count = 0
    """Every so many minutes the worker hunts in the state folder's trail for cases of its own; 0: never."""
    sigma: Path | None = None
    """Folder of Sigma's rules for CloudTrail, asked of what a case's credentials did; needs the extra `sigma`."""
    athena: AthenaTable | None = None
    """A copy of the trail in a bucket, asked through Athena; None for none."""
    playbooks: Path | None = None
    """Folder of the operator's own playbooks, beside the shipped ones; they observe first like every other."""
    source: tuple[SourceTable, ...] = ()
    """Where findings come from when the command line names nothing."""
    sink: tuple[object, ...] = ()
    """Where facts are sent; reserved."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings calls it by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` put together: file, variables and flags are merged there, in plain sight."""
        return (init_settings,)

    @field_validator("sink")
    @classmethod
    def _no_sinks(cls, sinks: tuple[object, ...]) -> tuple[object, ...]:
        if sinks:
            raise ValueError("sinks are not built yet: remove the entry")
        return sinks

    @field_validator("checkpoints")
    @classmethod
    def _a_file(cls, checkpoints: str) -> str:
        if "://" in checkpoints:
            raise ValueError("checkpoints outside of files are not built yet: name a file")
        return checkpoints

    @field_validator("guardrails", mode="before")
    @classmethod
    def _a_place(cls, place: object) -> object:
        return Path(place) if isinstance(place, str) and "://" not in place else place

    @field_validator("guardrails")
    @classmethod
    def _in_s3(cls, place: Path | str | None) -> Path | str | None:
        if isinstance(place, str) and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/.*)?", place):
            raise ValueError("must be a folder or s3://bucket/prefix")
        return place

    @field_validator("role")
    @classmethod
    def _a_name(cls, role: str) -> str:
        if not role or not all(one.isascii() and (one.isalnum() or one in "+=,.@_-") for one in role):
            raise ValueError("must be the name of a role, not its ARN")
        return role


def load_settings(folder: Path, **overrides: object) -> Settings:
    """The settings of a working folder; overrides that are None count as not given. Raises BadInput."""
    flags = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings.model_validate({**_file(folder / "stanch.toml"), **_variables(), **flags})
    except ValidationError as error:
        raise BadInput(
            "; ".join(f"setting {_named(one['loc'])}: {_said(one['msg'])}" for one in error.errors())
        ) from error
    return _placed(settings, folder)


def _file(path: Path) -> Mapping[str, object]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error


def _variables() -> Mapping[str, object]:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise BadInput(f"the variable {name} is no setting of stanch: there are {', '.join(sorted(known))}")
    try:
        return EnvSettingsSource(Settings)()
    except SettingsError as error:
        raise BadInput(f"a {PREFIX}* variable is not in the form that its setting has: {error}") from error


def _placed(settings: Settings, folder: Path) -> Settings:
    """Relative paths count from the working folder."""
    return settings.model_copy(
        update={
            "state": folder / settings.state,
            "checkpoints": str(folder / (settings.checkpoints or settings.state / "checkpoints.log")),
            "context": folder / settings.context if settings.context else None,
            "sigma": folder / settings.sigma if settings.sigma else None,
            "playbooks": folder / settings.playbooks if settings.playbooks else None,
            "guardrails": folder / settings.guardrails
            if isinstance(settings.guardrails, Path)
            else settings.guardrails,
        }
    )


def _named(where: tuple[int | str, ...]) -> str:
    return ".".join(map(str, where)) or "(all)"


def _said(message: str) -> str:
    if message.startswith("Extra inputs"):
        return f"is not known; there are {', '.join(Settings.model_fields)}"
    return message.removeprefix("Value error, ")
