"""The findings of the simulated GuardDuty, each validated against botocore's model before it is kept."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import cast

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator
from moto.guardduty.exceptions import DetectorNotFoundException
from moto.guardduty.models import guardduty_backends

from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput


def put(detail: JSONObject) -> None:
    """Keep a finding (camelCase, as AWS sends it), replacing the one of the same id.

    Raises BadInput for a finding that AWS could not have sent, or whose detector does not exist.
    """
    wrong = problems(detail)
    if wrong:
        raise BadInput(f"finding {detail.get('id')}: {wrong}")
    service = cast("JSONObject", detail["service"])
    account, region, detector = (str(part) for part in (detail["accountId"], detail["region"], service["detectorId"]))
    try:
        kept = findings(account, region, detector)
    except DetectorNotFoundException as error:
        raise BadInput(f"finding {detail['id']}: no detector {detector} in {account}/{region}") from error
    kept[str(detail["id"])] = detail


def findings(account: str, region: str, detector: str) -> dict[str, JSONObject]:
    """The findings that a detector holds, by id; raises moto's DetectorNotFoundException."""
    held = guardduty_backends[account][region].get_detector(detector)
    # Kept on moto's own detector, so that they go when it goes.
    return cast("dict[str, JSONObject]", vars(held).setdefault("findings", {}))


def paths(dispatch: Callable[..., object]) -> Mapping[str, Callable[..., object]]:
    """The request paths of the findings operations, in moto's form."""
    under = "{0}/detector/(?P<detector_id>[^/]+)/findings"
    return {f"{under}$": dispatch, f"{under}/get$": dispatch}


def problems(detail: JSONObject) -> str:
    """What botocore's model of a Finding says against it, empty when nothing does."""
    try:
        named = api_form(detail)
    except BadInput as error:
        return str(error)
    return str(ParamValidator().validate(cast("JSONObject", named), _finding()).generate_report())


def api_form(value: JSON, shape: Shape | None = None) -> JSON:
    """The same finding with the API's key names (PascalCase) and without nulls; raises BadInput on a key it lacks."""
    shape = shape or _finding()
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        return _members(value, shape)
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        return [api_form(one, shape.member) for one in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {key: api_form(one, shape.value) for key, one in value.items()}
    return value


def _members(value: JSONObject, shape: StructureShape) -> JSONObject:
    wire = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
    foreign = sorted(set(value) - set(wire))
    if foreign:
        raise BadInput(f"{shape.name} has no {', '.join(foreign)}")
    return {wire[key][0]: api_form(one, wire[key][1]) for key, one in value.items() if one is not None}


@cache
def _finding() -> Shape:
    return botocore.session.get_session().get_service_model("guardduty").shape_for("Finding")
