"""The root user signs in from the office: never contained, always a person's business."""

from datetime import datetime, timedelta
from random import Random

from stanch.lab import detector
from stanch.lab.cloudtrail import Issued, Pen, root_session
from stanch.lab.dice import session_key
from stanch.lab.scene import Act, Scenario
from stanch.lab.traffic import BROWSER
from stanch.lab.world import SANDBOX, Place, World
from stanch.model.verdict import Outcome

ID = "root_login"


def play(world: World, now: datetime, thrown: Random) -> Act:
    """A console login with MFA and one look at the account."""
    start, pen = now - timedelta(minutes=22), Pen(thrown, "benign", ID)
    issued = Issued("console", session_key(thrown), start, mfa=True)
    session = root_session(SANDBOX.id, Place.OFFICE, BROWSER, issued)
    events = (
        pen.sign_in(session, start),
        pen.write(session, start + timedelta(minutes=1), "iam:GetAccountSummary"),
    )
    seen = detector.Sighting(
        SANDBOX.id,
        "Policy:IAMUser/RootCredentialUsage",
        2,
        "API GetAccountSummary was invoked using root credentials.",
        f"API GetAccountSummary was invoked using root credentials from IP address {Place.OFFICE}.",
        first=start,
        last=start + timedelta(minutes=1),
        count=2,
    )
    resource = detector.on_key("", SANDBOX.id, "Root", "Root")
    action = detector.api_call("iam", "GetAccountSummary", Place.OFFICE)
    return Act((detector.finding(world, thrown, seen, resource, action),), events)


SCENARIO = Scenario(ID, "The root user signs in", "benign", (Outcome.ESCALATE,), play)
