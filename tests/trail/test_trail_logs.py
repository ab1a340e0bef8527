"""Every other kind of log becomes rows of its table, by its content, and what does not fit is set aside."""

import gzip
import io
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.model.finding import Skip
from stanch.trail import Trail
from stanch.trail.blocks import blocks
from stanch.trail.kind import Kind, kind_of
from stanch.trail.objects import Object

OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
S3 = (
    f"{OWNER} data-lake [06/Feb/2026:00:00:38 +0000] 192.0.2.3 arn:aws:iam::111122223333:user/ana 3E57427F3EXAMPLE "
    'REST.GET.OBJECT a/b.csv "GET /data-lake/a/b.csv HTTP/1.1" 200 - 113 7000 7 5 "-" "{agent}" - host= SigV4 '
    "ECDHE-RSA-AES128-GCM-SHA256 AuthHeader data-lake.s3.eu-west-1.amazonaws.com TLSv1.2 - -"
)


def load(folder: Path, **files: str) -> Trail:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return Trail.load(folder)


def test_flows_of_the_default_format_need_no_header(tmp_path: Path) -> None:
    line = "2 111122223333 eni-0a 10.0.0.5 203.0.113.9 44321 443 6 10 8400 1772366400 1772366460 ACCEPT OK"
    none = "2 111122223333 eni-0a - - - - - - - 1772366400 1772366460 - NODATA"
    trail = load(tmp_path, a_dot_log_dot_gz=f"{line}\n{none}\nbroken\n")
    found = trail.query(
        "SELECT account_id, event_date, event_time, end_time, interface_id, source_ip, destination_port, protocol, "
        "bytes, action, log_status, source_ip_hex, destination_ip_hex, source_object FROM flows ORDER BY source_object"
    )
    assert found[0] == {
        "account_id": "111122223333",
        "event_date": "2026-03-01",
        "event_time": "2026-03-01T12:00:00+00:00",
        "end_time": "2026-03-01T12:01:00+00:00",
        "interface_id": "eni-0a",
        "source_ip": "10.0.0.5",
        "destination_port": 443,
        "protocol": 6,
        "bytes": 8400,
        "action": "ACCEPT",
        "log_status": "OK",
        "source_ip_hex": "0a000005",
        "destination_ip_hex": "cb007109",
        "source_object": "a.log.gz:1",
    }
    assert (found[1]["log_status"], found[1]["source_ip"], found[1]["bytes"]) == ("NODATA", None, None)
    assert [(one.record, one.malformed) for one in trail.skips] == [("a.log.gz:3", True)]


def test_flows_of_a_custom_format_follow_their_header(tmp_path: Path) -> None:
    header = "dstaddr srcaddr start end tcp-flags pkt-srcaddr flow-direction reject-reason account-id instance-id"
    row = "2001:DB8::9 2001:db8::1 1772366400 1772366460 19 10.9.9.9 egress BPA 111122223333 i-0a"
    trail = load(tmp_path, vpcflow__a_dot_log=f"{header}\n{row}\n{row} more\n")
    assert trail.query(
        "SELECT source_ip, destination_ip, tcp_flags, packet_source_ip, direction, other, instance_id, bytes, "
        "length(source_ip_hex) AS n FROM flows"
    ) == [
        {
            "source_ip": "2001:db8::1",
            "destination_ip": "2001:db8::9",
            "tcp_flags": 19,
            "packet_source_ip": "10.9.9.9",
            "direction": "egress",
            "other": '{"reject-reason":"BPA"}',
            "instance_id": "i-0a",
            "bytes": None,
            "n": 32,
        }
    ]
    assert [one.record for one in trail.skips] == ["vpcflow/a.log:3"]


def test_a_flow_format_without_a_time_is_said(tmp_path: Path) -> None:
    trail = load(tmp_path, a_dot_log="srcaddr dstaddr bytes\n10.0.0.1 10.0.0.2 3\n")
    assert [(one.record, one.reason[:6]) for one in trail.skips] == [("a.log", "start:")]


