"""Reading from AWS: a question's whole answer as plain JSON, or one of stanch's errors."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from stanch.aws.faults import from_answer, from_transport, gap
from stanch.aws.validate import is_read
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import BadInput

_CURSORS = ("NextMarker", "NextToken")


@dataclass(frozen=True)
class LiveReader:
    """The Reader of one account and region."""

    client: Callable[[str], BaseClient]
    """botocore's client for a service; may raise botocore's errors."""

    def read(self, service: str, operation: str, **params: JSON) -> JSONObject:
        """Answer of a Get, List, Describe or Lookup operation, all pages merged, times as ISO 8601 UTC.

        Raises NotFound, Denied, Unsupported or FailedResponse when AWS says no, Environment when it cannot be
        asked, BadInput for an operation that is not read-only or does not exist.
        """
        call = f"{service}:{operation}"
        if not is_read(operation):
            raise BadInput(f"{call} is not a read: a reader only does Get, List, Describe and Lookup")
        try:
            return _plain_object(_ask(self.client(service), operation, dict(params)))
        except ClientError as error:
            raise from_answer(call, error) from error
        except (BotoCoreError, ResponseParserError) as error:
            raise from_transport(call, error) from error
        except NotImplementedError as error:
            raise gap(call, error) from error


def _ask(client: BaseClient, operation: str, params: dict[str, Any]) -> Mapping[str, Any]:
    method = xform_name(operation)
    if client.meta.method_to_api_mapping.get(method) != operation:
        raise BadInput(f"{client.meta.service_model.service_name} has no operation {operation}")
    if client.can_paginate(method):
        merged: dict[str, Any] = client.get_paginator(method).paginate(**params).build_full_result()
        return merged
    return _turn_pages(client, operation, params)


def _turn_pages(client: BaseClient, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Merge pages of the services that botocore has no paginators for, such as WAF."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    cursor = next((name for name in _CURSORS if shape is not None and name in shape.members), "")
    ask: Callable[..., dict[str, Any]] = getattr(client, xform_name(operation))
    merged = ask(**params)
    page = merged
    while cursor and page.get(cursor):
        page = ask(**params, **{cursor: page[cursor]})
        for key, value in page.items():
            if isinstance(value, list):
                merged[key] = [*merged.get(key, []), *value]
    merged.pop(cursor, None)
    return merged


def _plain_object(answer: Mapping[str, Any]) -> JSONObject:
    return {key: plain(value) for key, value in answer.items() if key != "ResponseMetadata"}


def plain(value: object) -> JSON:
    """A botocore value as JSON: times as ISO 8601 UTC, bytes as base64."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case bytes():
            return base64.b64encode(value).decode()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            raise BadInput(f"AWS answered with a {type(value).__name__}, which is no JSON")
