"""What to hunt for in the trail itself: each lead is a SELECT over `acts` that gives the `event_id`s that show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stanch.model.errors import BadInput
from stanch.playbooks.strict import Node, read
from stanch.playbooks.tables import ADDRESSES, GRANTS, PIPELINES, WINDOWS
from stanch.trail import Table, parameters

SPAN = Table("span", (("start_time", "TIMESTAMP"), ("end_time", "TIMESTAMP")))
"""The one row that says between which times is hunted."""
KNOWN_ACCOUNTS = Table("known_accounts", (("id", "VARCHAR"),))
"""Accounts of the organisation and of its partners."""
LEAD_TABLES = (SPAN, ADDRESSES, KNOWN_ACCOUNTS, PIPELINES, WINDOWS, GRANTS)
"""The tables beside the trail while hunting, without rows."""
_WHO = """CASE WHEN e.principal_arn LIKE '%:role/aws-reserved/sso.amazonaws.com/%'
            THEN e.principal_id ELSE e.principal_arn END"""
"""Who calls: of the roles that Identity Center makes, the person, whom only AWS can name there."""
_ASKED = (
    *("userName", "roleName", "groupName", "instanceProfileName", "bucketName", "functionName", "tableName"),
    *("dBInstanceIdentifier", "dBClusterIdentifier", "clusterIdentifier", "logGroupName", "alarmName", "name"),
    *("configRule.configRuleName", "repositoryName", "pipeline.name", "serviceName", "clusterName"),
)
_TOLD = (
    *("policy.arn", "keyMetadata.keyId", "volumeId", "fileSystemId", "userPool.id", "backupPlanId"),
    "instancesSet.items[0].instanceId",
)
_NAMES = ", ".join(
    (
        *(f"json_extract_string(request_parameters, '$.{key}')" for key in _ASKED),
        *(f"json_extract_string(response_elements, '$.{key}')" for key in _TOLD),
    )
)
"""What a thing is called that a call made: never a text that merely stands somewhere in the call."""
_NAMED = """coalesce(e.principal_arn, CASE WHEN e.event_name = 'ConsoleLogin' AND e.actor_type = 'IAMUser' THEN
            concat('arn:aws:iam::', e.account_id, ':user/', json_extract_string(e.user_identity, '$.userName')) END)"""
"""Whom a call names: of a sign-in that failed AWS writes the user's name only."""
ACTS: Mapping[str, str] = {
    "habits": """
        SELECT account_id, principal_arn, event_source, event_name, min(event_date) AS first_day,
            max(CASE WHEN nth = 3 THEN event_date END) AS third_day
        FROM (
            SELECT account_id, principal_arn, event_source, event_name, event_date,
                row_number() OVER (
                    PARTITION BY account_id, principal_arn, event_source, event_name ORDER BY event_date
                ) AS nth
            FROM (
                SELECT DISTINCT account_id, principal_arn, event_source, event_name, event_date
                FROM events WHERE error_code IS NULL AND principal_arn IS NOT NULL
            ) AS days
        ) AS ranked
        WHERE nth <= 3
        GROUP BY account_id, principal_arn, event_source, event_name
    """,
    "places": f"""
        SELECT account_id, who, network, first_day,
            row_number() OVER (PARTITION BY account_id, who ORDER BY first_day, network) AS nth
        FROM (
            SELECT e.account_id, {_WHO} AS who, a.network, min(e.event_date) AS first_day
            FROM events e JOIN addresses a ON a.ip = e.source_ip
            WHERE e.principal_arn IS NOT NULL
            GROUP BY e.account_id, {_WHO}, a.network
        ) AS visits
    """,  # noqa: S608 - our own text
    "pasts": """
        SELECT account_id, who, min(first_day) AS first_day FROM places GROUP BY account_id, who
    """,
    "makings": f"""
        SELECT account_id, principal_arn, event_source, event_time, name
        FROM (
            SELECT account_id, principal_arn, event_source, event_time, unnest([{_NAMES}]) AS name
            FROM events
            WHERE error_code IS NULL AND principal_arn IS NOT NULL
              AND event_name IN (
                'CreateUser', 'CreateRole', 'CreateGroup', 'CreatePolicy', 'CreateInstanceProfile', 'CreateBucket',
                'CreateFunction20150331', 'CreateTable', 'CreateDBInstance', 'CreateDBCluster', 'CreateKey',
                'CreateLogGroup', 'PutMetricAlarm', 'PutRule', 'PutConfigRule', 'CreateWebACL', 'CreateRuleGroup',
                'CreateIPSet', 'CreateFileSystem', 'CreateVolume', 'RunInstances', 'CreateRepository', 'CreateCluster',
                'CreateUserPool', 'CreateProject', 'CreatePipeline', 'CreateJob', 'CreateService', 'CreateBackupPlan')
        ) AS named
        WHERE name IS NOT NULL
    """,  # noqa: S608 - our own text
    "acts": f"""
        SELECT
            e.event_id, e.event_time, e.event_date, e.account_id, e.region, e.event_source, e.event_name, e.source_ip,
            e.error_code, e.actor_type, {_NAMED} AS principal_arn, e.principal_id, e.access_key_id, e.issued_key_id,
            e.mfa, e.request_parameters, e.response_elements, e.additional_event_data, e.target_role,
            {_WHO} AS who,
            coalesce(a.label, 'service') AS label, a.network,
            json_extract_string(e.user_identity, '$.sessionContext.ec2RoleDelivery') IS NOT NULL AS delivered,
            coalesce(
                h.third_day < e.event_date AND (a.label <> 'foreign' OR p.first_day < e.event_date OR p.nth > 8), FALSE
            ) AS habit,
            coalesce(a.label = 'foreign' AND p.first_day >= e.event_date AND p.nth <= 8, FALSE) AS elsewhere,
            coalesce(b.first_day < e.event_date, FALSE) AS seasoned,
            coalesce(
                a.label = 'foreign' AND p.first_day >= e.event_date AND p.nth <= 4
                AND b.first_day <= e.event_date - INTERVAL 14 DAY, FALSE
            ) AS uprooted,
            coalesce(h.first_day >= e.event_date, TRUE) AS novel,
            EXISTS (SELECT 1 FROM pipelines g WHERE g.role = e.principal_arn
                AND (coalesce(a.label, 'service') = 'service' OR a.label = g.networks))
            OR EXISTS (SELECT 1 FROM windows w WHERE w.principal = e.principal_arn
                AND e.event_time BETWEEN w.start_time AND w.end_time) AS declared
        FROM events e
        JOIN span s ON e.event_time BETWEEN s.start_time AND s.end_time
        LEFT JOIN addresses a ON a.ip = e.source_ip
        LEFT JOIN habits h ON h.account_id = e.account_id AND h.principal_arn = e.principal_arn
            AND h.event_source = e.event_source AND h.event_name = e.event_name
        LEFT JOIN places p ON p.account_id = e.account_id AND p.who = {_WHO} AND p.network = a.network
        LEFT JOIN pasts b ON b.account_id = e.account_id AND b.who = {_WHO}
        WHERE e.actor_type IN ('IAMUser', 'AssumedRole', 'Root', 'FederatedUser', 'IdentityCenterUser')
          AND {_NAMED} IS NOT NULL AND {_NAMED} NOT LIKE '%:role/aws-service-role/%'
          AND coalesce(json_extract_string(e.user_identity, '$.invokedBy'), '') <> 'AWS Internal'
    """,  # noqa: S608 - our own text
}
"""Made from them, in order.

habits: on which day a principal made a call with success for the first and for the third day. places: since when
someone calls from a network, and which of his networks that is. pasts: his first day. makings: what a principal
made, by name: whoever made a thing may also take it away.

acts: what people and workloads did in the span. `habit`: the principal has made this call on three earlier days, and
calls from a network that is the operator's or that it has used before. `elsewhere`: it calls from a stranger's network
for the first day. Of one that has used eight networks, as what runs on hired machines does, neither says anything.
`seasoned`: it was there on an earlier day. `uprooted`: elsewhere, after two weeks at three places at most. `novel`: it
never made this call with success on an earlier day. `declared`: a declared pipeline from its declared network, or
inside a declared window.
"""


