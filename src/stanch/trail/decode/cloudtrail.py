"""CloudTrail text to rows of `events` in SQL; a record that is not plainly regular goes through `event.row` instead.

The two ways agree by construction: SQL handles only records whose every field has the type that AWS gives it, found by
one regular expression over the record's minified text, and by what is missing afterwards.
"""

import re
from collections.abc import Iterator, Sequence

import duckdb

from stanch.model.errors import BadInput
from stanch.model.finding import Skip
from stanch.trail import records
from stanch.trail.blocks import Block
from stanch.trail.event import FIELDS, REDACTED, SECRETS, row
from stanch.trail.kind import Kind
from stanch.trail.schema import Cell
from stanch.trail.staging import Staging

_TEXTS = (
    "event(?:ID|Time|Source|Name|Type|Category)|awsRegion|sourceIPAddress|userAgent|error(?:Code|Message)|"
    "vpcEndpointId|requestID|recipientAccountId|type|arn|principalId|accessKeyId|invokedBy|accountId"
)
_HIDDEN = f'{REDACTED}"'
_SECRET = rf'[{{,]"(?i:{"|".join(sorted(SECRETS))})":"'
_WHOLE = f"({_SECRET})" + r'(?:[^"\\]|\\.)*"'
_OPEN = (
    f"{_SECRET}(?:{'|'.join(re.escape(_HIDDEN[:at]) + f'[^{re.escape(_HIDDEN[at])}]' for at in range(len(_HIDDEN)))})"
)
"""A secret that is not redacted yet."""
_SHAPED = r'"(?:bucketName|key|roleArn)":[^"n]'
_DOUBT = "|".join(
    (
        rf'"(?:{_TEXTS})":[^"n]',
        r'"(?:userIdentity|sessionContext|sessionIssuer|additionalEventData|attributes)":[^{n]',
        r'"(?:readOnly|managementEvent)":[^tfn]',
        r'"(?:mfaAuthenticated|MFAUsed)":[^"]',
        r'"bytesTransferredOut":(?:[^0-9n]|[0-9.]+[eE]|[0-9]{16})',
        r"\\u00|[:\[,]-?(?:NaN|Inf)|^[^{]",
    )
)
_TOP = (
    *((name, "VARCHAR") for name in ("recipientAccountId", "eventTime", "eventID", "eventSource", "eventName")),
    *((name, "VARCHAR") for name in ("awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage")),
    *((name, "VARCHAR") for name in ("eventType", "eventCategory", "vpcEndpointId", "requestID")),
    *((name, "BOOLEAN") for name in ("readOnly", "managementEvent")),
    *((name, "JSON") for name in ("userIdentity", "requestParameters", "responseElements", "additionalEventData")),
    *((name, "JSON") for name in ("resources", "tlsDetails")),
)
_SHAPE = "{" + ",".join(f'"{name}":"{kind}"' for name, kind in _TOP) + "}"
_WHO = (
    '{"type":"VARCHAR","arn":"VARCHAR","principalId":"VARCHAR","accessKeyId":"VARCHAR","invokedBy":"VARCHAR",'
    '"accountId":"VARCHAR","sessionContext":{"sessionIssuer":{"arn":"VARCHAR"},'
    '"attributes":{"mfaAuthenticated":"VARCHAR"}}}'
)
_REST = "{" + ",".join(f'"{name}":null' for name in sorted(FIELDS)) + "}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def _text(pattern: str) -> str:
    return "'" + pattern.replace("'", "''") + "'"


_FROM_DOCUMENTS = """
SELECT block * 4294967296 + n AS seq, name || '#Records[' || (n - 1) || ']' AS place, r, true AS sound
FROM (SELECT block, name, unnest(l) AS r, generate_subscripts(l, 1) AS n
      FROM (SELECT block, name, json_extract(doc, '$.Records[*]') AS l FROM raw))
"""
_FROM_LINES = """
SELECT block * 4294967296 + n AS seq, name || ':' || (first + n) AS place,
       CASE WHEN json_valid(line) THEN json(line) ELSE line END AS r, json_valid(line) AS sound
FROM (SELECT block, name, first, unnest(l) AS line, generate_subscripts(l, 1) AS n
      FROM (SELECT block, name, first, string_split(doc, chr(10)) AS l FROM raw))
WHERE trim(line, ' ' || chr(9) || chr(13)) <> ''
"""
_SPLIT = f"""
CREATE OR REPLACE TEMP TABLE rec AS
SELECT seq, place,
       CASE WHEN odd AND regexp_matches(r, {_text(_OPEN)})
            THEN regexp_replace(r, {_text(_WHOLE)}, '\\1{REDACTED}"', 'g') ELSE r END AS r,
       odd AND regexp_matches(r, {_text(_SHAPED)}) AS shaped,
       odd AND regexp_matches(r, {_text(_DOUBT)}) OR NOT sound AS doubt
FROM (SELECT * REPLACE (
          CASE WHEN odd THEN regexp_replace(r, '"sessionToken":"[^"\\\\]*"', '"sessionToken":"{REDACTED}"', 'g')
               ELSE r END AS r)  -- nearly all secrets are these, and a pattern without groups is quick
      FROM (SELECT *, regexp_matches(r, {_text(f"{_DOUBT}|{_SHAPED}|{_SECRET}")}) AS odd FROM (@records)))
"""  # noqa: S608 - our own text; patterns stand in it, as a parameter may be compiled anew for each row


