"""CloudTrail's records as types, strictly: a record that is not plainly regular has none, and is read another way.

Parts that every API shapes for itself stay text, as they were written. What AWS adds tomorrow is irregular too.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw

NULL, ABSENT = Raw(b"null"), Raw(b"")
_Text = str | None


class _Strict(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Its fields, and no other."""


class Issuer(_Strict, frozen=True):
    """Whose session it is."""

    type: _Text = None
    principalId: _Text = None
    arn: _Text = None
    accountId: _Text = None
    userName: _Text = None


class Attributes(_Strict, frozen=True):
    """How the session began."""

    creationDate: _Text = None
    mfaAuthenticated: _Text = None


class Session(_Strict, frozen=True):
    """The `sessionContext`."""

    sessionIssuer: Issuer = Issuer()
    attributes: Attributes = Attributes()
    webIdFederationData: Raw = NULL
    sourceIdentity: _Text = None
    ec2RoleDelivery: _Text = None
    assumedRoot: _Text = None


class Who(_Strict, frozen=True):
    """The `userIdentity`."""

    type: _Text = None
    principalId: _Text = None
    arn: _Text = None
    accountId: _Text = None
    accessKeyId: _Text = None
    userName: _Text = None
    sessionContext: Session = Session()
    invokedBy: _Text = None
    identityProvider: _Text = None
    credentialId: _Text = None
    onBehalfOf: Raw = NULL
    inScopeOf: Raw = NULL


class Asked(msgspec.Struct, frozen=True, gc=False):
    """Of `requestParameters`, what has a column where it is a text."""

    bucketName: _Text = None
    key: Any = None  # DynamoDB's is an object
    roleArn: _Text = None


class Key(msgspec.Struct, frozen=True, gc=False):
    """An access key that was issued."""

    accessKeyId: _Text = None


class Answered(msgspec.Struct, frozen=True, gc=False):
    """Of `responseElements`, the same."""

    credentials: Key = Key()
    accessKey: Key = Key()


class More(msgspec.Struct, frozen=True, gc=False):
    """Of `additionalEventData`, the same."""

    MFAUsed: _Text = None
    bytesTransferredOut: int | float | None = None


class Typed(_Strict, frozen=True):
    """One record."""

    eventID: str
    eventTime: str
    eventSource: str
    eventName: str
    recipientAccountId: _Text = None
    awsRegion: _Text = None
    sourceIPAddress: _Text = None
    userAgent: _Text = None
    errorCode: _Text = None
    errorMessage: _Text = None
    readOnly: bool | None = None
    managementEvent: bool | None = None
    eventType: _Text = None
    eventCategory: _Text = None
    vpcEndpointId: _Text = None
    requestID: _Text = None
    userIdentity: Raw = NULL
    requestParameters: Raw = NULL
    responseElements: Raw = NULL
    additionalEventData: Raw = NULL
    resources: Raw = NULL
    tlsDetails: Raw = NULL
    eventVersion: Raw = NULL
    # Fields without a column that AWS is known to write: they are kept together in `other`.
    apiVersion: Raw = ABSENT
    sharedEventID: Raw = ABSENT
    sessionCredentialFromConsole: Raw = ABSENT
    serviceEventDetails: Raw = ABSENT
    vpcEndpointAccountId: Raw = ABSENT
    eventContext: Raw = ABSENT
    addendum: Raw = ABSENT
    edgeDeviceDetails: Raw = ABSENT
    insightDetails: Raw = ABSENT


FIELDS = Typed.__struct_fields__
OTHERS = FIELDS[FIELDS.index("apiVersion") :]
"""Fields that are kept together."""


class _Document(_Strict, frozen=True):
    Records: list[Typed]


class _Parts(msgspec.Struct, gc=False):
    Records: list[Raw]


who = msgspec.json.Decoder(Who | None).decode
asked = msgspec.json.Decoder(Asked | None).decode
answered = msgspec.json.Decoder(Answered | None).decode
more = msgspec.json.Decoder(More | None).decode
_all = msgspec.json.Decoder(_Document).decode
_each = msgspec.json.Decoder(_Parts).decode
_one = msgspec.json.Decoder(Typed).decode


def settled(one: Who) -> bool:
    """Whether every key in it is known."""
    context = one.sessionContext
    return one.onBehalfOf is NULL and one.inScopeOf is NULL and context.webIdFederationData is NULL


def document(data: bytes) -> list[Typed] | None:
    """The records of a document, all of them regular; None when one is not, or it is no such document."""
    try:
        return _all(data).Records if _utf8(data) else None
    except (msgspec.MsgspecError, RecursionError):
        return None


def texts(data: bytes) -> Sequence[Raw | bytes] | None:
    """The records of a document one by one as JSON; None when it is no such document."""
    try:
        return _each(data).Records if _utf8(data) else None
    except (msgspec.MsgspecError, RecursionError):
        return None


def record(text: Raw | bytes) -> Typed | None:
    """The record, if it is regular."""
    try:
        return _one(text) if _utf8(bytes(text)) else None
    except (msgspec.MsgspecError, RecursionError):
        return None


def _utf8(data: bytes) -> bool:
    """Whether it is UTF-8: parts that stay text are not looked at by the parser."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