@dataclass(frozen=True)
class Lead:
    """One thing to hunt for."""

    id: str
    type: str
    """The finding type that it opens."""
    says: str
    sql: str
    habit: bool
    """Whether the principal's habit speaks against it."""
    declared: bool
    """Whether a declared pipeline or window speaks against it."""


SHIPPED = Path(__file__).with_name("common") / "leads"


def leads(folder: Path = SHIPPED) -> tuple[Lead, ...]:
    """Every lead of the folder, in its order; BadInput naming file and key when one cannot be used."""
    found = tuple(_lead(folder, item) for item in read(folder / "leads.yaml", "leads/leads.yaml").items())
    unlisted = {one.stem for one in folder.glob("*.sql")} - {one.id for one in found}
    if unlisted:
        raise BadInput(f"leads/leads.yaml: does not list {', '.join(sorted(unlisted))}")
    return found


def _lead(folder: Path, item: Node) -> Lead:
    keys = item.keys("id", "type", "says", optional=("habit", "declared"))
    flags = {name: keys[name].flag() if name in keys else True for name in ("habit", "declared")}
    name = keys["id"].text()
    try:
        sql = (folder / f"{name}.sql").read_text(encoding="utf-8")
        if parameters(sql):
            raise keys["id"].bad("a lead takes no parameters")
    except OSError as error:
        raise keys["id"].bad(f"its file {name}.sql cannot be read") from error
    return Lead(name, keys["type"].text(), keys["says"].text(), sql, **flags)
