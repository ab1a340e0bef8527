"""What went wrong when AWS was asked, in stanch's own errors."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    SSLError,
    SSOError,
    TokenRetrievalError,
    UnknownServiceError,
)
from botocore.parsers import ResponseParserError

from stanch.model.errors import BadInput, Denied, Environment, FailedResponse, NotFound, StanchError, Unsupported

_CREDENTIALS = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached"
_REGION = "set AWS_REGION (or `region` of the profile) to a region that exists"
_ENDPOINT = "check the region's name, the network, the proxy, and AWS_ENDPOINT_URL if it is set"
_ADVICE: tuple[tuple[tuple[type[BotoCoreError], ...], str], ...] = (
    (
        (
            NoCredentialsError,
            PartialCredentialsError,
            CredentialRetrievalError,
            TokenRetrievalError,
            SSOError,
            ProfileNotFound,
        ),
        _CREDENTIALS,
    ),
    ((NoRegionError, InvalidRegionError), _REGION),
    ((EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError, SSLError), _ENDPOINT),
)
_BARE_STATUS = frozenset({"404", "405", "500", "501"})  # a status without an AWS error code: no AWS answers so
_UNKNOWN_OPERATION = frozenset(
    {"UnknownOperationException", "UnknownOperation", "InvalidAction", "NotImplemented", "InternalFailure"}
)
_DENIED = ("AccessDenied", "Unauthorized", "NotAuthorized", "AuthorizationError")
_ABSENT = ("NoSuch", "NotFound", "NonexistentItem", "DoesNotExist")


def code_of(error: ClientError) -> str:
    """AWS's error code, or the bare HTTP status where the endpoint gave none."""
    return str(error.response.get("Error", {}).get("Code", "") or "Unknown")


def message_of(error: ClientError) -> str:
    """AWS's sentence, on one line."""
    return " ".join(str(error.response.get("Error", {}).get("Message", "")).split())


def request_id_of(error: ClientError) -> str:
    """AWS's request id, empty when there is none."""
    return str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))


def from_answer(call: str, error: ClientError) -> FailedResponse:
    """AWS answered with an error: the FailedResponse that fits its code."""
    name = "sts:AssumeRole" if error.operation_name == "AssumeRole" else call
    return _family(code_of(error))(name, code_of(error), message_of(error), request_id_of(error))


def from_transport(call: str, error: BotoCoreError | ResponseParserError) -> StanchError:
    """No answer of AWS came back: Environment with what to do, BadInput for our own mistake, else FailedResponse."""
    if isinstance(error, ResponseParserError):
        return Unsupported(call, "ResponseParserError", "the endpoint's answer is not AWS's")
    if isinstance(error, ParamValidationError | UnknownServiceError):
        return BadInput(f"{call}: {' '.join(str(error).split())}")
    for kinds, advice in _ADVICE:
        if isinstance(error, kinds):
            return Environment(f"{call} could not be sent: {error}; {advice}")
    return FailedResponse(call, type(error).__name__, str(error))


def gap(call: str, error: NotImplementedError) -> Unsupported:
    """A simulated AWS in this very process says so by raising."""
    return Unsupported(call, "NotImplemented", str(error))


def _family(code: str) -> type[FailedResponse]:
    if code in _BARE_STATUS or code in _UNKNOWN_OPERATION:
        return Unsupported
    if any(word in code for word in _DENIED):
        return Denied
    if any(word in code for word in _ABSENT):
        return NotFound
    return FailedResponse