@pytest.mark.parametrize("agent", ["aws-cli/2", 'x" 200 - 1 1 1 1 "-" "y', "", 'ends with "'])
def test_what_a_caller_wrote_moves_no_other_field_of_an_access_log(tmp_path: Path, agent: str) -> None:
    text = f"{S3.replace('{agent}', agent)}\nnot a line\n"
    trail = load(tmp_path, **{"2026-02-06-00-00-38-ABC": text})
    found = trail.query(
        "SELECT bucket, event_time, source_ip, requester, operation, object_key, http_status, error_code, bytes_out, "
        "object_size, user_agent, version_id, source_ip_hex FROM s3_access"
    )
    assert found == [
        {
            "bucket": "data-lake",
            "event_time": "2026-02-06T00:00:38+00:00",
            "source_ip": "192.0.2.3",
            "requester": "arn:aws:iam::111122223333:user/ana",
            "operation": "REST.GET.OBJECT",
            "object_key": "a/b.csv",
            "http_status": 200,
            "error_code": None,
            "bytes_out": 113,
            "object_size": 7000,
            "user_agent": agent or None,
            "version_id": None,
            "source_ip_hex": "c0000203",
        }
    ]
    assert [one.reason for one in trail.skips] == ["not a line of an S3 server access log"]


def test_dns_queries_are_rows(tmp_path: Path) -> None:
    query = {
        "version": "1.1",
        "account_id": "111122223333",
        "region": "eu-west-1",
        "vpc_id": "vpc-0a",
        "query_timestamp": "2026-03-01T12:00:00Z",
        "query_name": "pool.example.",
        "query_type": "A",
        "query_class": "IN",
        "rcode": "NOERROR",
        "answers": [{"Rdata": "203.0.113.9", "Type": "A", "Class": "IN"}],
        "srcaddr": "10.0.0.5",
        "srcport": "5353",
        "transport": "UDP",
        "srcids": {"instance": "i-0a"},
    }
    trail = load(tmp_path, a_dot_log_dot_gz=f"{json.dumps(query)}\n{{}}\n{{broken\n")
    assert trail.query("SELECT query_name, source_ip, source_port, instance_id, answers, event_date FROM dns") == [
        {
            "query_name": "pool.example.",
            "source_ip": "10.0.0.5",
            "source_port": 5353,
            "instance_id": "i-0a",
            "answers": '[{"Rdata":"203.0.113.9","Type":"A","Class":"IN"}]',
            "event_date": "2026-03-01",
        }
    ]
    assert [one.record for one in trail.skips] == ["a.log.gz:2", "a.log.gz:3"]


def test_waf_requests_are_rows_without_cookies(tmp_path: Path) -> None:
    request = {
        "timestamp": 1772366400123,
        "formatVersion": 1,
        "webaclId": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/web/a1",
        "terminatingRuleId": "Default_Action",
        "terminatingRuleType": "REGULAR",
        "action": "ALLOW",
        "httpSourceName": "ALB",
        "httpSourceId": "111122223333-app/web/1",
        "httpRequest": {
            "clientIp": "203.0.113.45",
            "country": "NL",
            "headers": [{"name": "User-Agent", "value": "curl"}, {"name": "Cookie", "value": 'hush"hush'}],
            "uri": "/login",
            "args": "a=1",
            "httpMethod": "POST",
            "requestId": "r-1",
        },
        "labels": [{"name": "bot"}],
    }
    trail = load(tmp_path, a_dot_log_dot_gz=json.dumps(request))
    found = trail.query("SELECT * FROM waf")[0]
    assert (found["account_id"], found["source_ip"], found["uri"]) == ("111122223333", "203.0.113.45", "/login")
    assert (found["user_agent"], found["labels"]) == ("curl", '[{"name":"bot"}]')
    assert (found["event_time"], found["rule_id"]) == ("2026-03-01T12:00:00.123000+00:00", "Default_Action")
    assert "hush" not in str(found)


