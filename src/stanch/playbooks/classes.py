"""Who controls each column that a question may read: the one table of trust classes.

A column that is not named here is class C, written by the actor. So is what a JSON column holds, but for the paths
named: parameters of a call that mean something to AWS. They may accuse, and never excuse: whoever calls chooses them.
"""

from collections.abc import Mapping

from stanch.model.playbook import Trust

_WHEN = "account_id event_date event_time"
_ADDRESSES = "source_ip source_ip_hex"
_DECLARED: Mapping[str, Mapping[Trust, str]] = {
    "events": {
        Trust.A: f"{_WHEN} event_id event_source event_name error_code actor_type principal_arn session_arn "
        "principal_id access_key_id mfa read_only management_event event_type event_category bytes_out issued_key_id "
        "vpc_endpoint_id request_id source_object",
        Trust.B: f"{_ADDRESSES} region bucket target_role resources tls_details",
        Trust.C: "user_agent error_message object_key user_identity request_parameters response_elements "
        "additional_event_data other",
    },
    "flows": {
        Trust.A: f"{_WHEN} end_time flow_version interface_id instance_id vpc_id subnet_id {_ADDRESSES} destination_ip "
        "destination_ip_hex source_port destination_port protocol packets bytes action log_status tcp_flags "
        "traffic_type packet_source_ip packet_destination_ip region az_id source_service destination_service direction "
        "traffic_path source_object",
        Trust.C: "other",
    },
    "s3_access": {
        Trust.A: f"{_WHEN} bucket_owner bucket requester request_id operation http_status error_code bytes_out "
        "object_size total_ms source_object",
        Trust.B: f"{_ADDRESSES} version_id",
        Trust.C: "object_key request_uri referrer user_agent other",
    },
    "dns": {
        Trust.A: f"{_WHEN} region vpc_id {_ADDRESSES} source_port transport instance_id rcode firewall_rule_action "
        "source_object",
        Trust.B: "query_type query_class",
        Trust.C: "query_name answers other",
    },
    "waf": {
        Trust.A: f"{_WHEN} web_acl action rule_id rule_type source_name source_id request_id labels source_object",
        Trust.B: f"{_ADDRESSES} country method",
        Trust.C: "uri args user_agent headers",
    },
    "db_audit": {
        Trust.A: f"{_WHEN} engine database_server connection_id error_code source_object",
        Trust.B: f"{_ADDRESSES} user_name operation database_name",
        Trust.C: "statement",
    },
    "first_seen": {Trust.A: "account_id principal_arn event_source event_name first_time last_time calls"},
    "set_aside": {Trust.A: "source_object malformed", Trust.C: "reason"},
    "networks": {Trust.D: "cidr kind label source first_hex last_hex"},
    "case_findings": {
        Trust.A: "id type product account_id region severity began seen identity_kind identity_name principal_id "
        "access_key_id instance_id instance_arn remote_account direction remote_port blocked is_lead",
        Trust.B: "caller_ip remote_ip",
        Trust.D: "known outsider",
    },
    "addresses": {Trust.B: "ip network", Trust.D: "label"},
    "case_principals": {Trust.A: "arn"},
    "accounts": {Trust.D: "id"},
    "assets": {Trust.D: "arn tier stateful workload data"},
    "pipelines": {Trust.D: "role provider subject networks"},
    "windows": {Trust.D: "kind principal start_time end_time ticket"},
    "vpc_endpoints": {Trust.D: "id"},
    "privesc_paths": {Trust.D: "path steps event_source event_name"},
    "span": {Trust.D: "start_time end_time"},
    "known_accounts": {Trust.D: "id"},
    "grants": {Trust.B: "event_id kind holder target own admin iam wildcard readable outsider"},
    "period": {Trust.A: "baseline since seen until"},
    "suspect_times": {Trust.A: "start_time end_time why"},
    "case_resources": {Trust.A: "kind id"},
    "hosts": {Trust.A: "ip interface_id instance_id in_case", Trust.D: "group_id"},
    "service_map": {Trust.D: "source destination port"},
    "partner_accounts": {Trust.D: "id"},
    "signals": {Trust.A: "event_id", Trust.C: "rule level"},  # a rule may read what the caller wrote
    "metrics": {Trust.A: "instance_id name time value"},
}
DECLARED: Mapping[str, Mapping[str, Trust]] = {
    table: {column: trust for trust, names in classes.items() for column in names.split()}
    for table, classes in _DECLARED.items()
}
"""Table -> column -> class."""