def _only_text(number: int, name: str) -> str:
    return (
        f"CASE WHEN shaped AND coalesce(json_type(e.requestParameters, '$.{name}'), '') <> 'VARCHAR' "
        f"THEN NULL ELSE asked[{number}] END"
    )


_INSERT = f"""
INSERT INTO staged_events
SELECT seq, coalesce(nullif(e.recipientAccountId, ''), nullif(u.accountId, ''), ''), t::DATE, t, e.eventID,
       e.eventSource, e.eventName, e.awsRegion, e.sourceIPAddress, e.userAgent, e.errorCode, e.errorMessage, u.type,
       coalesce(nullif(u.sessionContext.sessionIssuer.arn, ''), nullif(u.arn, ''), u.invokedBy), u.arn, u.principalId,
       u.accessKeyId, lower(coalesce(u.sessionContext.attributes.mfaAuthenticated, extra[1])) IN ('true', 'yes'),
       e.readOnly, coalesce(e.managementEvent, coalesce(e.eventCategory, 'Management') = 'Management'), e.eventType,
       e.eventCategory, trunc(try_cast(extra[2] AS DOUBLE))::BIGINT,
       {_only_text(1, "bucketName")}, {_only_text(2, "key")}, {_only_text(3, "roleArn")},
       coalesce(nullif(issued[1], ''), issued[2]), e.vpcEndpointId, e.requestID,
       place, nullif(e.userIdentity, 'null'), nullif(e.requestParameters, 'null'),
       nullif(e.responseElements, 'null'), nullif(e.additionalEventData, 'null'), nullif(e.resources, 'null'),
       nullif(e.tlsDetails, 'null'), CASE WHEN more THEN nullif(json_merge_patch(r, '{_REST}')::VARCHAR, '{{}}') END,
       NULL
FROM (SELECT *, from_json(e.userIdentity, '{_WHO}') AS u,
             CASE WHEN regexp_full_match(e.eventTime, '{_TIME}') THEN try_cast(e.eventTime AS TIMESTAMP) END AS t,
             json_extract_string(e.requestParameters, ['$.bucketName', '$.key', '$.roleArn']) AS asked,
             json_extract_string(e.responseElements, ['$.credentials.accessKeyId', '$.accessKey.accessKeyId'])
                 AS issued,
             json_extract_string(e.additionalEventData, ['$.MFAUsed', '$.bytesTransferredOut']) AS extra
      FROM (SELECT seq, place, r, shaped, from_json(r, '{_SHAPE}') AS e,
                   NOT list_has_all([{", ".join(f"'{name}'" for name in sorted(FIELDS))}], json_keys(r)) AS more
            FROM rec WHERE NOT doubt))
"""  # noqa: S608 - our own text
_BAD = """
coalesce(event_id, '') = '' OR coalesce(event_source, '') = '' OR coalesce(event_name, '') = '' OR event_time IS NULL
"""


def decode(staging: Staging, blocks: Sequence[Block]) -> Iterator[Skip]:
    """Stage the events of the blocks, all of one kind; what cannot be read is a Skip."""
    try:
        yield from _fast(staging, staging.texts(blocks), lines=blocks[0].kind is Kind.EVENTS)
    except (duckdb.Error, UnicodeDecodeError):
        staging.forget("events", blocks)
        if len(blocks) > 1:
            for block in blocks:
                yield from decode(staging, (block,))
        else:
            yield from slow(staging, blocks[0])


def slow(staging: Staging, block: Block) -> Iterator[Skip]:
    """Stage one block record by record."""
    read = (
        records.lines(block.data, block.name, block.first)
        if block.kind is Kind.EVENTS
        else records.document(block.data, block.name)
    )
    start = staging.number(block)
    yield from _rows(staging, ((start + number, one) for number, one in enumerate(read, 1)))


def _fast(staging: Staging, texts: Sequence[tuple[Cell, ...]], *, lines: bool) -> Iterator[Skip]:
    run = staging.connection.execute
    staging.fill(texts)
    run(_SPLIT.replace("@records", _FROM_LINES if lines else _FROM_DOCUMENTS))
    if not lines:
        _refuse_empty(staging)
    run(_INSERT)
    odd = run(
        f"SELECT seq, place, r FROM rec WHERE doubt OR seq IN (SELECT seq FROM staged_events WHERE {_BAD}) ORDER BY seq"  # noqa: S608 - our own text
    ).fetchall()
    run(f"DELETE FROM staged_events WHERE {_BAD}")  # noqa: S608 - our own text
    run("DROP TABLE rec")
    yield from _rows(staging, ((seq, records.line_record(text, place)) for seq, place, text in odd))


def _refuse_empty(staging: Staging) -> None:
    """A document without any record may be no list of them at all: the slow way finds the words."""
    kinds = staging.connection.execute("SELECT DISTINCT json_type(doc, '$.Records') FROM raw").fetchall()
    if kinds != [("ARRAY",)]:
        raise duckdb.InvalidInputException("no list of Records in it")


def _rows(staging: Staging, found: Iterator[tuple[int, records.Record | Skip]]) -> Iterator[Skip]:
    rows: list[tuple[Cell, ...]] = []
    for seq, one in found:
        if isinstance(one, Skip):
            yield one
            continue
        try:
            rows.append((seq, *row(one.body, one.place)))
        except (BadInput, RecursionError) as error:
            yield Skip(one.place, str(error), malformed=True)
    staging.add("events", rows)
