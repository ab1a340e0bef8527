"""The composition root: everything the walk needs, built once from the settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Self, get_args

from sqlalchemy import Engine

from stanch.actions import catalogue
from stanch.aws import Aws
from stanch.guardrails import Bucket, Guardrails
from stanch.model.case import Mode
from stanch.model.casefile import CaseFile, fold
from stanch.model.change import Action, Lasting
from stanch.model.context import Context, Ring
from stanch.model.errors import BadInput, Environment
from stanch.model.facts import Body, Fact
from stanch.model.governed import Observing, Overridden, Promoted, Released, Stopped
from stanch.model.playbook import Playbook
from stanch.model.ports import Clock
from stanch.model.walked import Paged
from stanch.playbooks import SHELF, Postures, load, postures
from stanch.respond import archive
from stanch.settings import Settings
from stanch.settings.context import load_context
from stanch.store import checkpoint, journal
from stanch.store.database import open_database
from stanch.store.lock import Turns
from stanch.trail import Trail, sigma

Watch = Callable[[Fact], None]
"""Told of every new fact, after it is on the disk."""


WATCHING = frozenset({"I4", "R1", "R2"})
"""Actions that watching takes by itself after an identity was contained: sessions that it minted, what it changed."""


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current time, UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class House:
    """Everything the walk needs. Without `aws` nothing is asked and nothing is changed: a replay."""

    settings: Settings
    database: Engine
    clock: Clock
    context: Context
    playbooks: Mapping[str, Playbook]
    """As they are on the shelf; `acting` are those that decide."""
    postures: Postures
    actions: Mapping[str, Action[Any]]
    guardrails: Guardrails
    trail: Trail
    aws: Aws | None
    turns: Turns
    shelf: Path = SHELF
    override: Overridden | None = None
    rules: tuple[sigma.Rule, ...] = ()
    """The operator's signature rules."""
    watch: Watch = field(default=lambda _: None)

    @classmethod
    def build(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        logs: Path | None = None,
        override: str = "",
        live: bool = True,
        durable: bool = True,
        watch: Watch = lambda _: None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Self:
        """Build the house; every broken part stops it here, loudly.

        override: `NAME: reason`, or empty. live=False: AWS is neither asked nor changed. durable=False: the journal is
        in memory and gone at the end (a replay).
        """
        context = load_context(settings.context)
        aws = Aws(role=settings.role, assume=settings.assume, default_region=None) if live else None
        if aws is not None and not aws.simulated and settings.profile is None:
            raise Environment(
                'no profile is chosen: write profile = "article" (every containment reverts after 4 hours unless '
                "confirmed) into stanch.toml; stanch does not act on a real account before that"
            )
        house = cls(
            settings=settings,
            database=open_database(settings.state / "stanch.db" if durable else None),
            clock=clock or WallClock(),
            context=context,
            playbooks=load(own=settings.playbooks),
            postures=postures(),
            actions=catalogue(),
            guardrails=Guardrails(_shelf(settings, aws)),
            trail=Trail.load(logs, progress=progress) if logs is not None else Trail.follow(settings.state / "trail"),
            aws=aws,
            turns=Turns(settings.state / "turns.lock" if durable else None),
            override=_parse_override(override),
            rules=sigma.load(settings.sigma)[0] if settings.sigma else (),
            watch=watch,
        )
        house.check()
        return house

    @property
    def enabled(self) -> tuple[Action[Any], ...]:
        """The actions that playbooks and watching may take and the rungs after: no other permission is rendered."""
        both = (*self.playbooks.values(), *self.acting.values())
        named = {name for playbook in both for name in playbook.actions}
        named |= WATCHING if named else set()
        while following := {rung for name in named for rung in self.actions[name].next_rungs} - named:
            named |= following
        return tuple(action for action in self.actions.values() if action.id in named)

    def at(self, clock: Clock) -> Self:
        """The same house by another clock."""
        return replace(self, clock=clock)

    def check(self) -> None:
        """Playbooks may name only actions that exist."""
        for playbook in self.playbooks.values():
            for name in playbook.actions:
                if name not in self.actions:
                    raise BadInput(
                        f"playbook {playbook.id}: no action has the id {name!r}; there are {', '.join(self.actions)}"
                    )
        for name in self.settings.profiles:
            if name not in (*self.actions, *self.playbooks):
                raise BadInput(f"setting profiles: {name!r} is neither an action nor a playbook")
        units = {*get_args(Ring), *(one.ou for one in self.context.organisation.accounts if one.ou)}
        for name, rings in self.settings.rings.items():
            if name not in (*self.actions, "default"):
                raise BadInput(f"setting rings: no action has the id {name!r}")
            for ring in rings:
                if ring not in units:
                    raise BadInput(f"setting rings.{name}: {ring!r} is none of {', '.join(sorted(units))}")

    def now(self) -> datetime:
        """The current time by this house's clock, UTC."""
        return self.clock.now()

    def write(self, body: Body, *, key: str, case: str = "", actor: str = "stanch") -> tuple[Fact, bool]:
        """Journal a fact once per key; the flag says whether it is new. Who is paged, where not said, is the first."""
        if isinstance(body, Paged) and not body.whom:
            body = replace(body, whom=self.settings.contacts[:1])
        with self.database.begin() as connection:
            fact, new = journal.append(connection, body, case=case, key=key, time=self.now(), actor=actor)
        if new:
            self.watch(fact)
        return fact, new

    def facts(
        self, *, case: str | None = None, kinds: tuple[type[Body], ...] = (), since: datetime | None = None
    ) -> tuple[Fact, ...]:
        """Facts of the journal, in order."""
        with self.database.begin() as connection:
            return journal.facts(connection, case=case, kinds=kinds, since=since)

    def file(self, case: str) -> CaseFile:
        """The state of a case."""
        facts = self.facts(case=case)
        if not facts:
            raise BadInput(f"there is no case {case!r}: `stanch case list` shows them")
        return fold(facts)

    def files(self, with_kind: type[Body] | None = None) -> tuple[CaseFile, ...]:
        """The state of every case, oldest first; only of those that hold a fact of a kind, where one is given."""
        with self.database.begin() as connection:
            ids = journal.cases(connection, with_kind)
        return tuple(self.file(case) for case in ids)

    @property
    def stopped(self) -> Stopped | None:
        """Who pulled the kill switch and why; None while it is not pulled. Asked anew before every call."""
        last = self.facts(kinds=(Stopped, Released))[-1:]
        return next((fact.body for fact in last if isinstance(fact.body, Stopped)), None)

    def pull(self, body: Stopped | Released) -> bool:
        """Pull the kill switch or release it; false when it stood so already. Both are signed and paged."""
        if (self.stopped is not None) is isinstance(body, Stopped):
            return False
        number = len(self.facts(kinds=(Stopped, Released))) + 1
        self.write(body, key=f"kill-switch/{number}", actor=body.by)
        word = "pulled" if isinstance(body, Stopped) else "released"
        self.write(Paged(f"{body.by} {word} the kill switch: {body.reason}"), key=f"kill-switch/{number}/paged")
        self.seal()
        return True

    def profile(self, action: str, playbook: str) -> str:
        """`article` or `hardened`, for this action by this playbook; the most specific word counts."""
        chosen = self.settings.profiles
        return chosen.get(action) or chosen.get(playbook) or self.settings.profile or "article"

    def lasting(self, action: str, playbook: str) -> Lasting:
        """What becomes of a containment by this action when nobody answers."""
        return self.actions[action].lasting if self.profile(action, playbook) == "hardened" else Lasting.REVERT

    def mode(self, playbook: Playbook) -> tuple[Mode, str]:
        """Whether this playbook version may act, and why, in a sentence; a demotion may yet narrow it."""
        if self.override is not None:
            return Mode.ACT, f"observation overridden by {self.override.by}: {self.override.reason}"
        for fact, promoted in self.promotions(playbook.id):
            if promoted.version == playbook.version:
                return Mode.ACT, f"promoted by {promoted.by} on {fact.time:%Y-%m-%d}"
        seen = self.observed_since(playbook)
        return Mode.OBSERVE, f"in observation since {seen:%Y-%m-%d}, at least {playbook.observe_days} days"

    def promotions(self, playbook: str = "") -> tuple[tuple[Fact, Promoted], ...]:
        """Every promotion of a version, oldest first; only of that playbook where one is named."""
        found = ((fact, fact.body) for fact in self.facts(kinds=(Promoted,)))
        mine = ((fact, one) for fact, one in found if isinstance(one, Promoted))
        return tuple((fact, one) for fact, one in mine if playbook in ("", one.playbook))

    @property
    def acting(self) -> Mapping[str, Playbook]:
        """The playbooks that decide: where one was changed on the shelf, its promoted version acts on from its copy."""
        promoted: dict[str, list[Promoted]] = {}
        for _, one in self.promotions():
            promoted.setdefault(one.playbook, []).append(one)
        return {name: self._acting(one, promoted.get(name, [])) for name, one in self.playbooks.items()}

    def _acting(self, loaded: Playbook, promoted: list[Promoted]) -> Playbook:
        """The loaded version where it may act itself or nothing else may; a run's override speaks of what is loaded."""
        if self.override is not None or not promoted or loaded.version in [one.version for one in promoted]:
            return loaded
        copy = archive.kept(self.settings.state, promoted[-1])
        usable = copy is not None and all(name in self.actions for name in copy.actions)
        return replace(copy, priors=(*loaded.priors, *copy.priors)) if copy and usable else loaded

    def playbook(self, id: str, version: str) -> Playbook:
        """A version of a playbook, the acting one where none is said. BadInput when it is not to be had any more."""
        if id not in self.playbooks:
            raise BadInput(f"there is no playbook {id}; put its folder back where the setting playbooks points")
        loaded = self.playbooks[id]
        found = loaded if loaded.version == version else self.acting[id]
        if version not in ("", found.version):
            raise BadInput(f"version {version} of playbook {id}, which this case began with, is not here any more")
        return found

    def observed_since(self, playbook: Playbook) -> datetime:
        """When this playbook version was first seen here; journalled on the first look."""
        body = Observing(playbook.id, playbook.version, playbook.observe_days)
        fact, _ = self.write(body, key=f"observing/{playbook.id}/{playbook.version}")
        return fact.time

    def begin(self) -> None:
        """Start a run: journal the override, if any, so that it can never act unseen."""
        for playbook in self.playbooks.values():
            self.observed_since(playbook)
        if self.override is not None:
            said = f"{self.override.by}|{self.override.reason}|{self.now().isoformat()}"
            run = sha256(said.encode()).hexdigest()[:8]
            self.write(replace(self.override, run=run), key=f"overridden/{run}", actor=self.override.by)

    def seal(self) -> None:
        """Sign a checkpoint over all rows so far, outside the database; nothing if the last one covers them."""
        if not self.database.url.database:
            return
        with self.database.begin() as connection:
            size, root = journal.head(connection)
        file = Path(self.settings.checkpoints)
        key = checkpoint.load_key(self.settings.state / "checkpoint.key")
        signed = checkpoint.read(file, key.public_key())
        if not signed or signed[-1].size != size:
            checkpoint.write(file, key, size=size, root=root, time=self.now())


def _shelf(settings: Settings, aws: Aws | None) -> Path | Bucket | None:
    """The operator's policies; those in a bucket are asked for even in a replay, which reads nothing else."""
    place = settings.guardrails
    if not isinstance(place, str):
        return place
    return Bucket(place, aws or Aws(role=settings.role, assume=settings.assume, default_region=None))


def _parse_override(text: str) -> Overridden | None:
    if not text:
        return None
    by, colon, reason = (part.strip() for part in text.partition(":"))
    if not (by and colon and reason):
        raise BadInput(f'an override reads "NAME: reason", so that someone answers for it; got {text!r}')
    return Overridden(by, reason, run="")