def test_database_audits_are_rows_without_passwords(tmp_path: Path) -> None:
    trail = load(
        tmp_path,
        **{
            "111122223333__aurora_dot_log": (
                "1772366400123456,db-1,admin,10.0.0.5,12,99,QUERY,shop,'SELECT a, b FROM c',0\n"
                "2026-03-01T12:00:01.000Z 1772366401000000,db-1,eve,203.0.113.9,13,0,FAILED_CONNECT,,,1045\n"
                "1772366402000000,db-1,admin,10.0.0.5,12,100,QUERY,shop,'CREATE USER x IDENTIFIED BY ''hush''',0\n"
                "what is this?\n"
            ),
            "maria_dot_log": "20260301 12:00:00,db-2,admin,10.0.0.5,12,99,QUERY,shop,'SELECT 1',0\n",
            "postgres_dot_log": (
                "2026-03-01 12:00:00 UTC:10.0.0.5(4431):ana@shop:[77]:LOG:  "
                "AUDIT: SESSION,1,1,READ,SELECT,,,select 1,<none>\n"
                "2026-03-01 12:00:00 UTC:10.0.0.5(4431):ana@shop:[77]:LOG:  duration: 3 ms\n"
            ),
            "redshift_connectionlog": (
                "authentication failure |Sun, 01 Mar 2026 12:00:00:123|203.0.113.9 |5439 |77|dev |eve |password |0\n"
            ),
            "redshift_useractivitylog": (
                "'2026-03-01T12:00:00Z UTC [ db=dev user=ana pid=77 userid=1 xid=5 ]' LOG: unload ('select 1')\n"
                "  to 's3://x'\n"
            ),
        },
    )
    rows = trail.query(
        "SELECT engine, user_name, source_ip, operation, error_code, account_id, event_date FROM db_audit ORDER BY ALL"
    )
    assert [tuple(one.values()) for one in rows] == [
        ("aurora-mysql", "admin", "10.0.0.5", "QUERY", None, "111122223333", "2026-03-01"),
        ("aurora-mysql", "admin", "10.0.0.5", "QUERY", None, "111122223333", "2026-03-01"),
        ("aurora-mysql", "eve", "203.0.113.9", "FAILED_CONNECT", "1045", "111122223333", "2026-03-01"),
        ("mariadb", "admin", "10.0.0.5", "QUERY", None, "", "2026-03-01"),
        ("postgres", "ana", "10.0.0.5", "SELECT", None, "", "2026-03-01"),
        ("redshift", "ana", None, "UNLOAD", None, "", "2026-03-01"),
        ("redshift", "eve", "203.0.113.9", "authentication failure", "1", "", "2026-03-01"),
    ]
    statements = str(trail.query("SELECT statement FROM db_audit"))
    assert "SELECT a, b FROM c" in statements
    assert "hush" not in statements
    assert [one.record for one in trail.skips] == ["111122223333/aurora.log:4"]


@pytest.mark.parametrize(
    ("head", "suffix", "kind"),
    [
        ('{"Records":[', ".json", Kind.RECORDS),
        ('{\n "Records" : [', ".log", Kind.RECORDS),
        ('{"version":"0"}', ".json", Kind.DOCUMENT),
        ('{"eventID":"1"}\n{', ".json", Kind.EVENTS),
        ('{"eventID":"' + "x" * 100, ".log", Kind.EVENTS),
        ("", ".ndjson", Kind.EVENTS),
        ("version account-id", ".log", None),
        ("hello", ".log", None),
        ("{broken", ".json", Kind.DOCUMENT),
    ],
)
def test_a_log_is_told_by_how_it_begins(head: str, suffix: str, kind: Any) -> None:
    assert kind_of(head, suffix) is kind


