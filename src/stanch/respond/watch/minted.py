"""Which sessions did he mint? Each is followed by its issued key and denied in its own account, within bounds."""

from dataclasses import dataclass

from stanch.model.case import Mode
from stanch.model.casefile import CaseFile
from stanch.model.change import Target, TargetKind
from stanch.model.contained import Followed
from stanch.model.walked import Paged, WouldContain
from stanch.probes.activity import Act
from stanch.respond.further import Arm, planned, take
from stanch.respond.house import House
from stanch.respond.watch.acts import acts_by_key, in_time
from stanch.respond.watch.repairs import cut
from stanch.stages.minted import Minted, minted
from stanch.stages.watch import STANDING

DEPTH = 3
"""How many sessions minted from one another are followed."""
MANY = 10
"""How many sessions of one case are followed."""
OWN_PIPELINE = "Sessions of a declared pipeline or break-glass role: its healthy runs may go by the same name."


@dataclass(frozen=True)
class Session:
    """A followed session and what was done with its key."""

    target: Target | None
    """None for one of the same user."""
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class _Link:
    act: Act
    """The call that minted it."""
    minted: Minted
    depth: int


def follow(house: House, arm: Arm, case: str, acts: tuple[Act, ...]) -> tuple[Session, ...]:
    """Deny each session that these acts minted, and what was minted from it; returns those that were followed.

    Nothing unless an identity of the case is contained; in observation it is journalled what would have been denied.
    """
    if not cut(house.file(case)):
        return ()
    followed: dict[str, Session] = {}
    waiting = [_Link(act, one, 1) for act, one in minted(acts)]
    while waiting:
        link = waiting.pop(0)
        if link.minted.key in followed or not _worth_following(house, case, link, len(followed)):
            continue
        if link.minted.session is None:
            _same_user(house, case, link)
        else:
            _deny(house, arm, case, link, link.minted.session)
        session = Session(link.minted.session, _acts(house, link))
        followed[link.minted.key] = session
        waiting += (_Link(act, one, link.depth + 1) for act, one in minted(session.acts))
    return tuple(followed.values())


def acts_by(
    file: CaseFile, target: Target, acts: tuple[Act, ...], sessions: tuple[Session, ...]
) -> tuple[Act, ...] | None:
    """The acts by which a cut of this target is judged: those of its own keys, or the case's; None if not known now."""
    if all(one.arn != target.arn for one in file.minted):
        return acts
    mine = [
        act
        for one in sessions
        if one.target == target or (one.target and _is_role_of(target, one.target))
        for act in one.acts
    ]
    known = any(one.target == target for one in sessions) or target not in file.minted
    if target not in file.minted:
        mine += [act for act in acts if act.principal_arn == target.arn]
    return in_time(mine) if known else None


def _is_role_of(target: Target, session: Target) -> bool:
    return target.kind is TargetKind.ROLE and target.arn == session.arn


def _worth_following(house: House, case: str, link: _Link, many: int) -> bool:
    """Whether it is within the bounds and one of the operator's own accounts; a person is told where it is not."""
    account = link.minted.session.account if link.minted.session else link.act.account
    own = account in _own(house, house.file(case))
    body = Followed(house.file(case).round, link.minted.event, link.minted.key, link.minted.session, link.depth, own)
    name = link.minted.session.within if link.minted.session else link.minted.key
    if not own:
        house.write(body, key=f"{case}/followed/{link.minted.event}", case=case)
        _page(
            house,
            case,
            link,
            f"the contained credential minted a session in account {account}, which is not ours: {name}",
        )
        return False
    if link.depth > DEPTH or many >= MANY:
        bound = f"{DEPTH} sessions deep" if link.depth > DEPTH else f"{MANY} sessions"
        _page(house, case, link, f"a further session was minted beyond {bound}, so a person must follow it: {name}")
        return False
    house.write(body, key=f"{case}/followed/{link.minted.event}", case=case)
    return True


def _own(house: House, file: CaseFile) -> frozenset[str]:
    return frozenset({_account(file), *(one.id for one in house.context.organisation.accounts)})


def _account(file: CaseFile) -> str:
    return next(one.account for one in file.findings if file.triage and one.key == file.triage.lead)


def _deny(house: House, arm: Arm, case: str, link: _Link, session: Target) -> None:
    file = house.file(case)
    consent = OWN_PIPELINE if session.arn in _declared(house) else ""
    if file.mode is Mode.OBSERVE:
        plan, _ = planned(house, file, "I4", session, consent=consent)
        for change in plan.changes:
            house.write(WouldContain(file.round, change), key=f"{case}/{file.round}/would/{change.id}", case=case)
        return
    why = f"the contained credential minted it, {link.depth} deep ({link.minted.event})"
    if take(house, arm, case, "I4", session, why=why, consent=consent):
        return
    if not any(change.target == session for change in house.file(case).proposals):
        _page(
            house, case, link, f"session {session.within} of {session.arn} was minted and is not denied: see refusals"
        )


def _declared(house: House) -> tuple[str, ...]:
    return (*(one.role for one in house.context.pipelines), *house.context.break_glass)


def _same_user(house: House, case: str, link: _Link) -> None:
    """A session of the calling user himself: his own deny covers it, a deactivated key alone does not."""
    file = house.file(case)
    if file.mode is Mode.OBSERVE:
        return
    kinds = {one.change.target.kind for one in file.containments if one.state in STANDING}
    if TargetKind.USER not in kinds and link.depth == 1:
        text = f"{link.act.call} minted {link.minted.key}, which lives on without its parent key: deny the user"
        _page(house, case, link, text)


def _acts(house: House, link: _Link) -> tuple[Act, ...]:
    account = link.minted.session.account if link.minted.session else link.act.account
    return acts_by_key(house, link.minted.key, account, link.act.region, link.act.at)


def _page(house: House, case: str, link: _Link, text: str) -> None:
    house.write(Paged(text), key=f"{case}/paged/minted/{link.minted.event}", case=case)
