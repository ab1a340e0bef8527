"""Before anything is decided: whether the finding is real, who is behind the name, what the resource is now."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from stanch.model.context import Context
from stanch.model.errors import Environment, FailedResponse
from stanch.model.finding import Finding, Form
from stanch.model.ports import Reader
from stanch.model.walked import Resolved
from stanch.probes import finding as detector
from stanch.probes import identity as identities
from stanch.probes import instance as instances
from stanch.trail import Trail

ReaderOf = Callable[[str, str], Reader]
"""(account, region) -> Reader."""
VOUCHED = "the operator vouches for it"


def resolve(
    finding: Finding, round: int, context: Context, reader_of: ReaderOf | None, trail: Trail | None = None
) -> Resolved:
    """What AWS says of the finding, its identity and its instance; without AWS (replay), what the operator's file says.

    What cannot be looked up is named, never guessed. A finding of our own is looked up in the trail.
    """
    if finding.form is Form.TRAIL:
        found = detector.reread(trail or Trail.load(None), finding)
        vouched = replace(finding, vouched=found.confirmed)
        about = _from_file(vouched, round, context) if reader_of is None else _asked(vouched, round, reader_of, found)
        return replace(about, confirmed=found.confirmed, how=found.how)
    if reader_of is None:
        return _from_file(finding, round, context)
    try:
        reader = reader_of(finding.account, finding.region)
        return _from_aws(finding, round, reader, detector.refetch(reader, finding))
    except (FailedResponse, Environment) as error:
        return _unasked(finding, round, error)


def _asked(finding: Finding, round: int, reader_of: ReaderOf, found: detector.Refetched) -> Resolved:
    try:
        return _from_aws(finding, round, reader_of(finding.account, finding.region), found)
    except (FailedResponse, Environment) as error:
        return _unasked(finding, round, error)


def _unasked(finding: Finding, round: int, error: FailedResponse | Environment) -> Resolved:
    how = f"the account could not be asked: {error}"
    return Resolved(round, finding.vouched, _vouched(how, finding), (), (), (), (str(error),))


def _from_aws(finding: Finding, round: int, reader: Reader, found: detector.Refetched) -> Resolved:
    arns: dict[str, str] = {}
    tags: dict[str, str] = {}
    egress: tuple[str, ...] = ()
    unknown: list[str] = []
    replaced = False
    if finding.identity is not None:
        who = identities.look_up(reader, finding.identity)
        unknown += who.unknown
        replaced = who.replaced and found.confirmed
        tags.update(who.tags)
        if who.arn:
            arns[finding.identity.name] = who.arn
    if finding.instance is not None:
        host = instances.look_up(reader, finding.instance)
        unknown += host.unknown
        tags.update(host.tags)
        egress = host.egress
        if host.role_arn:
            arns[finding.instance.id] = host.role_arn
    how = found.how if found.confirmed else _vouched(found.how, finding)
    confirmed = found.confirmed or finding.vouched
    return Resolved(round, confirmed, how, _pairs(arns.items()), egress, _pairs(tags.items()), tuple(unknown), replaced)


def _from_file(finding: Finding, round: int, context: Context) -> Resolved:
    named = {resource.id for resource in finding.resources} | ({finding.instance.arn} if finding.instance else set())
    known = [one for one in context.resources if one.arn in named]
    tags = {name: value for one in known for name, value in one.tags}
    egress = tuple(one.public_ip for one in finding.instance.interfaces if one.public_ip) if finding.instance else ()
    how = _vouched("a replay asks AWS nothing", finding)
    return Resolved(
        round, finding.vouched, how, (), egress, _pairs(tags.items()), ("live state: a replay asks nothing",)
    )


def _vouched(how: str, finding: Finding) -> str:
    return f"{how}; {VOUCHED}" if finding.vouched else how


def _pairs(items: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(items))
