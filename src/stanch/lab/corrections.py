"""Corrections to moto: what it answers differently from AWS, as far as the scenarios meet it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import cast
from unittest.mock import patch

from moto.autoscaling.models import AutoScalingBackend
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import method_names_from_class
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.instances import Instance, InstanceBackend, MetadataOptions
from moto.ec2.models.security_groups import SecurityGroup
from moto.guardduty import urls as guardduty_urls
from moto.guardduty.responses import GuardDutyResponse
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, User, iam_backends
from moto.iam.utils import generate_access_key_id_from_account_id
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from moto.sts.models import AssumedRole, STSBackend

from stanch.lab import guardduty, lookup
from stanch.lab.recorder import WORKER_ID, Recorder
from stanch.lab.throws import Throws
from stanch.lab.wire import COMMON, READS, Wire
from stanch.lab.world import WORKER
from stanch.model.errors import BadInput

ARN_PARTS = 6
_OPTIONS = ("http_tokens", "hop_limit", "http_endpoint", "dry_run", "http_protocol", "metadata_tags")
_KEPT = {
    "http_tokens": "http_tokens",
    "hop_limit": "http_put_response_hop_limit",
    "http_endpoint": "http_endpoint",
    "http_protocol": "http_protocol_ipv6",
    "metadata_tags": "instance_metadata_tags",
}
"""moto's parameter for an option -> its attribute of the options."""
_KEY = re.compile(r"<AccessKeyId>([A-Z0-9]+)</AccessKeyId>")
Answer = tuple[int, dict[str, str], str | bytes]
"""Status, headers, body: what moto hands back to the client."""
_NOT_THE_OWNER: Answer = (403, {}, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")


class Refused(ServiceException):
    """An error that the lab answers; moto takes the service from the module of its own exceptions."""


@contextmanager
def corrected(wire: Wire, recorder: Recorder, throws: Throws) -> Iterator[None]:
    """While it lasts moto is corrected, requests pass `wire` and are recorded; unknown keys belong to its home.

    throws: where its ids come from.
    """
    with ExitStack() as stack:
        enter = stack.enter_context
        # moto shows an interface's groups as a union with its instance's; AWS shows the interface's own. With the
        # union an isolated interface never looks isolated.
        enter(patch.object(NetworkInterface, "group_set", property(_own_groups)))
        # moto keeps a list of groups on the instance that goes its own way; on AWS an instance's groups *are* those
        # of its primary interface, shown and changed there.
        enter(patch.object(Instance, "security_groups", property(_groups_of, _set_groups_of), create=True))
        # moto puts an interface into groups that do not exist; AWS refuses.
        change = "modify_network_interface_attribute"
        enter(patch.object(NetworkInterfaceBackend, change, _into_existing(getattr(NetworkInterfaceBackend, change))))
        # moto resets the metadata options that a change does not name; AWS keeps them.
        options = "modify_instance_metadata_options"
        enter(patch.object(InstanceBackend, options, _keeping_options(getattr(InstanceBackend, options))))
        # moto assumes roles that do not exist; AWS answers AccessDenied.
        enter(patch.object(STSBackend, "assume_role", _assume_existing(STSBackend.assume_role)))
        # moto puts unknown keys into an account of its own; the lab's credentials belong to the security account.
        enter(patch("moto.iam.models.DEFAULT_ACCOUNT_ID", recorder.home))
        # moto calls them a user of an ARN that cannot exist; they are the worker's.
        enter(patch.object(STSBackend, "get_caller_identity", _as_worker(STSBackend.get_caller_identity)))
        # moto deletes policies that are attached or have several versions; AWS refuses.
        enter(patch.object(IAMBackend, "delete_policy", _delete_unused(IAMBackend.delete_policy)))
        # moto gives users ids of any form; AWS's begin with AIDA and hold the account.
        enter(patch.object(User, "__init__", _with_proper_id(User.__init__)))
        # The errors common to all services are in no service's model, and moto warns of each that it writes.
        enter(patch("moto.core.errors.COMMON_ERROR_CODES", [*COMMON_ERROR_CODES, *COMMON]))
        # moto leaves an instance on standby in the target groups of its group; AWS takes it out and puts it back.
        for move, out in (("enter_standby_instances", True), ("exit_standby_instances", False)):
            enter(patch.object(AutoScalingBackend, move, _with_targets(getattr(AutoScalingBackend, move), out=out)))
        # moto has no findings in its GuardDuty.
        enter(patch.object(GuardDutyResponse, "get_findings", _get_findings, create=True))
        enter(patch.object(GuardDutyResponse, "list_findings", _list_findings, create=True))
        enter(patch.dict(guardduty_urls.url_paths, guardduty.paths(GuardDutyResponse.dispatch)))
        # moto's CloudTrail looks no events up.
        enter(patch.object(CloudTrailResponse, "lookup_events", _lookup_events, create=True))
        enter(patch.object(BaseResponse, "call_action", _through(wire, recorder, throws, BaseResponse.call_action)))
        # moto goes through all members of a class of responses at every request.
        enter(patch("moto.core.responses.method_names_from_class", cache(method_names_from_class)))
        # S3 has a dispatch of its own in moto.
        enter(patch.object(S3Response, "_bucket_response", _s3_through(wire, recorder, S3Response._bucket_response)))  # noqa: SLF001
        enter(patch.object(S3Response, "_key_response", _s3_through(wire, recorder, S3Response._key_response)))  # noqa: SLF001
        yield


def _own_groups(interface: NetworkInterface) -> list[SecurityGroup]:
    return list(interface._group_set)  # noqa: SLF001 -- moto's only list of the interface's own groups


def _groups_of(instance: Instance) -> list[SecurityGroup]:
    primary = vars(instance).get("nics", {}).get(0)
    return _own_groups(primary) if primary else list(vars(instance).get("launch_groups", []))


def _set_groups_of(instance: Instance, groups: list[SecurityGroup]) -> None:
    primary = vars(instance).get("nics", {}).get(0)
    if primary:
        primary._group_set = list(groups)  # noqa: SLF001
    else:
        vars(instance)["launch_groups"] = groups


def _keeping_options(original: Callable[..., MetadataOptions]) -> Callable[..., MetadataOptions]:
    def modify(backend: EC2Backend, instance_id: str, *named: object, **more: object) -> MetadataOptions:
        instance = backend.get_instance(instance_id)
        before = vars(instance.metadata_options)
        changed = original(backend, instance_id, *named, **more)
        asked = dict(zip(_OPTIONS, named, strict=False)) | more
        for option, name in _KEPT.items():
            if asked.get(option) is None:
                setattr(changed, name, before[name])
        return changed

    return modify


def _into_existing(original: Callable[..., None]) -> Callable[..., None]:
    def modify(backend: EC2Backend, eni_id: str, group_ids: list[str], *rest: object) -> None:
        for group in group_ids:
            if backend.get_security_group_from_id(group) is None:
                raise Refused("InvalidGroup.NotFound", f"The security group '{group}' does not exist")
        original(backend, eni_id, group_ids, *rest)

    return modify


def _with_targets(original: Callable[..., object], *, out: bool) -> Callable[..., object]:
    def move(backend: AutoScalingBackend, group_name: str, instance_ids: list[str], *rest: object) -> object:
        moved = original(backend, group_name, instance_ids, *rest)
        for arn in backend.autoscaling_groups[group_name].target_group_arns:
            group = backend.elbv2_backend.target_groups[arn]
            if out:
                group.deregister([{"Id": one} for one in instance_ids if one in group.targets])
            else:
                group.register([{"Id": one, "Port": group.port} for one in instance_ids])
        return moved

    return move


def _assume_existing(original: Callable[..., AssumedRole]) -> Callable[..., AssumedRole]:
    def assume_role(backend: STSBackend, *, role_arn: str, **rest: object) -> AssumedRole:
        parts = role_arn.split(":")
        if len(parts) != ARN_PARTS:
            raise Refused("ValidationError", f"{role_arn} is invalid")
        try:
            iam_backends[parts[4]][backend.partition].get_role_by_arn(role_arn)
        except NotFoundException:
            message = f"User is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
            raise Refused("AccessDenied", message) from None
        return original(backend, role_arn=role_arn, **rest)

    return assume_role


def _delete_unused(original: Callable[[IAMBackend, str], None]) -> Callable[[IAMBackend, str], None]:
    def delete_policy(backend: IAMBackend, policy_arn: str) -> None:
        policy = backend.get_policy(policy_arn)
        if policy.attachment_count or len(policy.versions) > 1:
            raise Refused("DeleteConflict", f"{policy_arn} is attached or has more than its default version")
        original(backend, policy_arn)

    return delete_policy


def _as_worker(original: Callable[..., tuple[str, str, str]]) -> Callable[..., tuple[str, str, str]]:
    def get_caller_identity(backend: STSBackend, *rest: object) -> tuple[str, str, str]:
        user, arn, account = original(backend, *rest)
        if arn.endswith(":user/moto"):
            return f"{WORKER_ID}:lab", f"arn:aws:sts::{account}:assumed-role/{WORKER}/lab", account
        return user, arn, account

    return get_caller_identity


def _with_proper_id(original: Callable[..., None]) -> Callable[..., None]:
    def initialise(user: User, account_id: str, *rest: object, **named: object) -> None:
        original(user, account_id, *rest, **named)
        user.id = generate_access_key_id_from_account_id(account_id, "AIDA", 21)

    return initialise


def _get_findings(response: GuardDutyResponse) -> str:
    wanted = json.loads(response.body).get("findingIds", [])
    found = guardduty.findings(response.current_account, response.region, response.path.split("/")[2])
    return json.dumps({"findings": [found[one] for one in wanted if one in found]})


def _list_findings(response: GuardDutyResponse) -> str:
    if json.loads(response.body or "{}").get("findingCriteria"):
        raise Refused("BadRequestException", "the simulated GuardDuty has no finding criteria")
    found = guardduty.findings(response.current_account, response.region, response.path.split("/")[2])
    return json.dumps({"findingIds": sorted(found)})


def _lookup_events(response: CloudTrailResponse) -> str:
    asked = json.loads(response.body or "{}")
    try:
        return json.dumps(lookup.lookup(response.current_account, response.region, asked))
    except BadInput as error:
        raise Refused("InvalidLookupAttributesException", str(error)) from error


def _through(
    wire: Wire, recorder: Recorder, throws: Throws, original: Callable[[BaseResponse], Answer]
) -> Callable[[BaseResponse], Answer]:
    def call_action(response: BaseResponse) -> Answer:
        operation = response._get_action() or "Unknown"  # noqa: SLF001 -- moto's own parser of the request
        dry_run = response.querystring.get("DryRun", [""])[0] == "true"
        where = {"account": response.current_account, "region": response.region}
        code = wire.take(response.boto3_service_name, operation, **where, dry_run=dry_run)
        with throws.one(response.current_account, operation, str(response.body)):
            answer = _refuse(response, code, f"the lab was told to refuse {operation}") if code else attempt(response)
            if operation == "AssumeRole" and (key := _KEY.search(str(answer[2]))):
                recorder.issued(key[1], str(response._get_param("SourceIdentity") or ""))  # noqa: SLF001
            elif not dry_run and not operation.startswith(READS):
                recorder.saw(response, operation, answer)
        return answer

    def attempt(response: BaseResponse) -> Answer:
        try:
            return original(response)
        except NotImplementedError:
            # moto raises out of the client's call; AWS would have answered something.
            operation = response._get_action()  # noqa: SLF001
            return _refuse(response, "UnknownOperation", f"the simulated AWS has no {operation}")

    return call_action


def _s3_through(wire: Wire, recorder: Recorder, original: Callable[..., object]) -> Callable[..., object]:
    def respond(response: S3Response, *rest: object) -> object:
        # moto finds S3's operation only while it runs: the method and the path have to do. Faults are not injected.
        operation = {"GET": "Get", "HEAD": "Head"}.get(response.method, response.method.title()) + response.path
        where = {"account": response.current_account, "region": response.region or ""}
        wire.take("s3", operation, **where, dry_run=False)
        answer = _NOT_THE_OWNER if _owned_by_another(response) else original(response, *rest)
        recorder.saw_bucket(response, answer)
        return answer

    return respond


def _owned_by_another(response: S3Response) -> bool:
    """Whether the caller expects another owner of the bucket; moto does not look."""
    expected = response.headers.get("x-amz-expected-bucket-owner", "")
    _, owner = s3_backends.bucket_accounts.get(response.bucket_name, ("", expected))
    return bool(expected) and owner != expected


def _refuse(response: BaseResponse, code: str, message: str) -> Answer:
    return cast("Answer", response.serialized(ActionResult(Refused(code, message))))
