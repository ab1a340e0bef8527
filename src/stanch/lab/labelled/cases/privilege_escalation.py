"""Rights change hands: by thieves who want more, by pipelines, administrators and new colleagues who need some."""

from dataclasses import replace

from stanch.lab.cloudtrail import Issued, role_session, user_session
from stanch.lab.dice import ALPHABET, session_key
from stanch.lab.labelled.place import DAYS
from stanch.lab.labelled.scenario import Kind, Scenario
from stanch.lab.labelled.stage import Stage
from stanch.lab.organisation import findings
from stanch.lab.organisation.attacks.privilege_escalation import ADMIN, ALL
from stanch.lab.organisation.attacks.scene import with_hosts
from stanch.lab.organisation.found import BROWSERS
from stanch.lab.organisation.found_site import role
from stanch.lab.organisation.names import LINES
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.wanted import CORE, READ_ONLY
from stanch.lab.organisation.world import KeyUser
from stanch.lab.world import User
from stanch.model.data import JSON

TYPES = ("PrivilegeEscalation:IAMUser/AnomalousBehavior", "Persistence:IAMUser/AnomalousBehavior")


def _found(s: Stage, caller: Caller, operation: str) -> None:
    service = "lambda" if "Function" in operation else "iam"
    action = findings.api_call(service, operation, caller.session.address)
    s.find(s.dice.choice(TYPES), 5, s.about(caller), action, count=s.dice.randint(1, 4))


def _key(s: Stage) -> tuple[KeyUser, Caller]:
    """A program's key used from a stranger's address."""
    user = s.scene.user()
    caller = s.scene.key(user, s.stranger())
    s.may(caller, user.user.arn, user.user.key)
    return user, caller


def _role_made(s: Stage, caller: Caller, policy: str) -> str:
    """A role is made and given a policy."""
    name = f"{s.dice.choice(s.site.workloads).name}-{s.dice.choice(('task', 'job', 'runner'))}"
    s.calls(caller, "iam:CreateRole", request={**(s.asked("iam:CreateRole") or {}), "roleName": name})
    s.calls(caller, "iam:AttachRolePolicy", request={"roleName": name, "policyArn": policy})
    s.calls(caller, "iam:TagRole", request={"roleName": name})
    return name


def _new_key(s: Stage, caller: Caller, user: User) -> User:
    """A second key for a user; gives the user with it."""
    key = "AKIA" + "".join(s.dice.choices(ALPHABET, k=16))
    made: dict[str, JSON] = {"accessKey": {"userName": user.name, "accessKeyId": key, "status": "Active"}}
    s.calls(caller, "iam:CreateAccessKey", request={"userName": user.name}, response=made)
    s.may(key)
    return User(user.account, user.name, user.arn, user.id, key)


def _as(s: Stage, user: User, address: str, agent: str) -> Caller:
    return Caller.of(user_session(user, address, agent), s.site.region)


def pipeline_window(s: Stage) -> None:
    """A pipeline makes a role with all rights, in its declared change window or a week after it."""
    pipeline, caller = s.pipeline()
    s.may(caller)
    s.declares_window(pipeline.role.arn)
    _role_made(s, caller, ADMIN)
    s.calls(caller, "iam:PutRolePolicy", "ssm:PutParameter")
    _found(s, caller, "AttachRolePolicy")


def pipeline_subject(s: Stage) -> None:
    """A run of the repository that is in the registry, or of one that is not, makes a role with all rights."""
    other = f"repo:northlight/{s.site.account.name}-{s.dice.choice(LINES)}:ref:refs/heads/main"
    pipeline, caller = s.pipeline(subject="" if s.authorised else other)
    s.may(caller)
    s.facts["change_windows"] = [one for one in s.facts["change_windows"] if one["principal"] != pipeline.role.arn]
    _role_made(s, caller, ADMIN)
    s.calls(caller, "iam:PutRolePolicy")
    _found(s, caller, "AttachRolePolicy")


def pipeline_runner(s: Stage) -> None:
    """A run from a runner whose network is, or is not, declared for pipelines writes policies."""
    _, caller = s.pipeline(s.stranger())
    s.may(caller)
    s.declares_range("ci", caller.session.address)
    s.calls(caller, "sts:GetCallerIdentity")
    _role_made(s, caller, ADMIN)
    _found(s, caller, "AttachRolePolicy")


def declared_change(s: Stage) -> None:
    """A program's user gives itself rights for a migration: in the declared window, or a week after it."""
    user = s.scene.user()
    caller = s.scene.key(user, user.address.on(DAYS - 1))
    s.may(caller, user.user.arn, user.user.key)
    s.declares_window(user.user.arn)
    s.calls(caller, "sts:GetCallerIdentity")
    s.calls(caller, "iam:AttachUserPolicy", request={"userName": user.user.name, "policyArn": ADMIN})
    s.calls(caller, "s3:ListBuckets", "ec2:DescribeInstances")
    _found(s, caller, "AttachUserPolicy")


