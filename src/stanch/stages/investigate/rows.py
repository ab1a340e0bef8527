"""The case, the operator's facts and the labels of addresses as the small tables that questions join."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from stanch.model.case import Case, Triage
from stanch.model.context import Context, Window
from stanch.model.finding import Finding, Form, IdentityKind
from stanch.model.walked import Measured, Resolved
from stanch.playbooks import Postures, grants, paths, tables
from stanch.stages.investigate.addresses import Ranges, labels
from stanch.stages.investigate.hosts import hosts
from stanch.trail import Cell, Params, Table, Trail

_SOURCES = "SELECT DISTINCT source_ip AS ip FROM events WHERE source_ip IS NOT NULL"
_IAM = {IdentityKind.IAM_USER: "user", IdentityKind.ASSUMED_ROLE: "role"}
_ASSUMED, _SESSION_PARTS = "assumed-role", 2


def case_tables(
    case: Case,
    triage: Triage,
    trail: Trail,
    context: Context,
    resolved: Resolved,
    postures: Postures,
    params: Params,
    between: tuple[datetime, datetime] | None,
    suspected: Iterable[tuple[datetime, datetime]] = (),
    signals: Sequence[tuple[Cell, ...]] = (),
    measured: Measured | None = None,
) -> tuple[Table, ...]:
    """All of `stanch.playbooks.tables.CASE_TABLES`, filled; a fact that nobody stated is an empty table.

    params: the times of the questions. between: the times around the case in which grants are read; None for none.
    suspected: times of other cases about the same principals. signals: hits of signature rules.
    """
    findings = [one for one in case.findings if one.key == triage.lead or _counts(one)]
    lead = next(one for one in findings if one.key == triage.lead)
    principals = _principals(findings, context, resolved)
    return (
        tables.filled(tables.CASE_FINDINGS, [_finding(one, triage, postures) for one in findings]),
        tables.filled(tables.ADDRESSES, _addresses(findings, trail, context, resolved)),
        tables.filled(tables.CASE_PRINCIPALS, [(arn,) for arn in principals]),
        tables.filled(tables.ACCOUNTS, [(one.id,) for one in context.organisation.accounts]),
        tables.filled(
            tables.ASSETS, [(one.arn, one.tier, one.stateful, one.workload, one.data) for one in context.assets]
        ),
        tables.filled(
            tables.PIPELINES, [(one.role, one.provider, one.subject, one.networks) for one in context.pipelines]
        ),
        tables.filled(tables.WINDOWS, _windows(context)),
        tables.filled(tables.VPC_ENDPOINTS, [(one,) for one in context.vpc_endpoints]),
        tables.filled(tables.PRIVESC_PATHS, paths()),
        tables.filled(tables.GRANTS, grants(trail, *between, known_accounts(context)) if between else []),
        tables.filled(tables.PERIOD, [tuple(_utc(params[name]) for name in ("baseline", "since", "when", "until"))]),
        tables.filled(tables.SUSPECT_TIMES, _suspect(findings, principals, context, suspected)),
        tables.filled(tables.CASE_RESOURCES, [(one.type, one.id) for one in lead.resources]),
        tables.filled(tables.HOSTS, hosts(findings, context)),
        tables.filled(
            tables.SERVICE_MAP,
            [(one.source, one.destination, port) for one in context.service_map for port in one.ports or (None,)],
        ),
        tables.filled(tables.PARTNER_ACCOUNTS, [(account,) for one in context.partners for account in one.accounts]),
        tables.filled(tables.SIGNALS, signals),
        tables.filled(tables.METRICS, _metrics(measured)),
    )


def trail_tables(trail: Trail, context: Context) -> dict[str, list[tuple[Cell, ...]]]:
    """Rows of those tables that need no case, by name: whose the sources are, and what the operator declared."""
    seen = labels((str(row["ip"]) for row in trail.query(_SOURCES)), Ranges.of(context, ()))
    return {
        tables.ADDRESSES.name: [(one.ip, one.label, one.network) for one in seen],
        tables.PIPELINES.name: [(one.role, one.provider, one.subject, one.networks) for one in context.pipelines],
        tables.WINDOWS.name: _windows(context),
    }


def known_accounts(context: Context) -> frozenset[str]:
    """The accounts of the organisation and of its partners."""
    partners = (account for one in context.partners for account in one.accounts)
    return frozenset((*(one.id for one in context.organisation.accounts), *partners))


def _counts(finding: Finding) -> bool:
    """It may speak beside the lead; whoever may import findings into Security Hub writes all of theirs himself."""
    ours = finding.form is Form.TRAIL
    return (ours or finding.product == "GuardDuty") and not finding.sample and not finding.archived


def _finding(finding: Finding, triage: Triage, postures: Postures) -> tuple[Cell, ...]:
    who, at, peer, stance = finding.identity, finding.instance, finding.connection, postures.of(finding)
    return (
        finding.id,
        finding.type,
        finding.product,
        finding.account,
        finding.region,
        finding.severity,
        _naive(finding.first_seen or finding.created_at or finding.last_seen or finding.updated_at),
        _naive(finding.last_seen or finding.updated_at),
        who.kind.value if who else None,
        (who.name or None) if who else None,
        (who.principal_id or None) if who else None,
        (who.access_key or None) if who else None,
        at.id if at else None,
        at.arn if at else None,
        finding.caller_ip or None,
        finding.remote_account or None,
        peer.remote_ip if peer else None,
        peer.direction.value if peer else None,
        (peer.remote_port or None) if peer else None,
        peer.blocked if peer else None,
        finding.key == triage.lead,
        stance.known,
        stance.outsider,
    )


def _metrics(measured: Measured | None) -> list[tuple[Cell, ...]]:
    if measured is None:
        return []
    at = ((_naive(datetime.fromisoformat(time)), value) for time, value in measured.readings)
    return [(measured.instance, measured.metric, time, value) for time, value in at]


def _addresses(
    findings: Iterable[Finding], trail: Trail, context: Context, resolved: Resolved
) -> list[tuple[Cell, ...]]:
    """Labels of every source; the instance's own ways out are what AWS and the detector assert of it."""
    egress, seen = set(resolved.egress), {str(row["ip"]) for row in trail.query(_SOURCES)}
    for finding in findings:
        seen.update({finding.caller_ip, finding.connection.remote_ip if finding.connection else ""} - {""})
        if finding.instance:
            egress.update(one.public_ip for one in finding.instance.interfaces if one.public_ip)
    found = labels(seen, Ranges.of(context, sorted(egress)))
    return [(one.ip, one.label, one.network) for one in found]


