"""A night in the lab: a fresh house in an organisation put back as it was, and eyes on the simulated AWS itself."""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import botocore.session
from tests.standing import Standing

from stanch.actions._place import CASE_TAG
from stanch.aws import Aws
from stanch.aws.sessions import models
from stanch.lab import guardduty
from stanch.lab.clock import OPENING
from stanch.lab.detector import stamp
from stanch.lab.run import Lab
from stanch.lab.wire import Request, mutating
from stanch.lab.world import PROD, REGION, RESPONDER, SANDBOX, User, World
from stanch.lab.write import Simulation
from stanch.model.casefile import CaseFile, Containment
from stanch.model.facts import Body, Fact
from stanch.respond import containments
from stanch.respond.house import House
from stanch.respond.inline import Inline
from stanch.respond.run import once
from stanch.settings import Settings, load_settings
from stanch.settings.context import load_context
from stanch.sources.file import Files
from stanch.store.database import open_database
from stanch.trail import Trail

B = TypeVar("B")
START = OPENING
HOUR = timedelta(hours=1)
ANSWERER = "dana: this night is simulated"


class Eyes:
    """The simulated AWS, asked with plain clients: what it holds, not what stanch says of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = cache(_client)

    def denies(self) -> dict[str, dict[str, Any]]:
        """`user/name` or `role/name` -> the document in force of stanch's policy on it."""
        return {f"{kind}/{name}": document for kind, name, document in self._attached()}

    def policies(self) -> tuple[str, ...]:
        """ARNs of all policies under stanch's path."""
        return tuple(
            one["Arn"]
            for account in (PROD.id, SANDBOX.id)
            for one in self.client(account, "iam").list_policies(Scope="Local", PathPrefix="/stanch/")["Policies"]
        )

    def key(self, user: User) -> str:
        (key,) = self.client(user.account, "iam").list_access_keys(UserName=user.name)["AccessKeyMetadata"]
        return str(key["Status"])

    def groups(self, name: str) -> dict[str, tuple[str, ...]]:
        """Interface of the host -> its groups."""
        host = self.world.hosts[name].instance
        filters = [{"Name": "attachment.instance-id", "Values": [host.id]}]
        found = self.client(host.account, "ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
        return {one["NetworkInterfaceId"]: tuple(group["GroupId"] for group in one["Groups"]) for one in found}

    def own_groups(self, name: str) -> dict[str, tuple[str, ...]]:
        """The groups that the world gave to the host's interfaces."""
        return {one.id: one.groups for one in self.world.hosts[name].instance.interfaces}

    def rules(self, group: str, account: str = SANDBOX.id) -> int:
        filters = [{"Name": "group-id", "Values": [group]}]
        return len(self.client(account, "ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"])

    def set_groups(self, interface: str, *groups: str, account: str = SANDBOX.id) -> None:
        """What a person does by hand."""
        self.client(account, "ec2").modify_network_interface_attribute(
            NetworkInterfaceId=interface, Groups=list(groups)
        )

    def protections(self, name: str) -> tuple[bool, bool, tuple[bool, ...]]:
        """DisableApiTermination, DisableApiStop, and DeleteOnTermination of each disk."""
        host = self.world.hosts[name].instance
        ec2 = self.client(host.account, "ec2")
        (found,) = ec2.describe_instances(InstanceIds=[host.id])["Reservations"][0]["Instances"]
        dies = tuple(one["Ebs"]["DeleteOnTermination"] for one in found["BlockDeviceMappings"])
        return self._flag(ec2, host.id, "disableApiTermination"), self._flag(ec2, host.id, "disableApiStop"), dies

    def copies(self, account: str = SANDBOX.id) -> tuple[str, ...]:
        """Ids of the snapshots that stanch took."""
        filters = [{"Name": "tag-key", "Values": [CASE_TAG]}]
        found = self.client(account, "ec2").describe_snapshots(OwnerIds=["self"], Filters=filters)["Snapshots"]
        return tuple(one["SnapshotId"] for one in found)

    def blocked(self) -> tuple[str, ...]:
        """Addresses in stanch's own IP sets."""
        return tuple(address for one in self._sets() for address in one["IPSet"]["Addresses"])

    def _attached(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for arn in self.policies():
            iam = self.client(arn.split(":")[4], "iam")
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
            document = json.loads(unquote(document)) if isinstance(document, str) else document
            holders = iam.list_entities_for_policy(PolicyArn=arn)
            for kind in ("User", "Role"):
                for one in holders[f"Policy{kind}s"]:
                    yield kind.lower(), one[f"{kind}Name"], document

    def _sets(self) -> list[dict[str, Any]]:
        waf = self.client(PROD.id, "wafv2")
        listed = waf.list_ip_sets(Scope="REGIONAL")["IPSets"]
        return [waf.get_ip_set(Name=one["Name"], Scope="REGIONAL", Id=one["Id"]) for one in listed]

    @staticmethod
    def _flag(ec2: Any, instance: str, name: str) -> bool:
        answer = ec2.describe_instance_attribute(InstanceId=instance, Attribute=name)
        return bool(answer[f"{name[0].upper()}{name[1:]}"]["Value"])


@dataclass
class Night:
    """One test's night."""

    lab: Lab
    simulation: Simulation
    house: House
    eyes: Eyes
    folder: Path

    @property
    def world(self) -> World:
        return self.lab.world

    def walk(self, *scenarios: str) -> None:
        """Take the findings of these scenarios in, one scenario after the other, and walk their cases."""
        self.house.begin()
        for name in scenarios:
            self._once(Files(self.simulation.findings / f"{name}.json"))

    def take(self, *findings: Mapping[str, Any], vouched: bool = True) -> None:
        """Take these records in, from a file or (`vouched=False`) as a queue hands them over, and walk their cases."""
        self.house.begin()
        file = next(path for path in (self.folder / f"{n}.ndjson" for n in count()) if not path.exists())
        file.write_text("".join(f"{json.dumps(one)}\n" for one in findings), encoding="utf-8")
        self._once(Files(file, vouched=vouched))

    def _once(self, source: Files) -> None:
        once(self.house, Inline(self.house), (source,))

    def finding(self, scenario: str) -> dict[str, Any]:
        """A copy of the scenario's first finding, as EventBridge sends it."""
        copy: dict[str, Any] = deepcopy(dict(self.simulation.acts[scenario].findings[0]))
        return copy

    def later(self, scenario: str, by: timedelta, **service: Any) -> dict[str, Any]:
        """The same finding updated that much later, at its detector too."""
        finding = self.finding(scenario)
        detail = finding["detail"]
        updated = datetime.fromisoformat(detail["updatedAt"]) + by
        detail["updatedAt"] = stamp(updated)
        detail["service"] |= {"count": detail["service"]["count"] + 3, **service}
        self.detect(finding)
        return finding

    @staticmethod
    def detect(finding: Mapping[str, Any]) -> None:
        """Let the detector know the finding."""
        guardduty.put(finding["detail"])

    def files(self, scenario: str) -> tuple[CaseFile, ...]:
        """All cases with the scenario's finding, oldest first."""
        wanted = self.finding(scenario)["detail"]["id"]
        return tuple(one for one in self.house.files() if any(found.id == wanted for found in one.findings))

    def file(self, scenario: str) -> CaseFile:
        return self.files(scenario)[-1]

    def one(self, scenario: str, action: str) -> Containment:
        """The newest containment by that action."""
        return next(one for one in reversed(self.file(scenario).containments) if one.change.action == action)

    def states(self, scenario: str) -> dict[str, str]:
        return {one.change.action: str(one.state) for one in self.file(scenario).containments}

    def sweep_at(self, after: timedelta) -> tuple[str, ...]:
        """Let it be that long after the start, and sweep."""
        self.lab.clock.set(START + after)
        return containments.sweep(self.house)

    def confirm(self, scenario: str, action: str, by: str = "robin") -> Containment:
        one = self.one(scenario, action)
        return containments.confirm(self.house, one.case, one.id, by=by, reason="it is real")

    def revert(self, scenario: str, action: str, by: str = "robin") -> Containment:
        one = self.one(scenario, action)
        return containments.revert(self.house, one.case, one.id, by=by, reason="it is ours")

    def told(self, kind: type[Body]) -> tuple[Any, ...]:
        """Bodies of all facts of a kind, in order."""
        return tuple(fact.body for fact in self.house.facts(kinds=(kind,)))

    def changes(self) -> tuple[Request, ...]:
        """Requests that reached the simulated AWS and would change something."""
        return mutating(self.lab.wire.requests())

    def watch(self, told: Callable[[Fact], None]) -> None:
        self.house = replace(self.house, watch=told)


def _client(account: str, service: str) -> Any:
    role = f"arn:aws:iam::{account}:role/{RESPONDER}"
    issued = _session().create_client("sts").assume_role(RoleArn=role, RoleSessionName="eyes")["Credentials"]
    given = {"access_key": "AccessKeyId", "secret_key": "SecretAccessKey", "token": "SessionToken"}
    session = _session()
    session.set_credentials(**{name: issued[key] for name, key in given.items()})
    return session.create_client(service)


def _session() -> Any:
    session: Any = botocore.session.Session()
    session.set_config_variable("region", REGION)
    session.register_component("data_loader", models())
    return session


def tidy(lab: Lab, opening: Standing) -> None:
    """The organisation, its detector, its clock and its wire as they were at the start."""
    opening.again()
    lab.clock.set(START)
    lab.wire.clear()


class Furniture:
    """The parts of a house that take long to build and are the same in every lab of one seed and time."""

    def __init__(self) -> None:
        self._parts = House.build(Settings(), live=False, durable=False, override=ANSWERER)
        self._trails: dict[str, Trail] = {}

    def house(self, lab: Lab, simulation: Simulation, folder: Path) -> House:
        """A house in that lab with its state in `folder`."""
        settings = load_settings(folder, state="state", context=simulation.context, profile="article")
        house = replace(
            self._parts,
            settings=settings,
            database=open_database(settings.state / "stanch.db"),
            clock=lab.clock,
            context=load_context(settings.context),
            trail=self._trail(simulation),
            aws=Aws(role=settings.role, assume=settings.assume, default_region=None),
        )
        house.check()
        return house

    def _trail(self, simulation: Simulation) -> Trail:
        told = simulation.truth.read_text(encoding="utf-8")
        if told not in self._trails:
            self._trails[told] = Trail.load(simulation.logs)
        return self._trails[told]
