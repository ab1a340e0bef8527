"""What a scenario is played with: a place in a world, its people and machines, a clock, and the operator's file."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from stanch.lab.cloudtrail import Issued, Session, role_session
from stanch.lab.dice import hexadecimal, session_key
from stanch.lab.labelled.place import DAYS, World
from stanch.lab.organisation import addresses, findings
from stanch.lab.organisation.attacks.scene import LAUNCHED, Scene
from stanch.lab.organisation.facts import facts
from stanch.lab.organisation.found import ISSUER
from stanch.lab.organisation.record import Caller
from stanch.lab.organisation.sessions import instance_session, pipeline_session
from stanch.lab.organisation.traces import Found, Talk, Trace, get_object, talk
from stanch.lab.organisation.wanted import wanted
from stanch.lab.organisation.world import Bucket, Pipeline, Workload
from stanch.lab.world import Host, Role
from stanch.model.data import JSON, JSONObject

Stolen = tuple[Caller, str]
"""Credentials in other hands, and the address that they are used from."""


def fresh_facts(scene: Scene) -> dict[str, Any]:
    """The operator's file before the scenario writes into it; of resources only the account's own."""
    whole: dict[str, Any] = dict(facts(scene.organisation))
    mine = {one.instance.arn for one in scene.site.hosts}
    whole["resources"] = {arn: dict(known) for arn, known in whole["resources"].items() if arn in mine}
    for host in scene.site.hosts:
        face = host.instance.interfaces[0]
        groups: JSON = [{"GroupId": one} for one in face.groups]
        link: JSON = {"NetworkInterfaceId": face.id, "PrivateIpAddress": face.private_ip, "Groups": groups}
        whole["resources"][host.instance.arn]["state"] = {"NetworkInterfaces": [link]}
    return whole


@dataclass
class Stage:
    """One telling of a scenario. What happens is kept in order; `authorised` is the one thing in which twins differ."""

    scene: Scene
    world: World
    authorised: bool
    days: int
    """Of history before."""
    traces: list[Trace] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice, self.site, self.clock = self.scene.dice, self.scene.site, self.scene.clock
        self.start = self.clock.now
        self.facts = fresh_facts(self.scene)

    # who and where

    def host(self) -> tuple[Workload, Host]:
        """A host that has been there for long, and what runs on it."""
        old = [one for one in self.site.workloads if one.hosts and one.since < DAYS - 30]
        workload = self.dice.choice(old or [one for one in self.site.workloads if one.hosts])
        return workload, self.dice.choice(workload.hosts)

    def instance(self, workload: Workload, host: Host) -> Caller:
        """A host's own credentials, which it has used today."""
        own, caller = self.scene.instance(workload, host)
        self.keep(own)
        return caller

    def inside(self, workload: Workload, host: Host) -> Caller:
        """The same from the host's private address through an endpoint of its network, which the operator declared."""
        event, caller, _ = instance_session(self.scene.everyday, self.site, workload, host, self.clock.now, DAYS - 1)
        self.keep((event,))
        endpoint = workload.network.endpoint or self.number("vpce")
        self.facts["vpc_endpoints"] = sorted({*self.facts["vpc_endpoints"], endpoint})
        session = replace(caller.session, address=host.instance.interfaces[0].private_ip)
        return Caller.of(session, self.site.region, endpoint)

    def function(self) -> tuple[Workload, Caller]:
        """A function's credentials; a host's where the account has no function."""
        fitting = [one for one in self.site.workloads if not one.hosts] or list(self.site.workloads)
        workload = self.dice.choice(fitting)
        own, caller = self.scene.function(workload)
        self.keep(own)
        return workload, caller

    def person(self, kind: str = "") -> Caller:
        """Someone who signs in where he usually does; of that permission set if anyone has it."""
        found = [
            (one, role)
            for one in self.scene.organisation.people
            for role in one.roles
            if role.account == self.site.id and one.since < DAYS - 20
        ]
        fitting = [one for one in found if f"_{kind}_" in one[1].name] or found
        if not fitting:
            user = self.scene.user()
            return self.scene.key(user, user.address.on(DAYS - 1))
        person, role = self.dice.choice(fitting)
        return self.signs_in(person.name, role, self.dice.choice((person.vpn, person.office)), person.browser)

    def signs_in(self, name: str, role: Role, address: str, agent: str) -> Caller:
        """A session of single sign-on with a second factor."""
        at = self.clock.tick()
        issued = Issued(f"{name}@northlight.example", session_key(self.dice), at, mfa=True)
        identity: dict[str, JSON] = {"type": "SAMLUser", "userName": issued.name, "accountId": role.account}
        broker = Caller.of(Session(role.arn, role.account, identity, address, agent, issued.key), self.site.region)
        request: dict[str, JSON] = {"roleArn": role.arn, "roleSessionName": issued.name}
        self.keep((self.scene.pen.write(broker, at, "sts:AssumeRoleWithSAML", request=request),))
        return Caller.of(role_session(role, issued, address, agent), self.site.region)

    def pipeline(self, address: str = "", *, subject: str = "") -> tuple[Pipeline, Caller]:
        """A run of a pipeline of this account that comes by web identity, from the runners where nothing is said.

        subject: what its registry says, where that is not the run's own.
        """
        address = address or self.dice.choice(addresses.pool(addresses.CI))
        mine = [one for one in self.scene.organisation.pipelines if one.site.id == self.site.id]
        pipeline = replace(self.dice.choice([one for one in mine if one.user is None] or mine), user=None)
        known = {
            "role": pipeline.role.arn,
            "provider": ISSUER,
            "subject": subject or pipeline.subject,
            "networks": "ci",
        }
        others = [one for one in self.facts["pipelines"] if one["role"] != pipeline.role.arn]
        self.facts["pipelines"] = [*others, known]
        issued, caller = pipeline_session(self.scene.pen, pipeline, address, self.clock.tick())
        self.keep(issued)
        return pipeline, caller

    def stranger(self) -> str:
        """An address that is nobody's of ours: what attackers and travelling colleagues have alike."""
        return self.scene.stranger()

    def away(self, caller: Caller, address: str = "") -> Stolen:
        """The same credentials used from elsewhere."""
        address = address or self.stranger()
        return self.scene.from_elsewhere(caller, address), address

    def other_host(self, host: Host) -> Host:
        """Another host of the account."""
        return self.dice.choice([one for one in self.site.hosts if one.instance.id != host.instance.id])

    # what happens

    def keep(self, traces: Iterable[Trace]) -> None:
        """Keep what was left behind."""
        self.traces.extend(traces)

    def calls(self, caller: Caller, *calls: str, error: str = "", **more: Any) -> None:
        """These calls one after the other; `more` are their request and response."""
        for call in calls:
            self.keep((self.scene.call(caller, call, error=error, **more),))

    def secrets(self, caller: Caller, workload: Workload | None = None, n: int = 3) -> None:
        """Secrets are read, the workload's own first."""
        names = [*(workload or self.dice.choice(self.site.workloads)).secrets]
        names += [one for other in self.site.workloads for one in other.secrets if one not in names]
        for name in names[:n]:
            self.calls(caller, "secretsmanager:GetSecretValue", request={"secretId": name})

    def looks(self, caller: Caller) -> None:
        """Someone looks around, as loud as his care allows."""
        self.keep(self.scene.look_around(caller))

    def reads(self, caller: Caller, bucket: Bucket, n: int, size: int = 400_000) -> None:
        """So many objects are read within minutes."""
        self.calls(caller, "s3:ListObjects", request={"bucketName": bucket.name, "prefix": ""})
        for number in range(n):
            at = self.clock.wait(seconds=self.dice.uniform(0.1, 2))
            key = f"{bucket.data}/{number:05d}.parquet"
            big = self.dice.randint(size // 2, size * 2)
            self.keep(get_object(self.scene.pen, caller, at, bucket, key, big))

    def talks(self, host: Host, peer: str, port: int, n: int = 12, *, minutes: float = 1, accepted: bool = True) -> int:
        """The host's connections to a peer; gives its local port."""
        local, face, start = self.dice.randint(32768, 60999), host.instance.interfaces[0], self.clock.now
        for number in range(n):
            said = Talk(
                peer, local, port, self.dice.randint(800, 9000), self.dice.randint(800, 9000), accepted=accepted
            )
            at = start + timedelta(minutes=minutes * number)
            self.keep(talk(at, self.site.id, self.site.region, host.instance.id, face, said))
        self.clock.wait(minutes=minutes * n)
        return local

    def knocks(self, host: Host, peer: str, port: int, n: int = 6, *, accepted: bool = False) -> int:
        """A peer calls the host; gives the peer's port."""
        remote, face = self.dice.randint(1024, 60999), host.instance.interfaces[0]
        for number in range(n):
            said = Talk(peer, port, remote, 600, 900, accepted=accepted)
            at = self.clock.now + timedelta(seconds=9 * number)
            self.keep(talk(at, self.site.id, self.site.region, host.instance.id, face, said))
        self.clock.wait(minutes=2)
        return remote

    def assumes(self, caller: Caller, role: Role, address: str = "") -> Caller:
        """The caller takes a role and goes on with it."""
        at = self.clock.tick()
        issued = Issued(self.dice.choice(("sync", "deploy", "session", "task")), session_key(self.dice), at)
        request: dict[str, JSON] = {"roleArn": role.arn, "roleSessionName": issued.name}
        made: dict[str, JSON] = {
            "credentials": {"accessKeyId": issued.key},
            "assumedRoleUser": {"assumedRoleId": f"{role.id}:{issued.name}", "arn": role.arn},
        }
        self.keep((self.scene.pen.write(caller, at, "sts:AssumeRole", request=request, response=made),))
        session = role_session(role, issued, address or caller.session.address, caller.session.agent)
        return Caller.of(session, caller.region)

    # what the detector says

    def find(
        self, kind: str, severity: float, resource: JSONObject, action: JSONObject, *, count: int = 3,
        role: str = "TARGET", additional: dict[str, JSON] | None = None,
    ) -> None:  # fmt: skip
        """GuardDuty's finding about what happened since the scene began."""
        self.keep(
            self.scene.found(
                kind, severity, resource, action, (), since=self.start, count=count, role=role, additional=additional
            )
        )

    def about(self, caller: Caller, host: Host | None = None) -> JSONObject:
        """A finding's resource: who called, and the host whose credentials they are."""
        return findings.on_caller(caller, host, self.clock.now - LAUNCHED if host else None)

    def api(self, call: str, address: str) -> JSONObject:
        """A finding's action: that call (`service:Operation`) from that address."""
        service, _, operation = call.partition(":")
        return findings.api_call(service, operation, address)

    def machine(self, host: Host) -> JSONObject:
        """A finding's resource: a host."""
        return findings.on_host(host, self.clock.now - LAUNCHED)

    def may(self, *targets: str | Caller | Host) -> None:
        """Identities and resources that may be contained, all ways of spelling them."""
        for one in targets:
            if isinstance(one, Caller):
                name = str(one.session.identity.get("arn", ""))
                self.targets += [one.session.actor, one.session.name, name]
            elif isinstance(one, Host):
                self.targets += [one.instance.arn, one.role.arn, one.instance.id]
            else:
                self.targets.append(one)

    # what the operator has declared

    def declares_range(self, name: str, address: str, *, truly: bool = False) -> None:
        """A range of that name: around the address when authorised (or truly), else around another."""
        around = self._around(address, holds=truly or self.authorised)
        self.facts["networks"][name] = [*self.facts["networks"][name], around]

    def declares_partner(self, address: str) -> None:
        """A partner's network in the same way."""
        account = self.scene.foreign_account()
        partner = {
            "name": "a managed service",
            "accounts": [account],
            "networks": [self._around(address, holds=self.authorised)],
        }
        self.facts["partners"] = [*self.facts["partners"], partner]

    def declares_account(self, account: str) -> None:
        """An account of the organisation: that one when authorised, else another."""
        other = self.scene.foreign_account()
        named = {"id": account if self.authorised else other, "name": "shared-services", "env": "production"}
        self.facts["organisation"]["accounts"] = [*self.facts["organisation"]["accounts"], named]

    def declares_window(self, principal: str, kind: str = "change_windows") -> None:
        """Two windows, now and a week ago: for that principal and another, or, when not authorised, the other way."""
        other = self.site.roles["nightly-backup"].arn
        whose = (principal, other) if self.authorised else (other, principal)
        rows = [one for one in self.facts[kind] if one["principal"] not in whose]
        for who, shift in zip(whose, (timedelta(0), timedelta(days=7)), strict=True):
            start, end = self.start - timedelta(hours=2) - shift, self.start + timedelta(hours=20) - shift
            window = {"principal": who, "from": start.isoformat(), "to": end.isoformat()}
            if kind == "change_windows":
                window["ticket"] = f"CHG-{self.dice.randint(2000, 9000)}"
            rows.append(window)
        self.facts[kind] = rows

    def declares_test(self, principal: str) -> None:
        """A penetration test of that principal in the same way."""
        self.declares_window(principal, "penetration_tests")

    def declares_asset(self, arn: str, workload: str, other: str) -> None:
        """A workload on that resource when authorised, else on another."""
        mine, assets = arn if self.authorised else other, [*self.facts["assets"]]
        known = next((one for one in assets if one["arn"] == mine), {"arn": mine})
        rest = [one for one in assets if one["arn"] != mine and one.get("workload") != workload]
        self.facts["assets"] = [*rest, {**known, "workload": workload}]

    def without(self, *sources: str) -> None:
        """Logs that the operator has not switched on: `s3_data_events`, `vpc_flow`."""
        self.missing.update(sources)

    def young(self) -> None:
        """Too short a history to call anything new."""
        self.days = self.dice.randint(2, 9)

    def _around(self, address: str, *, holds: bool) -> str:
        own = ip_network(f"{address}/28", strict=False)
        others = [one for one in self.scene.organisation.strangers if ip_network(f"{one}/28", strict=False) != own]
        other = ip_network(f"{self.dice.choice(others)}/28", strict=False)
        return str(own if holds else other)

    def number(self, prefix: str) -> str:
        """An id of that kind that nothing has yet."""
        return f"{prefix}-0{hexadecimal(self.dice, 16)}"

    def asked(self, call: str) -> JSONObject | None:
        """What an ordinary call of that name asks for."""
        return wanted(call, self.site, self.dice)

    @property
    def findings(self) -> tuple[Found, ...]:
        """In the order in which they were published."""
        found = [one for one in self.traces if isinstance(one, Found)]
        return tuple(sorted(found, key=lambda one: one.time))

    @property
    def end(self) -> datetime:
        """When all of it has happened and was told."""
        return max(one.time for one in self.traces)