def _principals(findings: Iterable[Finding], context: Context, resolved: Resolved) -> list[str]:
    """ARNs of the case's identities and instances, also as the operator spells them (with a path)."""
    arns = {arn for _, arn in resolved.arns}
    for finding in findings:
        who = finding.identity
        if who is not None and who.kind in _IAM and who.name:
            arns.add(f"arn:{finding.partition}:iam::{who.account}:{_IAM[who.kind]}/{who.name}")
        if finding.instance is not None:
            arns.add(finding.instance.arn)
    mine = {_identity(arn) for arn in arns}
    arns.update(
        one.principal
        for one in (*context.change_windows, *context.penetration_tests)
        if _identity(one.principal) in mine
    )
    return sorted(arns)


def _suspect(
    findings: Iterable[Finding],
    principals: Iterable[str],
    context: Context,
    suspected: Iterable[tuple[datetime, datetime]],
) -> list[tuple[Cell, ...]]:
    """Whole days in which the case's principals were in question: found so, in another case, or tested for it."""
    times = [(one.first_seen or one.created_at, one.last_seen or one.updated_at, "finding") for one in findings]
    times += [(start, end, "case") for start, end in suspected]
    mine = set(principals)
    times += [(one.start, one.end, "penetration test") for one in context.penetration_tests if one.principal in mine]
    return [(_day(start), _day(end) + timedelta(days=1), why) for start, end, why in times if start and start <= end]


def _day(time: datetime) -> datetime:
    return _naive(time).replace(hour=0, minute=0, second=0, microsecond=0)


def _identity(arn: str) -> tuple[str, ...]:
    """Account, kind and name: what makes a user or role the same, whatever its path or session."""
    head, _, tail = arn.partition("/")
    parts, names = head.split(":"), tail.split("/")
    if parts[-1] == _ASSUMED and len(names) == _SESSION_PARTS:
        return (*parts[4:5], "role", names[0])
    return (*parts[4:5], parts[-1], names[-1])


def _windows(context: Context) -> list[tuple[Cell, ...]]:
    def row(kind: str, one: Window) -> tuple[Cell, ...]:
        return (kind, one.principal, _naive(one.start), _naive(one.end), one.ticket)

    return [row("change", one) for one in context.change_windows] + [
        row("penetration_test", one) for one in context.penetration_tests
    ]


def _utc(cell: Cell) -> Cell:
    return _naive(cell) if isinstance(cell, datetime) else cell


def _naive(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None)
