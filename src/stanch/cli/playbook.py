"""`stanch playbook`: what each playbook matches, asks and does, whether it may act yet, and on whose word."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

import typer

from stanch.cli import author, screen
from stanch.cli.common import REFUSED, By, Json, house, person, settings
from stanch.model.case import Mode
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput
from stanch.model.governed import Demoted
from stanch.model.playbook import Playbook
from stanch.respond import demotion, priors, promotion
from stanch.respond.demotion import Scope
from stanch.respond.house import House

app = typer.Typer(
    help="Playbooks: list, show, promote, demote, reinstate; lint, test, new, schema.", no_args_is_help=True
)
app.command("lint")(author.lint)
app.command("test")(author.try_examples)
app.command("new")(author.new)
app.command("schema")(author.schema)
Name = Annotated[str, typer.Argument(metavar="PLAYBOOK", help="Id of the playbook.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")]
Kind = Annotated[str, typer.Option("--type", help="Only this finding type.")]
Group = Annotated[str, typer.Option("--group", help="Only this account group: an env of your context, or an account.")]


@app.command("list")
def list_(*, json: Json = False) -> None:
    """All playbooks with their mode, the days left in observation and their record."""
    built = house(settings(), live=False)
    for playbook in built.playbooks.values():
        line = _line(built, playbook)
        if json:
            screen.emit(line)
        else:
            screen.say(f"{playbook.id:<26} {line['mode']:<8} {line['why']}")
            _more(line)


@app.command()
def show(playbook: Name, *, json: Json = False) -> None:
    """One playbook: findings, questions with their weights, actions, its record, who promoted and who demoted it."""
    built = house(settings(), live=False)
    one = _find(built, playbook)
    line = _line(built, one)
    if json:
        screen.emit(line)
        return
    screen.say(f"{one.title} ({one.id}, version {one.version})", "bold")
    screen.say(f"  {line['mode']}: {line['why']}")
    screen.say(f"  record: {line['record']}")
    _more(line)
    for fact, given in built.promotions(one.id):
        early = f", early: {given.early}" if given.early else ""
        screen.say(f"  promoted: version {given.version} by {given.by} on {fact.time:%Y-%m-%d}: {given.reason}{early}")
        screen.say(f"      on this record: {given.record}", "dim")
    screen.say("  findings, each with its prior:")
    for kind in one.matches:
        screen.say(f"      {kind}  {priors.prior(built, one, kind).sentence}", "dim")
    screen.say("  actions: " + ", ".join(f"{name} {built.actions[name].title}" for name in one.actions))
    for question in one.questions:
        at_once = " (before containing at once)" if question.id in one.critical else ""
        screen.say(f"  {question.id}  {question.ask}{at_once}")
        screen.say(
            f"      yes x{question.yes:g}, no x{question.no:.3g}, class {question.trust}, {question.family}", "dim"
        )


@app.command()
def promote(
    playbook: Name,
    *,
    by: By = "",
    reason: Annotated[str, typer.Option("--reason", help="Why it may act now.")],
    early: Annotated[
        str,
        typer.Option("--early", metavar="REASON", help="Why before its days and its record are complete; needs --by."),
    ] = "",
    json: Json = False,
) -> None:
    """Let this version of a playbook act. Shows its record first; a named person answers for it."""
    built = house(settings(), live=False)
    one = _find(built, playbook)
    record = promotion.track(built, one)
    if not json:
        screen.say(f"{one.id}, version {one.version}: {record.sentence}")
    if early and not by:
        raise BadInput("--early overrides the record: say by --by NAME who answers for it")
    acts = built.mode(one)[0] is Mode.ACT
    if record.missing and not early and not acts:
        screen.complain(f"{one.id} may not act yet: {'; '.join(record.missing)}")
        screen.complain(f'--by NAME --early "REASON" promotes {one.id} all the same, under that name')
        raise typer.Exit(REFUSED)
    promotion.promote(built, one, by=person(by), reason=reason, early=early)
    if json:
        screen.emit(_line(built, one))
    elif acts:
        screen.say(f"{one.id} may act already: {built.mode(one)[1]}")
    else:
        screen.say(f"{one.id} may act from now on", "bold green")


@app.command()
def demote(playbook: Name, *, by: By = "", reason: Why, kind: Kind = "", group: Group = "", json: Json = False) -> None:
    """Put a playbook back into observation: everywhere, or for one finding type or account group."""
    built = house(settings(), live=False)
    scope = Scope(_find(built, playbook).id, kind, group)
    changed = demotion.demote(built, scope, by=person(by), reason=reason)
    word = "observes again" if changed else "observes already"
    _done(built, playbook, f"{playbook} {word} for {scope.said}", json=json)


@app.command()
def reinstate(
    playbook: Name, *, by: By = "", reason: Why, kind: Kind = "", group: Group = "", json: Json = False
) -> None:
    """Lift what demoted a playbook: all of it, or for one finding type or account group."""
    built = house(settings(), live=False)
    scope = Scope(_find(built, playbook).id, kind, group)
    lifted = demotion.reinstate(built, scope, by=person(by), reason=reason)
    said = "; ".join(one.said for one in lifted)
    _done(built, playbook, f"{playbook} is reinstated for {said}", json=json)


def _done(built: House, playbook: str, text: str, *, json: bool) -> None:
    if json:
        screen.emit(_line(built, _find(built, playbook)))
    else:
        screen.say(text, "bold yellow")


def _find(built: House, name: str) -> Playbook:
    if name not in built.playbooks:
        raise BadInput(f"there is no playbook {name!r}; there are {', '.join(built.playbooks)}")
    return built.playbooks[name]


def _more(line: JSONObject) -> None:
    """What else a person must know of a playbook's mode."""
    if line["acting_version"] != line["version"] and line["acting_version"]:
        screen.say(f"  version {line['acting_version']} is promoted and acts; this one observes beside it", "yellow")
    for one in line["demotions"] if isinstance(line["demotions"], list) else []:
        if isinstance(one, Mapping):
            screen.say(f"  demoted for {one['where']} by {one['by']}: {one['reason']}", "bold yellow")