def test_an_overlong_line_is_set_aside_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stanch.trail.blocks.LARGEST", 1 << 20)
    monkeypatch.setattr("stanch.trail.blocks.BLOCK", 1 << 18)
    good = {"eventTime": "2026-03-01T00:00:00Z", "eventSource": "s", "eventName": "n"}
    huge = json.dumps({"eventID": "event-2", "userAgent": "x" * (5 << 20), **good})
    lines = [json.dumps({"eventID": "event-1", **good}), huge, json.dumps({"eventID": "event-3", **good})]
    trail = load(tmp_path, a_dot_ndjson_dot_gz="\n".join(lines), b_dot_json=json.dumps({"Records": ["x" * (2 << 20)]}))
    assert [one["event_id"] for one in trail.query("SELECT event_id FROM events ORDER BY 1")] == ["event-1", "event-3"]
    assert [one.record for one in trail.skips] == ["a.ndjson.gz:2", "b.json"]
    assert all("longer than 1048576 bytes" in one.reason for one in trail.skips)


def test_a_gzip_of_several_members_is_read_to_its_end(tmp_path: Path) -> None:
    good = {"eventTime": "2026-03-01T00:00:00Z", "eventSource": "s", "eventName": "n"}
    texts = [json.dumps({"eventID": f"event-{number}", **good}) + "\n" for number in range(3)]
    members = [gzip.compress(text.encode()) for text in texts]
    (tmp_path / "a.ndjson.gz").write_bytes(b"".join(members) + bytes(100))
    (tmp_path / "b.ndjson.gz").write_bytes(members[0] + members[1][:-9])
    (tmp_path / "c.json.gz").write_bytes(b"")
    trail = Trail.load(tmp_path)
    assert [one["event_id"] for one in trail.query("SELECT event_id FROM events ORDER BY 1")] == [
        "event-0",
        "event-1",
        "event-2",
    ]
    assert [(one.record, one.malformed) for one in trail.skips] == [("b.ndjson.gz", True), ("c.json.gz", True)]


PACKED = gzip.compress(json.dumps({"Records": [{"eventID": f"event-{one}"} for one in range(200)]}).encode())


@given(st.integers(0, len(PACKED) - 1), st.integers(0, 255), st.integers(1, len(PACKED)))
def test_a_spoiled_gzip_gives_what_the_standard_library_gives_or_a_reason(at: int, byte: int, end: int) -> None:
    spoiled = bytes([*PACKED[:at], byte, *PACKED[at + 1 :]])[:end]
    found = list(blocks(Object("a.json.gz", "a", 1, "", lambda: io.BytesIO(spoiled), str)))
    unpack = zlib.decompressobj(31)
    try:
        whole = unpack.decompress(spoiled)
    except zlib.error:
        whole = b""
    if unpack.eof:
        assert [b"" if isinstance(one, Skip) else one.data for one in found] == [whole]
    else:
        assert [one.malformed for one in found if isinstance(one, Skip)] == [True]


READ = """
import sys
from pathlib import Path
from stanch.trail import Trail
trail = Trail.load(Path(sys.argv[1]))
# not getrusage: on Linux a child begins with what its parent had at its most
most = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(trail.events, len(trail.skips), int(most.split()[1]) // 1024)
"""


@pytest.mark.slow
def test_a_line_of_most_of_a_gigabyte_fills_no_memory(tmp_path: Path) -> None:
    good = json.dumps({"eventID": "event-1", "eventTime": "2026-03-01T00:00:00Z", "eventSource": "s", "eventName": "n"})
    with gzip.open(tmp_path / "a.ndjson.gz", "wb", 1) as file:
        file.write(f'{good}\n{{"userAgent":"'.encode())
        for _ in range(48):
            file.write(b"x" * (1 << 24))
        file.write(f'"}}\n{good.replace("event-1", "event-2")}\n'.encode())
    told = subprocess.run([sys.executable, "-c", READ, str(tmp_path)], capture_output=True, text=True, check=True)
    events, skips, megabytes = map(int, told.stdout.split())
    assert (events, skips) == (2, 1)
    assert megabytes < 640
