"""What a detector said: a Finding, in one shape whatever format it arrived in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Form(StrEnum):
    """The format a finding arrived in."""

    GUARDDUTY = "guardduty"
    ASFF = "asff"
    OCSF = "ocsf"
    TRAIL = "trail"
    """Made by us from events that it cites; no record that arrives can have it."""


class IdentityKind(StrEnum):
    """AWS's `userIdentity.type`, as far as it decides what may be done."""

    IAM_USER = "IAMUser"
    ASSUMED_ROLE = "AssumedRole"
    ROOT = "Root"
    FEDERATED_USER = "FederatedUser"
    AWS_SERVICE = "AWSService"
    UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Identity:
    """Who acted, as the detector asserts it."""

    kind: IdentityKind
    account: str
    name: str
    """The user's or the role's name, without its path."""
    principal_id: str = ""
    """`AIDA…` for a user, `AROA…:session` for an assumed role."""
    access_key: str = ""
    """`AKIA…` (long-term) or `ASIA…` (session)."""


@dataclass(frozen=True)
class Interface:
    """A network interface of an instance."""

    id: str
    private_ip: str = ""
    public_ip: str = ""
    subnet: str = ""
    vpc: str = ""
    groups: tuple[str, ...] = ()
    """Ids of its security groups, in AWS's order."""


@dataclass(frozen=True)
class Instance:
    """An EC2 instance that a finding names."""

    id: str
    account: str
    region: str
    partition: str = "aws"
    role: str = ""
    """Name taken from its instance profile; the profile's role must be looked up live."""
    interfaces: tuple[Interface, ...] = ()

    @property
    def arn(self) -> str:
        """The instance's ARN."""
        return f"arn:{self.partition}:ec2:{self.region}:{self.account}:instance/{self.id}"


class Direction(StrEnum):
    """Which side opened a connection, seen from the resource."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Connection:
    """The network peer that a finding is about (layer 4)."""

    remote_ip: str
    direction: Direction = Direction.UNKNOWN
    local_port: int = 0
    remote_port: int = 0
    blocked: bool | None = None


@dataclass(frozen=True)
class Resource:
    """Anything a finding names; `type` is the detector's word."""

    type: str
    id: str


@dataclass(frozen=True)
class Finding:
    """One finding. Title, description and tags may hold an attacker's text (class C): shown, never obeyed."""

    id: str
    account: str
    region: str
    type: str
    """GuardDuty's type string; for other detectors the generator or the first type."""
    severity: float
    """0..10 on GuardDuty's scale."""
    updated_at: datetime
    form: Form
    product: str
    """The detector's name, `GuardDuty` for GuardDuty's in any format."""
    partition: str = "aws"
    detector: str = ""
    """GuardDuty's detector id, or the product ARN: what a re-fetch needs."""
    title: str = ""
    description: str = ""
    created_at: datetime | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    count: int = 1
    resource_role: str = ""
    """`TARGET` or `ACTOR`, empty when not said."""
    identity: Identity | None = None
    instance: Instance | None = None
    connection: Connection | None = None
    caller_ip: str = ""
    """Source address of the API calls that the finding is about (class B)."""
    resources: tuple[Resource, ...] = ()
    sample: bool = False
    """AWS's own sample flag, or a title that claims it."""
    archived: bool = False
    requested_by: str = ""
    """Name of the Security Hub custom action a person pressed, if one did."""
    actors: int = 1
    """How many actors an attack sequence names; 1 for all other findings."""
    vouched: bool = False
    """The operator handed it over himself (a file); else it must be found again at its detector."""
    remote_account: str = ""
    """AWS account whose host made the calls that the finding is about (class A), where the detector names one."""

    @property
    def key(self) -> str:
        """The de-duplication key: account, region and id."""
        return f"{self.account}/{self.region}/{self.id}"

    @property
    def revision(self) -> str:
        """The idempotency key: the same finding in the same state."""
        return f"{self.key}@{self.updated_at.isoformat()}#{self.count}"


@dataclass(frozen=True)
class Skip:
    """A record, or a part of one, that holds no finding, with the reason."""

    record: str
    """Where it was: file and line, or message id."""
    reason: str
    malformed: bool = False
    """It should have been a finding but cannot be read: an error, not an oddity."""