def _line(built: House, playbook: Playbook) -> JSONObject:
    mode, why = built.mode(playbook)
    acting = built.acting[playbook.id]
    record = promotion.track(built, playbook)
    given = [one for _, one in built.promotions(playbook.id) if one.version == acting.version]
    return {
        "playbook": playbook.id,
        "version": playbook.version,
        "mode": str(mode),
        "why": why,
        "acting_version": acting.version if built.mode(acting)[0] is Mode.ACT else "",
        "promoted_by": given[-1].by if given else "",
        "demotions": [_demotion(scope, one) for scope, one in demotion.demotions(built, playbook.id).items()],
        "observing_until": (record.since + timedelta(days=playbook.observe_days)).isoformat(),
        "days_left": record.days_left,
        "record": record.sentence,
        "cases": record.cases,
        "would_contain": record.would,
        "contained": record.contained,
        "judged": record.judged,
        "right": record.right,
        "precision_low": round(record.bound, 4),
        "missing": list(record.missing),
        "questions": [question.id for question in playbook.questions],
        "critical": list(playbook.critical),
        "actions": list(playbook.actions),
        "matches": list(playbook.matches),
        "priors": [_prior(built, playbook, kind) for kind in playbook.matches],
    }


def _prior(built: House, playbook: Playbook, kind: str) -> JSON:
    found = priors.prior(built, playbook, kind)
    return {"type": kind, "p": round(found.mean, 4), "n": found.n, "attacks": found.attacks}


def _demotion(scope: Scope, one: Demoted) -> JSON:
    return {"type": scope.kind, "group": scope.group, "where": scope.said, "by": one.by, "reason": one.reason}