def own_policy(s: Stage) -> None:
    """A stolen key attaches a policy to its own user."""
    user, caller = _key(s)
    s.looks(caller)
    s.calls(caller, "iam:ListAttachedUserPolicies", request={"userName": user.user.name})
    s.calls(caller, "iam:AttachUserPolicy", request={"userName": user.user.name, "policyArn": ADMIN})
    s.secrets(caller, n=2)
    _found(s, caller, "AttachUserPolicy")


def policy_version(s: Stage) -> None:
    """A stolen key writes a new default version of the team's policy that gives everything."""
    _, caller = _key(s)
    s.looks(caller)
    arn = f"arn:aws:iam::{s.site.id}:policy/{s.site.account.name}-team"
    wanted: dict[str, JSON] = {"policyArn": arn, "policyDocument": ALL, "setAsDefault": True}
    s.calls(caller, "iam:GetPolicy", request={"policyArn": arn})
    s.calls(caller, "iam:CreatePolicyVersion", request=wanted)
    s.calls(caller, "iam:ListUsers")
    _found(s, caller, "CreatePolicyVersion")


def passed_role(s: Stage) -> None:
    """A stolen key makes a function with a stronger role and starts it; data events are off in half of the accounts."""
    user, caller = _key(s)
    s.looks(caller)
    tooling, name = s.site.roles["platform-tooling"], f"{s.dice.choice(s.site.workloads).name}-sync"
    made: dict[str, JSON] = {"functionName": name, "role": tooling.arn, "runtime": "python3.12", "handler": "app.main"}
    s.calls(caller, "lambda:CreateFunction20150331", request=made)
    s.calls(caller, "lambda:Invoke", request={"functionName": name})
    if s.dice.random() < 0.5:
        s.without("s3_data_events")
    inside = s.scene.chained(tooling, name, s.site.networks[0].egress.on(DAYS - 1), caller.session.agent)
    s.calls(inside, "iam:AttachUserPolicy", request={"userName": user.user.name, "policyArn": ADMIN})
    s.may(tooling.arn, inside)
    _found(s, caller, "CreateFunction20150331")


def trust_edited(s: Stage) -> None:
    """A stolen key lets itself into a stronger role and takes it."""
    user, caller = _key(s)
    s.looks(caller)
    tooling = s.site.roles["platform-tooling"]
    trust = ALL.replace(
        '"Action":"*","Resource":"*"', f'"Principal":{{"AWS":"{user.user.arn}"}},"Action":"sts:AssumeRole"'
    )
    s.calls(caller, "iam:UpdateAssumeRolePolicy", request={"roleName": tooling.name, "policyDocument": trust})
    taken = s.assumes(caller, tooling)
    s.looks(taken)
    s.may(tooling.arn, taken)
    _found(s, caller, "UpdateAssumeRolePolicy")


def key_for_another(s: Stage) -> None:
    """A stolen key makes a key for another user, and goes on with that one from elsewhere."""
    _, caller = _key(s)
    s.looks(caller)
    other = _new_key(s, caller, s.site.break_glass)
    s.may(other.arn)
    after = _as(s, other, s.dice.choice(s.scene.organisation.strangers), caller.session.agent)
    s.calls(after, "sts:GetCallerIdentity", "iam:ListUsers", "s3:ListBuckets")
    _found(s, caller, "CreateAccessKey")


def host_gives_rights(s: Stage) -> None:
    """A host's own credentials, taken over, make a user with all rights and a password."""
    workload, host = s.host()
    stolen, _ = s.away(s.instance(workload, host))
    s.may(host, stolen)
    name = f"svc-{s.dice.choice(('report', 'audit', 'sync'))}"
    s.looks(stolen)
    s.calls(stolen, "iam:CreateUser", request={"userName": name})
    s.calls(stolen, "iam:AttachUserPolicy", request={"userName": name, "policyArn": ADMIN})
    s.calls(stolen, "iam:CreateLoginProfile", request={"userName": name, "passwordResetRequired": False})
    action = findings.api_call("iam", "AttachUserPolicy", stolen.session.address)
    s.find(TYPES[1], 5, s.about(stolen, host), action)


def new_colleague(s: Stage) -> None:
    """An administrator lets a new colleague in, with rights to read."""
    caller = s.person("Admin")
    s.may(caller)
    name = f"u{s.dice.getrandbits(20):05x}"
    s.calls(caller, "iam:CreateUser", request={"userName": name})
    s.calls(caller, "iam:AttachUserPolicy", request={"userName": name, "policyArn": READ_ONLY})
    s.calls(caller, "iam:CreateLoginProfile", request={"userName": name, "passwordResetRequired": True})
    _found(s, caller, "CreateUser")


