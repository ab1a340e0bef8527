"""I6: deny the credentials that were issued to one instance, wherever they are used, with a policy that ends itself."""

from stanch.actions._denial import READS, Principal
from stanch.actions._deny import Condition, Deny, role_objections
from stanch.actions._examples import CREDENTIALS, TERMS
from stanch.actions._place import INSTANCE_ARN, instance_id
from stanch.model.change import Action, Lasting, RevertsBy, Target, TargetKind, Terms


def _from_instance(target: Target, _terms: Terms) -> Condition:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-ec2-sourceinstancearn
    return {"ArnEquals": {"ec2:SourceInstanceARN": target.within}}


def _objections(target: Target, state: Principal) -> tuple[str, ...]:
    match = INSTANCE_ARN.fullmatch(target.within)
    if match is None:
        return (f"the instance whose credentials of role {target.name} were stolen is not known",)
    if match["account"] != target.account:
        return (f"instance {match['id']} is not in account {target.account}, where role {target.name} is",)
    return (*role_objections(target, state), *_DENY.objections(target, state))


def _blast_radius(target: Target, _state: Principal) -> str:
    instance = instance_id(target.within) or "an unknown instance"
    return f"credentials of role {target.name} issued to {instance} in account {target.account}"


_DENY = Deny("I6", "Role", "StanchDenyInstanceCredentials", _from_instance, lambda target: instance_id(target.within))

ACTION = Action(
    id="I6",
    title="Deny credentials stolen from an instance",
    target=TargetKind.INSTANCE_CREDENTIALS,
    state=Principal,
    snapshot=_DENY.snapshot,
    presume=_DENY.presume,
    objections=_objections,
    forward=_DENY.forward,
    inverse=_DENY.inverse,
    keep=_DENY.keep,
    blast_radius=_blast_radius,
    reverts_by=RevertsBy.NATIVE,
    cut="hard for these credentials and all that the instance is given next; roles assumed with them live on",
    breaks="AWS calls of this one instance as its role; other instances on the role work on.",
    price="the stolen session works again while it lives",
    lasting=Lasting.DECAY,
    next_rungs=("I3",),
    permissions=READS["Role"],
    spared_by="I7",
    examples=_DENY.examples(CREDENTIALS, TERMS),
)
"""Only credentials of the instance profile carry the condition key: not IRSA, Pod Identity or task roles."""
