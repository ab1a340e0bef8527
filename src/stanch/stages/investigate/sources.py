"""Which log sources a question can rely on: what is off, absent or too young makes its answer unknown, never *no*."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stanch.model.context import Context
from stanch.model.walked import Measured
from stanch.trail import SECONDS_A_DAY, Trail

ENOUGH_DAYS = 14
"""Days of history below which nothing can be called new."""


@dataclass(frozen=True)
class _Log:
    """A log beside CloudTrail's management events: how it is called, and the SQL that shows its times."""

    words: str
    times: str
    """SELECT of `event_time`, `account_id`; an empty account stands for one that the log does not say."""


_LOGS: Final[Mapping[str, _Log]] = {
    "vpc_flow": _Log("VPC flow logs", "SELECT event_time, account_id FROM flows"),
    "s3_data_events": _Log(
        "S3 data events or access logs",
        "SELECT event_time, account_id FROM events "
        "WHERE event_source = 's3.amazonaws.com' AND NOT management_event "
        "UNION ALL SELECT event_time, account_id FROM s3_access",
    ),
    "db_audit": _Log("database audit logs", "SELECT event_time, account_id FROM db_audit"),
}
BASELINES: Final = {"vpc_flow_baseline": "vpc_flow", "s3_baseline": "s3_data_events", "db_baseline": "db_audit"}
"""The history of each log, by the name that questions give it."""


def missing(
    needs: frozenset[str],
    account: str,
    since: datetime,
    until: datetime,
    trail: Trail,
    context: Context,
    measured: Measured | None = None,
) -> dict[str, str]:
    """Each source of `needs` that is not there, with the reason; the operator's word that one is off always counts.

    since, until: the case's time (UTC). His word on the length of the baseline replaces what CloudTrail shows, and
    bounds what the other logs show: he need not know since when each of them is kept.
    """
    absent = _cloudtrail(account, since, until, trail, context)
    off = {
        name
        for name, on in (
            ("vpc_flow", context.sources.vpc_flow),
            ("s3_data_events", context.sources.s3_data_events),
        )
        if on is False
    }
    for history, name in BASELINES.items():
        if name in off:
            absent[name] = absent[history] = f"the operator's file says that {_LOGS[name].words} are off"
        elif needs & {name, history}:
            around, days = _measured(_LOGS[name], account, since, until, trail)
            days = min(days, days if context.sources.baseline_days is None else context.sources.baseline_days)
            absent.update(_log(name, history, account, days, around=around))
    if measured is None or not measured.readings:
        absent["metrics"] = measured.why if measured else "nothing was asked of CloudWatch"
    return absent


def _cloudtrail(account: str, since: datetime, until: datetime, trail: Trail, context: Context) -> dict[str, str]:
    absent = {}
    if context.sources.cloudtrail_management is False:
        absent["cloudtrail"] = "the operator's file says that CloudTrail management events are off"
    elif not trail.covers(since, until, account):
        absent["cloudtrail"] = f"there are no CloudTrail events of account {account} around the finding"
    declared = context.sources.baseline_days
    days = trail.days(since, account) if declared is None else declared
    if "cloudtrail" in absent:
        absent["baseline"] = absent["cloudtrail"]
    elif days < ENOUGH_DAYS:
        absent["baseline"] = f"there are {days:.0f} days of history before the finding, {ENOUGH_DAYS} are needed"
    return absent


def _log(name: str, history: str, account: str, days: float, *, around: bool) -> dict[str, str]:
    """The log itself and its history, as far as they are missing."""
    words = _LOGS[name].words
    if not around:
        why = f"there are no {words} of account {account} around the finding"
        return {name: why, history: why}
    if days < ENOUGH_DAYS:
        return {history: f"there are {days:.0f} days of {words} before the finding, {ENOUGH_DAYS} are needed"}
    return {}


def _measured(log: _Log, account: str, since: datetime, until: datetime, trail: Trail) -> tuple[bool, float]:
    """Whether the log has anything of the case's time, and how many days before that it begins."""
    row = trail.query(
        "SELECT count(*) FILTER (WHERE event_time BETWEEN $since AND $until) AS around, "  # noqa: S608 - SQL of ours
        "date_diff('second', min(event_time) FILTER (WHERE event_time < $since), $since) AS seconds "
        f"FROM ({log.times}) AS log WHERE account_id IN ($account, '')",
        {"account": account, "since": since, "until": until},
    )[0]
    seconds = row["seconds"]
    return row["around"] != 0, seconds / SECONDS_A_DAY if isinstance(seconds, int | float) else 0.0
