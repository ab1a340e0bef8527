"""The operator's own facts, read from `context.yaml`: every key is optional, an unknown key is an error."""

import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from stanch.model.context import (
    Account,
    Asset,
    Availability,
    Context,
    Flow,
    Freeze,
    KnownResource,
    Networks,
    Organisation,
    Partner,
    Pipeline,
    Protected,
    Window,
)
from stanch.model.errors import BadInput
from stanch.settings.place import Place, read_yaml

NETWORKS = ("vpn", "office", "ci", "egress")
ARN = re.compile(r"arn:[^:\s]+:[^:\s]*:[^:\s]*:[^:\s]*:\S+")
MAX_PORT = 65535
MAX_DAYS = 3650


def load_context(path: Path | None) -> Context:
    """The facts in this file, none without one. Raises BadInput naming the file and the key."""
    if path is None:
        return Context()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"the context {path} cannot be read: {error}") from error
    whole = read_yaml(str(path), data)
    context = Context() if whole.value is None else _context(whole)
    return replace(context, digest=sha256(data).hexdigest())


def _context(whole: Place) -> Context:
    table = whole.table(
        "now organisation networks vpc_endpoints pipelines change_windows partners break_glass protected privileged "
        "freezes penetration_tests service_map assets sources resources"
    )
    return Context(
        now=table["now"].time() if "now" in table else None,
        organisation=_organisation(table["organisation"]) if "organisation" in table else Organisation(),
        networks=_networks(table["networks"]) if "networks" in table else Networks(),
        vpc_endpoints=table.each("vpc_endpoints", Place.text),
        pipelines=table.each("pipelines", _pipeline),
        change_windows=table.each("change_windows", _window),
        partners=table.each("partners", _partner),
        break_glass=table.each("break_glass", _arn),
        protected=_protected(table["protected"]) if "protected" in table else Protected(),
        privileged=table.each("privileged", _arn),
        freezes=table.each("freezes", _freeze),
        penetration_tests=table.each("penetration_tests", _window),
        service_map=table.each("service_map", _flow),
        assets=table.each("assets", _asset),
        sources=_availability(table["sources"]) if "sources" in table else Availability(),
        resources=_resources(table["resources"]) if "resources" in table else (),
    )


def _organisation(place: Place) -> Organisation:
    table = place.table("name accounts")
    return Organisation(table.text("name"), table.each("accounts", _account))


def _account(place: Place) -> Account:
    table = place.table("id name env ou", need="id")
    return Account(table["id"].account(), table.text("name"), table.text("env"), table.text("ou").strip("/"))


def _networks(place: Place) -> Networks:
    table = place.table(" ".join(NETWORKS))
    return Networks(**{name: table.each(name, Place.network) for name in NETWORKS})


def _pipeline(place: Place) -> Pipeline:
    table = place.table("role provider subject networks", need="role")
    networks = table["networks"].one_of(NETWORKS) if "networks" in table else ""
    return Pipeline(table.text("role"), table.text("provider"), table.text("subject"), networks)


def _window(place: Place) -> Window:
    table = place.table("principal from to ticket", need="principal from to")
    start, end = table["from"].time(), table["to"].time()
    if end < start:
        raise table["to"].wrong("later than `from`")
    return Window(table.text("principal"), start, end, table.text("ticket"))


def _protected(place: Place) -> Protected:
    table = place.table("arns accounts ous principals")
    return Protected(
        arns=table.each("arns", _arn),
        accounts=table.each("accounts", Place.account),
        ous=table.each("ous", lambda one: one.text().strip("/")),
        principals=table.each("principals", _arn),
    )


def _freeze(place: Place) -> Freeze:
    table = place.table("from to accounts reason all", need="from to reason")
    start, end = table["from"].time(), table["to"].time()
    if end <= start:
        raise table["to"].wrong("later than `from`")
    accounts = table.each("accounts", Place.account)
    if "accounts" in table and not accounts:
        raise table["accounts"].wrong("a list of accounts, or left out for all of them")
    return Freeze(start, end, accounts, table.text("reason"), table.flag("all") is True)


def _partner(place: Place) -> Partner:
    table = place.table("name accounts networks", need="name")
    return Partner(table.text("name"), table.each("accounts", Place.account), table.each("networks", Place.network))


def _arn(place: Place) -> str:
    if not ARN.fullmatch(place.text()):
        raise place.wrong("an ARN")
    return place.text()


def _flow(place: Place) -> Flow:
    table = place.table("from to ports", need="from to")
    return Flow(table.text("from"), table.text("to"), table.each("ports", lambda one: one.whole(0, MAX_PORT)))


def _asset(place: Place) -> Asset:
    table = place.table("arn tier stateful workload data", need="arn")
    stateful = table.flag("stateful") is True
    return Asset(_arn(table["arn"]), table.text("tier"), stateful, table.text("workload"), table.text("data"))


def _availability(place: Place) -> Availability:
    table = place.table("cloudtrail_management s3_data_events vpc_flow baseline_days")
    days = table["baseline_days"].whole(0, MAX_DAYS) if "baseline_days" in table else None
    return Availability(table.flag("cloudtrail_management"), table.flag("s3_data_events"), table.flag("vpc_flow"), days)


def _resources(place: Place) -> tuple[KnownResource, ...]:
    return tuple(_resource(arn, known) for arn, known in place.entries().items())


def _resource(arn: str, place: Place) -> KnownResource:
    _arn(Place(place.file, place.path, arn))
    table = place.table("tags state")
    tags = table["tags"].entries() if "tags" in table else {}
    state = table["state"].json() if "state" in table else None
    return KnownResource(arn, tuple((name, _tag(one)) for name, one in tags.items()), state)


def _tag(place: Place) -> str:
    # A tag may be empty, and `prod: true` is YAML's reading of the word.
    return str(place.value).lower() if isinstance(place.value, bool) else "" if place.value == "" else place.text()
