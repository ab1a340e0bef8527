"""LookupEvents of the lab: what was recorded is found by AWS's keys, where AWS would show it, in AWS's form."""

from datetime import timedelta
from random import Random

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from tests.standing import standing

from stanch.aws import Aws
from stanch.lab.caller import Caller
from stanch.lab.clock import OPENING
from stanch.lab.cloudtrail import Pen, user_session
from stanch.lab.run import Lab
from stanch.lab.world import PROD, REGION, RESPONDER
from stanch.probes import activity


@pytest.fixture(scope="module")
def lab():
    with standing(7, OPENING) as running:
        erik = user_session(running.world.users["erik.nyman"], "203.0.113.9", "aws-cli/2")
        caller = Caller(erik, running.clock, Pen(Random(1)))
        for number in range(60):
            running.clock.set(OPENING + timedelta(seconds=number))
            caller.write("ec2:DescribeInstances")
        policy = "arn:aws:iam::111122223333:policy/stanch/p"
        caller.write("iam:DetachRolePolicy", policy, "web", request={"RoleName": "web"})
        caller.write("s3:DeleteBucket", "invoices", error="AccessDenied")
        yield running


def reader(lab: Lab, region: str = REGION):
    return Aws(role=RESPONDER, assume="auto", default_region=None).reader(PROD.id, region)


def test_a_users_acts_are_found_by_name_and_by_key_over_all_pages_oldest_first(lab):
    by_name = activity.by_name(reader(lab), "erik.nyman", OPENING)
    assert len(by_name) == 61
    assert [one.at for one in by_name] == sorted(one.at for one in by_name)
    assert activity.by_key(reader(lab), lab.world.users["erik.nyman"].key, OPENING) == by_name
    assert activity.by_name(reader(lab), "maria.lindqvist", OPENING) == ()
    assert len(activity.by_name(reader(lab), "erik.nyman", OPENING + timedelta(seconds=50))) == 11


def test_calls_to_iam_are_shown_in_us_east_1_alone(lab):
    name = "arn:aws:iam::111122223333:policy/stanch/p"
    (act,) = activity.on_resource(reader(lab, "us-east-1"), name, OPENING)
    assert (act.call, act.error, act.params) == ("iam:DetachRolePolicy", "", {"roleName": "web"})
    assert (act.principal_arn, act.kind) == (lab.world.users["erik.nyman"].arn, "IAMUser")
    assert activity.on_resource(reader(lab), name, OPENING) == ()


def test_a_refused_call_is_shown_with_its_error(lab):
    (act,) = activity.on_resource(reader(lab), "invoices", OPENING)
    assert (act.call, act.error) == ("s3:DeleteBucket", "AccessDenied")


def test_the_answer_has_awss_form(lab):
    client = boto3.client("cloudtrail", region_name=REGION)
    answer = {key: value for key, value in client.lookup_events().items() if key != "ResponseMetadata"}
    shape = botocore.session.get_session().get_service_model("cloudtrail").shape_for("LookupEventsResponse")
    assert ParamValidator().validate(answer, shape).generate_report() == ""


def test_two_attributes_are_refused_as_aws_refuses_them(lab):
    two = [{"AttributeKey": key, "AttributeValue": "x"} for key in ("Username", "EventId")]
    with pytest.raises(ClientError, match="exactly one"):
        boto3.client("cloudtrail", region_name=REGION).lookup_events(LookupAttributes=two)
