"""VPC flow logs, of any version and custom format: the header line says which field stands where."""

from collections.abc import Iterator, Sequence

from stanch.model.finding import Skip
from stanch.trail.blocks import Block
from stanch.trail.decode.plain import insert, lay_out
from stanch.trail.staging import Staging

_COLUMNS = {
    "flow_version": "version",
    "interface_id": "interface-id",
    "instance_id": "instance-id",
    "vpc_id": "vpc-id",
    "subnet_id": "subnet-id",
    "source_ip": "srcaddr",
    "destination_ip": "dstaddr",
    "source_port": "srcport",
    "destination_port": "dstport",
    "protocol": "protocol",
    "packets": "packets",
    "bytes": "bytes",
    "action": "action",
    "log_status": "log-status",
    "tcp_flags": "tcp-flags",
    "traffic_type": "type",
    "packet_source_ip": "pkt-srcaddr",
    "packet_destination_ip": "pkt-dstaddr",
    "region": "region",
    "az_id": "az-id",
    "source_service": "pkt-src-aws-service",
    "destination_service": "pkt-dst-aws-service",
    "direction": "flow-direction",
    "traffic_path": "traffic-path",
}
_NUMBERS = frozenset(
    {
        *("flow_version", "source_port", "destination_port", "protocol", "packets", "bytes", "tcp_flags"),
        "traffic_path",
    }
)
_BESIDE = frozenset({"account-id", "start", "end"})


def decode(staging: Staging, blocks: Sequence[Block]) -> Iterator[Skip]:
    """Stage the flows of blocks that share a format."""
    fields = blocks[0].fields
    if "start" not in fields:
        yield from (
            Skip(one.name, "start: this format has no such field, and a flow needs a time", malformed=True)
            for one in blocks
        )
        return
    yield from lay_out(staging, blocks)
    yield from insert(staging, "flows", _select(fields), f"not {len(fields)} fields, or no time in `start`")


def _select(fields: tuple[str, ...]) -> str:
    def at(field: str) -> str:
        return f"nullif(f[{fields.index(field) + 1}], '-')" if field in fields else "NULL"

    def cell(column: str) -> str:
        found = at(_COLUMNS[column])
        return f"try_cast({found} AS BIGINT)" if column in _NUMBERS and found != "NULL" else found

    rest = [name for name in fields if name not in _BESIDE and name not in _COLUMNS.values()]
    # Names stand in the object: they pass as data, never as SQL.
    other = f"json_object({', '.join(f'h[{fields.index(name) + 1}], {at(name)}' for name in rest)})" if rest else "NULL"
    names = "[" + ", ".join(f"'{name}'" for name in fields) + "]"
    return f"""
SELECT seq, coalesce({at("account-id")}, ''), begun::DATE, begun,
       make_timestamp(try_cast({at("end")} AS BIGINT) * 1000000),
       {", ".join(cell(column) for column in _COLUMNS)}, {other}, place, NULL, NULL
FROM (SELECT seq, place, f, h, make_timestamp(try_cast({at("start")} AS BIGINT) * 1000000) AS begun
      FROM (SELECT seq, place, string_split(line, ' ') AS f, {names} AS h FROM rec) WHERE len(f) = {len(fields)})
"""  # noqa: S608 - field names are of [a-z0-9-] alone: FLOW_HEADER
