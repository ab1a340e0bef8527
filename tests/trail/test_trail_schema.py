"""The tables and their columns are the contract between the trail and every question."""

import pytest

from stanch.trail import Trail
from stanch.trail.schema import LOGS, ROLLED

CONTRACT = {
    "events": (
        "account_id event_date event_time event_id event_source event_name region source_ip user_agent error_code "
        "error_message actor_type principal_arn session_arn principal_id access_key_id mfa read_only management_event "
        "event_type event_category bytes_out bucket object_key target_role issued_key_id vpc_endpoint_id request_id "
        "source_object user_identity request_parameters response_elements additional_event_data resources tls_details "
        "other source_ip_hex"
    ),
    "flows": (
        "account_id event_date event_time end_time flow_version interface_id instance_id vpc_id subnet_id source_ip "
        "destination_ip source_port destination_port protocol packets bytes action log_status tcp_flags traffic_type "
        "packet_source_ip packet_destination_ip region az_id source_service destination_service direction traffic_path "
        "other source_object source_ip_hex destination_ip_hex"
    ),
    "s3_access": (
        "account_id event_date event_time bucket_owner bucket source_ip requester request_id operation object_key "
        "request_uri http_status error_code bytes_out object_size total_ms referrer user_agent version_id other "
        "source_object source_ip_hex"
    ),
    "dns": (
        "account_id event_date event_time region vpc_id query_name query_type query_class rcode answers source_ip "
        "source_port transport instance_id firewall_rule_action other source_object source_ip_hex"
    ),
    "waf": (
        "account_id event_date event_time web_acl action rule_id rule_type source_name source_id source_ip country "
        "method uri args request_id user_agent headers labels source_object source_ip_hex"
    ),
    "db_audit": (
        "account_id event_date event_time engine database_server user_name source_ip connection_id operation "
        "database_name statement error_code source_object source_ip_hex"
    ),
    "first_seen": "account_id principal_arn event_source event_name first_time last_time calls",
    "set_aside": "source_object reason malformed",
    "networks": "cidr kind label source first_hex last_hex",
}


def test_the_tables_are_these() -> None:
    assert {one.name for one in (*LOGS, *ROLLED)} == CONTRACT.keys()


@pytest.mark.parametrize("table", [*LOGS, *ROLLED], ids=lambda table: table.name)
def test_the_columns_are_the_contract_with_every_question(table: object) -> None:
    name = table.name  # type: ignore[attr-defined]
    assert " ".join(column for column, _ in table.columns) == CONTRACT[name]  # type: ignore[attr-defined]
    assert Trail.load(None).query(f"SELECT {CONTRACT[name].replace(' ', ', ')} FROM {name}") == []