_CHOSEN = (
    "enable instanceType instanceId disableApiTermination secretId functionName path bucketName roleArn policyArn "
    "policyDocument userName roleName groupName accessKeyId snapshotId imageId keyId groupId dBSnapshotIdentifier "
    "valuesToAdd createVolumePermission launchPermission attributeType attributeName role documentName targets target "
    "PublicAccessBlockConfiguration userData "
    "bucketPolicy ReplicationConfiguration AccessControlPolicy dBClusterSnapshotIdentifier "
    '"x-amz-acl" "x-amz-grant-read" "x-amz-grant-write" "x-amz-grant-full-control" '
    '"x-amz-server-side-encryption-customer-algorithm"'
)
PATHS: Mapping[str, Mapping[str, Trust]] = {
    "events.user_identity": {
        "$.invokedBy": Trust.A,
        "$.identityProvider": Trust.A,  # whose signature AWS checked
        "$.type": Trust.A,
        "$.accountId": Trust.A,
        "$.userName": Trust.B,  # who fails to sign in names whom he likes
        "$.sessionContext.ec2RoleDelivery": Trust.A,
        "$.sessionContext.attributes.creationDate": Trust.A,
        "$.sessionContext.attributes.mfaAuthenticated": Trust.A,
        "$.sessionContext.sessionIssuer": Trust.A,
        "$.sessionContext.webIdFederationData": Trust.A,
    },
    "events.response_elements": {
        "$.ConsoleLogin": Trust.A,
        "$.credentials.accessKeyId": Trust.A,
        "$.assumedRoleUser.assumedRoleId": Trust.A,
        "$.instancesSet.items[*].instanceId": Trust.A,
        "$.instancesSet.items": Trust.B,
    },
    "events.additional_event_data": {
        "$.bytesTransferredOut": Trust.A,
        "$.bytesTransferredIn": Trust.A,
        "$.MFAUsed": Trust.A,
        "$.CredentialType": Trust.A,
    },
    "events.request_parameters": {f"$.{name}": Trust.B for name in _CHOSEN.split()},
}
"""Table.column -> JSON path -> class; a path speaks for what lies below it."""

LOOKED_UP = frozenset(
    {"addresses.ip", "events.source_ip", "case_findings.caller_ip", "case_findings.remote_ip"}
    | {f"{table}.source_ip" for table in DECLARED if "source_ip" in DECLARED[table]}
    | {"flows.destination_ip"}
)
"""Addresses. That two are the same, or that there is one, nobody can feign (the calls' answers go there): comparing
them says nothing of its own, only what is looked up does: whose the address is (class D), which network (class B)."""
PARAMETERS = (
    *("events.request_parameters", "events.bucket", "events.target_role"),
    *(f"grants.{name}" for name in DECLARED["grants"]),
)
"""Columns whose values a caller put into his call."""
RANK: Mapping[Trust, int] = {Trust.A: 0, Trust.D: 0, Trust.B: 1, Trust.C: 2}
"""The greater, the more the actor has a say."""


def trust(column: str, path: str = "") -> Trust:
    """The class of `table.column`, or of what lies at a path in it."""
    known = PATHS.get(column, {})
    if path:
        above = [one for one in known if path == one or path.startswith((f"{one}.", f"{one}["))]
        return known[max(above, key=len)] if above else Trust.C
    table, _, name = column.partition(".")
    return DECLARED.get(table, {}).get(name, Trust.C)
