"""CloudTrail decoded in SQL gives the rows that it gives record by record, whatever the records are like."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanch.model.errors import BadInput
from stanch.trail import Trail, records
from stanch.trail.addresses import hexed
from stanch.trail.blocks import Block
from stanch.trail.columns import GIVEN, NULL, PARTS, Day
from stanch.trail.decode import cloudtrail
from stanch.trail.event import REDACTED, row
from stanch.trail.kind import Kind
from stanch.trail.schema import EVENTS
from stanch.trail.staging import Staging

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora" / "cloudtrail"
NAMES = [name for name, _ in EVENTS.columns]
JSONS = [NAMES.index(name) for name in NAMES[NAMES.index("user_identity") : NAMES.index("source_ip_hex")]]


def plain(cells: Iterable[Any]) -> list[Any]:
    """JSON by value: two ways to write a number are one number."""
    made = list(cells)
    for number in JSONS:
        made[number] = made[number] and json.loads(made[number])
    return made


def expected(found: Iterable[Any]) -> Iterator[list[Any]]:
    seen = set()
    for one in found:
        try:
            cells = list(row(one.body, one.place))
        except (BadInput, AttributeError, RecursionError):
            continue
        cells[-1] = hexed(cells[NAMES.index("source_ip")])
        if cells[3] not in seen:
            seen.add(cells[3])
            yield plain(cells)


@cache
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")  # one for all: a new one costs more than what is asked of it


def stored(blocks: list[Block]) -> tuple[list[list[Any]], list[Any]]:
    with database().cursor() as connection:
        staging = Staging(connection)
        skips = list(cloudtrail.decode(staging, blocks))
        found = [
            row for part in staging.parts() for row in connection.execute(part.select, dict(part.params)).fetchall()
        ]
    return [plain(one) for one in found], skips


def alike(records_: list[Any]) -> None:
    """Written with and without space between tokens, as a document and as lines."""
    for parted in ((", ", ": "), (",", ":")):
        document = json.dumps({"Records": records_}, separators=parted).encode()
        lines = "\n".join(json.dumps(one, separators=parted) for one in records_).encode()
        for block, slow in (
            (Block("a.json", Kind.RECORDS, document), records.document(document, "a.json")),
            (Block("a.ndjson", Kind.EVENTS, lines), records.lines(lines, "a.ndjson")),
        ):
            read = list(slow)
            rows, skips = stored([block])
            assert sorted(rows, key=_id) == sorted(expected(read), key=_id)
            assert len(skips) == sum(1 for one in read if not _good(one))


def _id(row: list[Any]) -> str:
    return str(row[NAMES.index("event_id")])


def _good(one: Any) -> bool:
    try:
        return bool(row(one.body, one.place))
    except (BadInput, AttributeError, RecursionError):
        return False


@pytest.mark.corpora
@pytest.mark.parametrize(
    "name", ["invictus-aws_dataset", "otrf-security-datasets", "stratus-red-team", "traildiscover"]
)
def test_the_corpora_are_read_alike(name: str) -> None:
    path = CORPORA / f"{name}.ndjson"
    if not path.exists():
        pytest.skip("the shared corpora are not beside this project")
    alike([json.loads(line)["event"] for line in path.read_text(encoding="utf-8").splitlines()])


@pytest.mark.corpora
def test_most_of_the_corpora_need_no_slow_way() -> None:
    path = CORPORA / "invictus-aws_dataset.ndjson"
    if not path.exists():
        pytest.skip("the shared corpora are not beside this project")
    events = [json.loads(line)["event"] for line in path.read_text(encoding="utf-8").splitlines()]
    block = Block("a.json", Kind.RECORDS, json.dumps({"Records": events}).encode())
    slow: list[str] = []
    with patch.object(cloudtrail, "row", lambda body, place: slow.append(place) or row(body, place)):
        stored([block])
    assert len(slow) < len(events) / 20


LEAST = {
    "eventID": "11111111-2222-4333-8444-555555555555",
    "eventTime": "2026-03-20T02:10:00Z",
    "eventSource": "sts.amazonaws.com",
    "eventName": "AssumeRole",
    "recipientAccountId": "111122223333",
}
odd = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["true", "Yes", "null", "", "{}", "[1]", "a\x00b", "\ud800", '"', "\\", "-", "é😀", "\x1f\x7f", "\x1e"]
    )
    | st.lists(st.text(max_size=3), max_size=2)
    | st.dictionaries(
        st.sampled_from(["a", "accessKeyId", "password", "ClientSecret", "arn", "key"]), st.text(max_size=3), max_size=2
    )
)
identity = st.fixed_dictionaries(
    {},
    optional={
        **{name: odd | st.just("arn:aws:iam::111122223333:user/ana") for name in ("type", "arn", "principalId")},
        **dict.fromkeys(("accessKeyId", "invokedBy", "accountId"), odd),
        "onBehalfOf": odd,
        "sessionContext": odd
        | st.fixed_dictionaries(
            {},
            optional={
                "sessionIssuer": odd | st.fixed_dictionaries({}, optional={"arn": odd}),
                "webIdFederationData": odd,
                "attributes": odd | st.fixed_dictionaries({"mfaAuthenticated": odd | st.just("true")}),
            },
        ),
    },
)
asked = st.fixed_dictionaries({}, optional=dict.fromkeys(("bucketName", "key", "roleArn", "Password"), odd))
issued = st.fixed_dictionaries(
    {},
    optional={
        "credentials": odd | st.fixed_dictionaries({"accessKeyId": odd, "sessionToken": odd, "SecretAccessKey": odd}),
        "accessKey": odd | st.fixed_dictionaries({"accessKeyId": odd}),
    },
)
event = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("eventID", "eventSource", "eventName", "awsRegion", "userAgent", "errorCode"), odd),
        "apiVersion": odd,
        **dict.fromkeys(("eventCategory", "managementEvent", "readOnly", "vpcEndpointId", "addedByAws", "a b"), odd),
        "eventTime": odd
        | st.sampled_from(["2026-03-20T02:10:00+01:00", "2026-02-30T00:00:00Z", "2026-03-20", "9999-12-31T23:59:59Z"]),
        "sourceIPAddress": odd
        | st.sampled_from(
            ["075.050.255.67", "2001:DB8::1", "1.2.3.4", "999.1.1.1", "ec2.amazonaws.com", "::ffff:1.2.3.4"]
        ),
        "userIdentity": odd | identity,
        "requestParameters": odd | asked,
        "responseElements": odd | issued,
        "additionalEventData": odd
        | st.fixed_dictionaries(
            {}, optional={"bytesTransferredOut": odd | st.just(375.0), "MFAUsed": odd | st.just("Yes")}
        ),
        "tlsDetails": odd,
        "recipientAccountId": odd,
    },
)


@given(st.lists(event, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_hostile_records_are_read_alike(changes: list[dict[str, Any]]) -> None:
    alike([{**LEAST, "eventID": f"event-{number}", **one} for number, one in enumerate(changes)])


@pytest.mark.parametrize(
    "said",
    [
        '{"password" : "pearl"}',
        '{"Pass\\u0077ord":"pearl"}',
        '{"tokenCode":"pearl","sessionToken":"[redacted]"}',
        '{"sessionToken":"pea\\"rl","x":[{"plaintext":"pearl"}]}',
        '{"to\u212aenCode":"pearl"}',
        '{"é":1,"newPassword":"pearl"}',
        '{"sessionToken":\n"pearl"}',
    ],
)
def test_no_way_to_write_a_secret_keeps_it(said: str) -> None:
    for part in ("userIdentity", "requestParameters", "responseElements", "additionalEventData", "apiVersion"):
        text = json.dumps({"Records": [{**LEAST, part: "X"}]}, separators=(",", ":")).replace('"X"', said)
        rows, skips = stored([Block("a.json", Kind.RECORDS, text.encode())])
        assert (len(rows), skips) == (1, [])
        assert "pearl" not in repr(rows)
        assert REDACTED in repr(rows)


def test_ids_read_before_are_dropped_whichever_way_they_came() -> None:
    odd = {**LEAST, "apiVersion": None, "invented": "a field that nobody knows", "awsRegion": "first"}
    text = json.dumps({"Records": [odd, {**LEAST, "awsRegion": "second"}]}).encode()
    rows, _ = stored([Block("a.json", Kind.RECORDS, text), Block("b.json", Kind.RECORDS, text)])
    assert [one[NAMES.index("region")] for one in rows] == ["first"]


def test_a_broken_file_spoils_none_of_its_neighbours() -> None:
    def block(name: str, text: bytes) -> Block:
        return Block(name, Kind.RECORDS, text)

    good = [json.dumps({"Records": [{**LEAST, "eventID": f"event-{n}"}]}).encode() for n in range(3)]
    rows, skips = stored(
        [
            block("a.json", good[0]),
            block("b.json", b'{"Records": ['),
            block("c.json", good[1]),
            block("d.json", b'{"Records": {}}'),
            block("e.json", b'{"Records": [\xff]}'),
            block("f.json", good[2]),
        ]
    )
    assert [one[3] for one in rows] == ["event-0", "event-1", "event-2"]
    assert [one.record for one in skips] == ["b.json", "d.json", "e.json"]


def test_a_renamed_field_is_named_and_the_rest_goes_on() -> None:
    renamed = {**LEAST, "eventID": "event-2", "eventTimestamp": LEAST["eventTime"]}
    del renamed["eventTime"]
    rows, skips = stored([Block("a.json", Kind.RECORDS, json.dumps({"Records": [LEAST, renamed]}).encode())])
    assert len(rows) == 1
    assert [(one.record, one.reason) for one in skips] == [("a.json#Records[1]", "eventTime: missing")]


def test_a_huge_number_and_a_key_written_twice_break_nothing() -> None:
    text = json.dumps({"Records": [{**LEAST, "requestParameters": "X"}]})
    rows, skips = stored(
        [Block("a.json", Kind.RECORDS, text.replace('"X"', '{"n":1' + "0" * 400 + ',"n":2}').encode())]
    )
    assert (len(rows), skips) == (1, [])


@pytest.mark.parametrize("way", [{}, {"addedByAws": 1}, {"userIdentity": {"addedByAws": 1}}])
def test_more_bytes_than_a_column_holds_set_their_record_aside_whichever_way_it_is_read(way: dict[str, Any]) -> None:
    huge = {**LEAST, **way, "eventID": "event-2", "additionalEventData": {"bytesTransferredOut": 1 << 63}}
    rows, skips = stored([Block("a.json", Kind.RECORDS, json.dumps({"Records": [LEAST, huge]}).encode())])
    assert len(rows) == 1
    assert [(one.record, one.reason) for one in skips] == [
        ("a.json#Records[1]", "additionalEventData.bytesTransferredOut: too large")
    ]


def test_records_in_the_envelope_of_eventbridge_are_events(tmp_path: Path) -> None:
    wrapped = {"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.sts", "detail": LEAST}
    (tmp_path / "a.json").write_text(json.dumps(wrapped, indent=1))
    (tmp_path / "b.ndjson").write_text(json.dumps({**wrapped, "detail": {**LEAST, "eventID": "event-2"}}))
    trail = Trail.load(tmp_path)
    assert trail.skips == ()
    assert [one["event_id"] for one in trail.query("SELECT event_id FROM events ORDER BY ALL")] == [
        LEAST["eventID"],
        "event-2",
    ]


def test_security_lakes_parquet_is_mapped_to_columns() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = """SELECT 1774000000000::BIGINT AS time, {'uid': 'event-1', 'event_code': 'AwsApiCall'} AS metadata,
            {'operation': 'AssumeRole', 'service': {'name': 'sts.amazonaws.com'}, 'request': {'uid': 'r-1',
             'data': '{"roleArn":"arn:aws:iam::111122223333:role/x"}'},
             'response': {'error': 'AccessDenied', 'data': NULL::VARCHAR}} AS api,
            {'user': {'type': 'AssumedRole', 'uid': 'arn:aws:sts::111122223333:assumed-role/app/i-1',
             'uid_alt': 'AROAX:i-1', 'credential_uid': 'ASIAEXAMPLE'},
             'session': {'issuer': 'arn:aws:iam::111122223333:role/app', 'is_mfa': false}} AS actor,
            {'ip': '203.0.113.9'} AS src_endpoint, {'region': 'eu-west-1', 'account': {'uid': '111122223333'}} AS cloud,
            MAP {'recipientAccountId': '111122223333', 'managementEvent': 'true', 'readOnly': 'false'} AS unmapped"""
        duckdb.execute(f"COPY ({rows}) TO '{folder}/a.parquet' (FORMAT parquet)")
        duckdb.execute(f"COPY (SELECT 1 AS x) TO '{folder}/b.parquet' (FORMAT parquet)")
        (Path(folder) / "c.parquet").write_bytes(b"not parquet")
        trail = Trail.load(Path(folder))
    columns = "event_id, event_time, event_source, event_name, source_ip, principal_arn, session_arn, principal_id, mfa"
    assert trail.query(f"SELECT {columns}, target_role, error_code, management_event, read_only FROM events") == [
        {
            "event_id": "event-1",
            "event_time": "2026-03-20T09:46:40+00:00",
            "event_source": "sts.amazonaws.com",
            "event_name": "AssumeRole",
            "source_ip": "203.0.113.9",
            "principal_arn": "arn:aws:iam::111122223333:role/app",
            "session_arn": "arn:aws:sts::111122223333:assumed-role/app/i-1",
            "principal_id": "AROAX:i-1",
            "mfa": False,
            "target_role": "arn:aws:iam::111122223333:role/x",
            "error_code": "AccessDenied",
            "management_event": True,
            "read_only": False,
        }
    ]
    assert [(one.record, one.malformed) for one in trail.skips] == [("b.parquet", False), ("c.parquet", True)]


def test_first_seen_rolls_up_what_succeeded(tmp_path: Path) -> None:
    who = {"userIdentity": {"arn": "arn:aws:iam::111122223333:user/ana"}}
    events = [
        {**LEAST, **who, "eventID": "event-1", "eventTime": "2026-03-02T00:00:00Z"},
        {**LEAST, **who, "eventID": "event-2", "eventTime": "2026-03-01T00:00:00Z"},
        {**LEAST, **who, "eventID": "event-3", "eventTime": "2026-02-01T00:00:00Z", "errorCode": "AccessDenied"},
    ]
    (tmp_path / "a.json").write_text(json.dumps({"Records": events}))
    found = Trail.load(tmp_path).query("SELECT event_name, first_time, last_time, calls FROM first_seen")
    assert found == [
        {
            "event_name": "AssumeRole",
            "first_time": datetime(2026, 3, 1).isoformat() + "+00:00",  # noqa: DTZ001
            "last_time": date(2026, 3, 2).isoformat() + "T00:00:00+00:00",
            "calls": 2,
        }
    ]


def test_columns_of_unequal_length_never_reach_the_database() -> None:
    cells = {name: ["2026-03-20T02:10:00"] * 2 for name in GIVEN}
    cells |= {name: [NULL] * 2 for name in PARTS}
    Day().extend(cells)
    with pytest.raises(ValueError, match="length"):
        Day().extend({**cells, "region": ["eu-west-1"]})
