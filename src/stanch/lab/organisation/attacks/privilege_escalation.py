"""Somebody gives himself more than he was given."""

from collections.abc import Iterator
from datetime import datetime

from stanch.lab.cloudtrail import Issued, granted, user_session
from stanch.lab.dice import session_key
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.scene import Attack, Scene
from stanch.lab.organisation.found import BROWSERS
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.sessions import SDK
from stanch.lab.organisation.traces import Trace
from stanch.model.data import JSON

FAMILY = "privilege_escalation"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


def own_policy(scene: Scene) -> Iterator[Trace]:
    """A user's key attaches a policy to its own user."""
    user, address = scene.user().user, scene.stranger()
    caller, since = scene.key(next(one for one in scene.site.users if one.user == user), address), scene.clock.now
    yield from scene.look_around(caller)
    choice: dict[str, dict[str, JSON]] = {
        "iam:AttachUserPolicy": {"userName": user.name, "policyArn": ADMIN},
        "iam:PutUserPolicy": {"userName": user.name, "policyName": "inline", "policyDocument": ALL},
    }
    call = scene.dice.choice(sorted(choice))
    yield scene.call(caller, call, request=choice[call])
    yield scene.call(caller, "iam:ListUsers")
    yield scene.call(caller, "secretsmanager:ListSecrets")
    yield from _found(scene, caller, call.partition(":")[2], (user.arn, user.key), since, address)


def policy_version(scene: Scene) -> Iterator[Trace]:
    """A person's session writes a new default version of a policy that it has."""
    address, since = scene.stranger(), scene.clock.now
    before, caller = scene.console(address)
    yield from before
    yield from scene.look_around(caller)
    arn = f"arn:aws:iam::{scene.site.id}:policy/{scene.site.account.name}-team"
    yield scene.call(caller, "iam:GetPolicy", request={"policyArn": arn})
    wanted: dict[str, JSON] = {"policyArn": arn, "policyDocument": ALL, "setAsDefault": True}
    yield scene.call(caller, "iam:CreatePolicyVersion", request=wanted)
    yield scene.call(caller, "iam:ListUsers")
    yield from _found(scene, caller, "CreatePolicyVersion", (caller.session.actor, caller.session.name), since, address)


def passed_role(scene: Scene) -> Iterator[Trace]:
    """A function is made with a stronger role, and started."""
    user, address = scene.user(), scene.stranger()
    caller, since = scene.key(user, address), scene.clock.now
    yield from scene.look_around(caller)
    role = scene.site.roles["platform-tooling"]
    name = f"{scene.dice.choice(scene.site.workloads).name}-sync"
    made: dict[str, JSON] = {"functionName": name, "role": role.arn, "runtime": "python3.12", "handler": "app.main"}
    yield scene.call(caller, "iam:ListRoles")
    yield scene.call(caller, "lambda:CreateFunction20150331", request=made)
    yield scene.call(caller, "lambda:Invoke", request={"functionName": name})
    inside = scene.chained(role, name, scene.site.networks[0].egress.on(scene.day), SDK)
    yield scene.call(inside, "iam:AttachUserPolicy", request={"userName": user.user.name, "policyArn": ADMIN})
    yield from _found(scene, caller, "CreateFunction20150331", (user.user.arn, user.user.key, role.arn), since, address)


def trust_edited(scene: Scene) -> Iterator[Trace]:
    """A role's trust is widened to the attacker's user, then the role is taken."""
    user, address = scene.user(), scene.stranger()
    caller, since = scene.key(user, address), scene.clock.now
    role = scene.site.roles["platform-tooling"]
    yield from scene.look_around(caller)
    trust = ALL.replace(
        '"Action":"*","Resource":"*"', f'"Principal":{{"AWS":"{user.user.arn}"}},"Action":"sts:AssumeRole"'
    )
    yield scene.call(caller, "iam:UpdateAssumeRolePolicy", request={"roleName": role.name, "policyDocument": trust})
    at = scene.clock.tick()
    issued = Issued(user.job, session_key(scene.dice), at)
    wanted: dict[str, JSON] = {"roleArn": role.arn, "roleSessionName": user.job}
    yield scene.pen.write(caller, at, "sts:AssumeRole", request=wanted, response=granted(role, issued))
    taken = scene.chained(role, user.job, address, caller.session.agent)
    yield from scene.look_around(taken)
    yield from _found(scene, caller, "UpdateAssumeRolePolicy", (user.user.arn, user.user.key, role.arn), since, address)


def other_login(scene: Scene) -> Iterator[Trace]:
    """Another user gets a password from the attacker, and signs in with it."""
    user, address = scene.user(), scene.stranger()
    caller, since = scene.key(user, address), scene.clock.now
    yield from scene.look_around(caller)
    other = scene.site.break_glass
    yield scene.call(caller, "iam:ListUsers")
    yield scene.call(caller, "iam:CreateLoginProfile", request={"userName": other.name, "passwordResetRequired": False})
    issued = Issued("console", session_key(scene.dice), scene.clock.now)
    inside = Caller.of(user_session(other, address, BROWSERS[0], issued), scene.site.region)
    extra: dict[str, JSON] = {"additionalEventData": {"MFAUsed": "No", "MobileVersion": "No"}}
    yield scene.pen.write(
        inside, scene.clock.tick(), "signin:ConsoleLogin", response={"ConsoleLogin": "Success"}, extra=extra
    )
    yield from _found(scene, caller, "CreateLoginProfile", (user.user.arn, user.user.key), since, address)


def _found(
    scene: Scene, caller: Caller, operation: str, targets: tuple[str, ...], since: datetime, address: str
) -> Iterator[Trace]:
    service = "lambda" if "Function" in operation else "iam"
    action = findings.api_call(service, operation, address)
    kind = "PrivilegeEscalation:IAMUser/AnomalousBehavior"
    yield from scene.found(kind, 5, findings.on_caller(caller), action, targets, since=since, count=2)


ATTACKS = (
    Attack("own_policy", FAMILY, "A user attaches a policy to itself", own_policy),
    Attack("policy_version", FAMILY, "A new default version of one's own policy", policy_version),
    Attack("passed_role", FAMILY, "A function with a stronger role", passed_role),
    Attack("trust_edited", FAMILY, "A role's trust widened, the role taken", trust_edited),
    Attack("other_login", FAMILY, "A password for another user", other_login),
)
