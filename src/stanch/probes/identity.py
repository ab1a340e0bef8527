"""Who is behind a name: the user or role as IAM knows it now."""

from dataclasses import dataclass

from stanch.aws.answer import at, rows, tags, text
from stanch.model.data import JSON
from stanch.model.errors import FailedResponse, NotFound
from stanch.model.finding import Identity, IdentityKind
from stanch.model.ports import Reader


@dataclass(frozen=True)
class KnownIdentity:
    """A user or role, looked up live."""

    name: str = ""
    """Its own name, which for an instance profile of another name is not the one asked for."""
    arn: str = ""
    """With its path; empty when it could not be looked up."""
    tags: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    """What could not be looked up and why, in sentences."""
    replaced: bool = False
    """There is one of that name, but not the one that acted: it was deleted and made again since."""


def look_up(reader: Reader, identity: Identity) -> KnownIdentity:
    """The live user or role of a finding's identity; nothing is guessed. Raises Environment if AWS cannot be asked."""
    if not identity.name:
        return _unknown(f"the finding names no {identity.kind}")
    try:
        match identity.kind:
            case IdentityKind.IAM_USER:
                return _known(identity, _user(reader, identity.name), "UserId")
            case IdentityKind.ASSUMED_ROLE:
                return _known(identity, _role(reader, identity.name), "RoleId")
            case _:
                return _unknown(f"{identity.kind} {identity.name} has no user or role of its own")
    except FailedResponse as error:
        return _unknown(f"{identity.kind} {identity.name}: {error}")


def _user(reader: Reader, name: str) -> JSON:
    return at(reader.read("iam", "GetUser", UserName=name), "User")


def _role(reader: Reader, name: str) -> JSON:
    """The role of that name, or else of the instance profile of that name: detectors write either."""
    try:
        return at(reader.read("iam", "GetRole", RoleName=name), "Role")
    except NotFound:
        profile = reader.read("iam", "GetInstanceProfile", InstanceProfileName=name)
        role = next(iter(rows(profile, "InstanceProfile", "Roles")), None)
        return at(reader.read("iam", "GetRole", RoleName=text(role, "RoleName")), "Role") if role else None


def _known(identity: Identity, found: JSON, id_key: str) -> KnownIdentity:
    name = text(found, "UserName") or text(found, "RoleName")
    if not name:
        return _unknown(f"instance profile {identity.name} has no role")
    live, told = text(found, id_key), identity.principal_id.partition(":")[0]
    if told and live != told:  # deleted and made again since: not the one that acted
        why = f"{identity.kind} {identity.name} is now {live}, but {told} acted: another one of that name"
        return KnownIdentity(unknown=(why,), replaced=True)
    return KnownIdentity(name, text(found, "Arn"), tags(found, "Tags"))


def _unknown(reason: str) -> KnownIdentity:
    return KnownIdentity(unknown=(reason,))