def key_rotated(s: Stage) -> None:
    """A program makes itself a new key, uses it from where it always is, and puts the old one out of use."""
    user = s.scene.user()
    home = user.address.on(DAYS - 1)
    caller = s.scene.key(user, home)
    fresh = _new_key(s, caller, user.user)
    after = _as(s, fresh, home, caller.session.agent)
    s.calls(after, "sts:GetCallerIdentity", "ec2:DescribeInstances")
    s.calls(after, "iam:UpdateAccessKey", request={"userName": user.user.name, "status": "Inactive"})
    _found(s, caller, "CreateAccessKey")


def roles_for_tasks(s: Stage) -> None:
    """A pipeline adds roles for new tasks, with the rights that tasks need."""
    pipeline, caller = s.pipeline()
    s.may(caller)
    for _ in range(s.dice.randint(1, 4)):
        _role_made(s, caller, CORE)
    s.calls(caller, "iam:PutRolePolicy")
    s.declares_window(pipeline.role.arn)
    _found(s, caller, "CreateRole")


def rehearsed_emergency(s: Stage) -> None:
    """The emergency user is rehearsed in a declared window: it signs in and gives a colleague rights for an hour."""
    user, address = s.site.break_glass, s.dice.choice(s.scene.organisation.people).office
    s.declares_window(user.arn)
    issued = Issued("console", session_key(s.dice), s.clock.now, mfa=True)
    caller = Caller.of(user_session(user, address, BROWSERS[0], issued), s.site.region)
    name = s.dice.choice(s.site.users).user.name
    s.calls(caller, "iam:ListUsers")
    s.calls(caller, "iam:AttachUserPolicy", request={"userName": name, "policyArn": ADMIN})
    s.calls(caller, "iam:DetachUserPolicy", request={"userName": name, "policyArn": ADMIN})
    _found(s, caller, "AttachUserPolicy")


def permission_sets(s: Stage) -> None:
    """Single sign-on itself writes its roles anew after a permission set was changed."""
    service = "sso.amazonaws.com"
    linked = role(s.dice, s.site.id, "AWSServiceRoleForSSO", f"/aws-service-role/{service}/")
    session = role_session(linked, Issued("SSO-PROVISIONER", session_key(s.dice), s.clock.now), service, service)
    caller = Caller.of(replace(session, identity={**session.identity, "invokedBy": service}), s.site.region)
    for _ in range(s.dice.randint(2, 5)):
        _role_made(s, caller, READ_ONLY)
    _found(s, caller, "CreateRole")


def vending(s: Stage) -> None:
    """An administrator fits a new team out: roles with a boundary, a group, a policy of the team's own."""
    caller = s.person("Admin")
    s.may(caller)
    for _ in range(s.dice.randint(2, 4)):
        _role_made(s, caller, READ_ONLY)
    s.calls(caller, "iam:CreateGroup", request={"groupName": s.dice.choice(("analysts", "support", "billing"))})
    s.calls(caller, "iam:PutRolePolicy")
    _found(s, caller, "CreateRole")


BOTH = ("contain", "escalate")
SCENARIOS = (
    Scenario(Kind.PAIR, pipeline_window, "high", BOTH, "the time of a change window"),
    Scenario(Kind.PAIR, pipeline_subject, "high", BOTH, "the subject in the pipeline registry"),
    Scenario(Kind.PAIR, pipeline_runner, "high", BOTH, "a range in networks.ci"),
    Scenario(Kind.PAIR, declared_change, "high", BOTH, "the time of a change window"),
    Scenario(Kind.ATTACK, own_policy, "high"),
    Scenario(Kind.ATTACK, policy_version, "high"),
    Scenario(Kind.ATTACK, passed_role, "high"),
    Scenario(Kind.ATTACK, trust_edited, "high"),
    Scenario(Kind.ATTACK, key_for_another, "high"),
    Scenario(Kind.ATTACK, host_gives_rights, "high", suits=with_hosts),
    Scenario(Kind.LOOK_ALIKE, new_colleague, "high"),
    Scenario(Kind.LOOK_ALIKE, key_rotated, "high"),
    Scenario(Kind.LOOK_ALIKE, roles_for_tasks, "high"),
    Scenario(Kind.LOOK_ALIKE, rehearsed_emergency, "high"),
    Scenario(Kind.LOOK_ALIKE, permission_sets, "high"),
    Scenario(Kind.LOOK_ALIKE, vending, "high"),
)
