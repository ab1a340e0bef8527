"""What `stanch deploy dead-man` prints: each role holds exactly its inverse's calls, and nothing else may use it."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest
from botocore.session import Session
from typer.testing import CliRunner

from stanch.actions import catalogue, machine_calls, possible_calls, sdk_call, switched
from stanch.aws.validate import permission
from stanch.cli import app
from stanch.lab.states import check
from stanch.model.change import Call, RevertsBy
from stanch.model.errors import BadInput
from stanch.respond.deadman_deployment import dead_man, responder_statements

ACCOUNT, REGION = "111122223333", "eu-west-1"
ACTIONS = catalogue()
SWITCHED = {name: action for name, action in ACTIONS.items() if switched(action)}
PARTS: Any = dead_man(ACTIONS.values(), account=ACCOUNT, regions=(REGION,), partition="aws")
ROLES = {one["RoleName"]: one for one in PARTS["Roles"]}
MACHINES = {one["Name"]: one for one in PARTS["StateMachines"]}
READS = {
    "E2": {
        "ec2:DescribeInstances",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
    },
    "E3": {"ec2:DescribeInstances", "elasticloadbalancing:DescribeTargetHealth"},
    "E4": {"ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups"},
    "E5": {"ec2:DescribeInstances"},
    "E6": {"ec2:DescribeInstances", "ec2:DescribeInstanceAttribute"},
    "E7": {"ec2:DescribeInstances", "ec2:DescribeAddresses"},
    "I1": {"iam:ListAccessKeys"},
    "L1": {"lambda:GetFunctionConcurrency"},
    "N1": {"wafv2:GetIPSet"},
    "S1": {"s3:GetBucketPublicAccessBlock"},
}
WRITES = {
    "E2": {"autoscaling:ExitStandby"},
    "E3": {"elasticloadbalancing:RegisterTargets"},
    "E4": {"ec2:ModifyNetworkInterfaceAttribute"},
    "E5": {"ec2:ModifyInstanceMetadataOptions"},
    "E6": {"ec2:StartInstances", "ec2:ModifyInstanceAttribute"},
    "E7": {"ec2:AssociateAddress"},
    "I1": {"iam:UpdateAccessKey"},
    "L1": {"lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency"},
    "N1": {"wafv2:UpdateIPSet"},
    "S1": {"s3:PutBucketPublicAccessBlock"},
}


def granted(policy: Any) -> set[str]:
    found: set[str] = set()
    for one in policy["Statement"]:
        assert one["Effect"] == "Allow"
        found |= {one["Action"]} if isinstance(one["Action"], str) else set(one["Action"])
    return found


@pytest.mark.parametrize("name", READS)
def test_the_role_of_a_state_machine_holds_exactly_what_its_inverse_calls(name: str) -> None:
    policy = ROLES[f"stanch-revert-{name}"]["Policy"]
    assert granted(policy) == READS[name] | WRITES[name] | {"events:PutEvents"}
    assert granted(policy) == {permission(Call(*one.split(":"), {}, "")) for one in machine_calls(ACTIONS[name])}  # type: ignore[call-arg]
    for one in policy["Statement"]:
        assert one["Sid"] == "Read" or one["Resource"] != "*"


@pytest.mark.parametrize("name", WRITES)
def test_what_a_state_machine_writes_is_what_the_action_s_own_inverse_writes(name: str) -> None:
    action = ACTIONS[name]
    undone = {
        call.name
        for target, state in action.examples
        for call in (
            *action.inverse(target, action.examples[0][1], state, _terms()).calls,
            *action.inverse(target, state, None, _terms()).calls,
        )
    }
    written = {one for one in machine_calls(action) if permission(Call(*one.split(":"), {}, "")) in WRITES[name]}  # type: ignore[call-arg]
    assert written <= undone | {"ec2:ModifyInstanceAttribute"}
    assert written <= {call.name for call in possible_calls(action)}


def _terms() -> Any:
    from stanch.actions._examples import TERMS

    return TERMS


@pytest.mark.parametrize("name", SWITCHED)
def test_the_role_of_schedules_starts_one_machine_or_detaches_stanchs_own_policies(name: str) -> None:
    (statement,) = ROLES[f"stanch-schedule-{name}"]["Policy"]["Statement"]
    if ACTIONS[name].machine:
        assert statement["Action"] == "states:StartExecution"
        assert statement["Resource"] == f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:stanch-revert-{name}"
        return
    assert ACTIONS[name].reverts_by is RevertsBy.NATIVE
    kind = "User" if name == "I2" else "Role"
    assert statement["Action"] == [f"iam:Detach{kind}Policy"]
    ours = statement["Condition"]["ArnLike"]["iam:PolicyARN"]
    assert fnmatchcase(f"arn:aws:iam::{ACCOUNT}:policy/stanch/stanch-C-0a1b2c3d.1-{name}-alice", ours)
    assert not fnmatchcase("arn:aws:iam::aws:policy/AdministratorAccess", ours)


def test_roles_trust_one_service_from_their_own_group_or_machine_alone() -> None:
    group = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/stanch"
    for name, role in ROLES.items():
        (statement,) = role["Trust"]["Statement"]
        condition = statement["Condition"]
        assert condition["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
        machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"
        wanted = ("scheduler", group) if "-schedule-" in name else ("states", machine)
        assert statement["Principal"] == {"Service": f"{wanted[0]}.amazonaws.com"}
        assert condition["ArnEquals"] == {"aws:SourceArn": [wanted[1]]}


def test_only_what_is_enabled_is_deployed() -> None:
    parts: Any = dead_man([ACTIONS["I1"]], account=ACCOUNT, regions=(REGION,), partition="aws")
    assert [one["RoleName"] for one in parts["Roles"]] == ["stanch-schedule-I1", "stanch-revert-I1"]
    assert [one["Name"] for one in parts["StateMachines"]] == ["stanch-revert-I1"]


def test_documents_and_evidence_have_no_machine_that_could_be_turned_against_them() -> None:
    assert set(ACTIONS) - set(SWITCHED) == {"E1", "I5", "R1", "R2", "S2"}
    everything = {one for role in ROLES.values() for one in granted(role["Policy"])}
    assert not everything & {"iam:UpdateAssumeRolePolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}


def test_the_responder_may_pass_exactly_the_roles_of_schedules_and_only_to_the_scheduler() -> None:
    passing = next(
        one for one in responder_statements(ACTIONS.values(), partition="aws") if one["Action"] == "iam:PassRole"
    )
    assert passing["Resource"] == [f"arn:aws:iam::*:role/stanch-schedule-{name}" for name in sorted(SWITCHED)]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_leads_somewhere_and_every_task_is_a_call_of_aws(name: str) -> None:
    definition = MACHINES[name]["Definition"]
    check(definition)
    assert reached(definition["States"], definition["StartAt"]) == set(definition["States"])
    session = Session()
    for task in tasks(definition):
        assert task["Resource"].startswith("arn:aws:states:::aws-sdk:")
        service, operation = sdk_call(task["Resource"])
        model = session.get_service_model(service).operation_model(operation)
        assert set(task["Arguments"]) <= set(model.input_shape.members)
        assert set(model.input_shape.required_members) <= set(task["Arguments"])


@pytest.mark.parametrize("name", MACHINES)
def test_a_definition_is_what_aws_takes(name: str) -> None:
    definition = json.dumps(MACHINES[name]["Definition"])
    assert len(definition) < 1_000_000
    assert "PARTITION" not in definition
    assert MACHINES[name]["RoleArn"].endswith(f"role/{name}")


@pytest.mark.parametrize(
    "change",
    [
        {"Type": "Parallel"},
        {"Parameters": {}},
        {"Next": "Nowhere"},
        {"End": True},
    ],
)
def test_the_lab_refuses_a_machine_that_it_would_not_run_as_aws_does(change: dict[str, Any]) -> None:
    definition = json.loads(json.dumps(MACHINES["stanch-revert-I1"]["Definition"]))
    definition["States"]["Keys"] |= change
    with pytest.raises(BadInput):
        check(definition)


def reached(states: dict[str, Any], start: str) -> set[str]:
    """Names of all states that an execution can come to."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            state = states[name]
            following = [state, *state.get("Choices", ()), *state.get("Catch", ())]
            waiting += [one[key] for one in following for key in ("Next", "Default") if key in one]
    return found


