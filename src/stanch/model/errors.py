"""Every error stanch raises: one root, three families, each with a sentence that says what to do."""


class StanchError(Exception):
    """The root of all errors of stanch; `str()` is meant for a person."""


class BadInput(StanchError):
    """A record, playbook, policy or setting that cannot be used; names the place and the field."""


class FailedResponse(StanchError):
    """AWS was asked and did not do it; nothing may be called contained because of this call."""

    def __init__(self, call: str, code: str, message: str, request_id: str = "") -> None:
        super().__init__(f"{call} failed: {code}: {message}")
        self.call = call
        """The operation as `service:Operation`."""
        self.code = code
        """The AWS error code, or the name of the transport error."""
        self.message = message
        self.request_id = request_id
        """The AWS request id, empty when no answer came back."""


class NotFound(FailedResponse):
    """The resource asked for does not exist."""


class Denied(FailedResponse):
    """stanch's role lacks the permission for the call."""


class Unsupported(FailedResponse):
    """The endpoint does not know the operation (a simulated AWS with gaps)."""


class Environment(StanchError):
    """Something around stanch is not as it must be: credentials, endpoint, database, file system."""