def tasks(machine: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for state in machine["States"].values():
        found += [state] if state["Type"] == "Task" else []
        found += tasks(state["ItemProcessor"]) if "ItemProcessor" in state else []
    return found


def run(*words: str, **variables: str) -> Any:
    return CliRunner().invoke(app, ["deploy", *words], env={"AWS_DEFAULT_REGION": REGION, **variables})


IAM = ("iam", "--worker", f"arn:aws:iam::{ACCOUNT}:role/worker", "--organisation", "o-example")
PLACE = ("dead-man", "--account", ACCOUNT, "--region", REGION)


def test_the_command_prints_it_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*PLACE, "--region", "us-east-1")
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["ScheduleGroup"] == {"Name": "stanch", "Regions": [REGION, "us-east-1"]}
    assert {"stanch-schedule-I2", "stanch-revert-E4"} <= {one["RoleName"] for one in printed["Roles"]}
    assert printed["AddToResponder"]


def test_the_responder_has_these_rights_only_where_the_switch_is_wanted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    wanted, off = (json.loads(run(*IAM, STANCH_DEAD_MAN=one).stdout) for one in ("wanted", "off"))
    for part in ("Policy", "Boundary"):
        assert any("iam:PassRole" in one["Action"] for one in wanted[part]["Statement"])
        assert "scheduler" not in json.dumps(off[part])


@pytest.mark.parametrize(
    "words",
    [("dead-man", "--account", "12", "--region", REGION), PLACE],
)
def test_what_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, words: tuple[str, ...]) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words, STANCH_DEAD_MAN="off" if words == PLACE else "wanted")
    assert result.exit_code != 0
