"""`stanch demo`: an attack in a simulated organisation, found, contained, confirmed, reverted and audited."""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from stanch.cli import screen, story
from stanch.cli.common import UNVERIFIED
from stanch.cli.dossier import page_of
from stanch.lab.run import Lab, in_process
from stanch.lab.sequel import knocks, sequel
from stanch.lab.write import Simulation
from stanch.model.casefile import CaseFile, State
from stanch.model.change import Call
from stanch.model.walked import Paged, Reminded
from stanch.respond import containments
from stanch.respond.circumstances import circumstances
from stanch.respond.further import by_the_sweep
from stanch.respond.house import House
from stanch.respond.report import case_line
from stanch.respond.run import once, running
from stanch.respond.watch import look
from stanch.settings import load_settings
from stanch.sources import open_source
from stanch.stages.watch import PROPAGATION
from stanch.store import checkpoint
from stanch.store.verify import verify

START = datetime(2026, 11, 23, 1, 44, tzinfo=UTC)
"""The demo's night, by the lab's clock."""
ANSWERER = "demo: the organisation is simulated"
PAGE = Path("stanch-demo.html")
"""What the demo leaves in the working folder."""
ACTS = (
    ("stolen_instance_credentials", "Somebody uses an instance's credentials from outside"),
    ("crypto_mining", "A host talks to a mining pool"),
    ("malicious_caller_on_web", "A known-malicious address gets in through the web front"),
    ("leaked_user_key", "A developer's access key is used by a stranger"),
    ("vpn_look_alike", "The look-alike: the same alarm, but from our own VPN"),
    ("port_probe", "A stranger knocks at a port"),
    ("root_login", "The root user logs in"),
    ("sample_finding", "A sample finding"),
)
"""Scenario -> what happens, in the order in which it is told."""
CONTAINED = ("stolen_instance_credentials", "leaked_user_key", "crypto_mining")
"""Scenarios whose attackers go on after the containment."""


def demo(*, json: bool, seed: int) -> None:
    """Run the main job in the embedded lab; ends with exit code 5 if the audit trail is not whole."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="stanch-demo-") as folder, in_process(seed, START) as lab:
        simulation = lab.write(Path(folder))
        house = _house(simulation, lab)
        with running(house) as engine:
            once(house, engine, (open_source(str(simulation.findings)),))
            files = _by_scenario(house, simulation)
            if json:
                for file in files.values():
                    screen.emit(case_line(file))
            else:
                _tell(house, lab, simulation, files)
        whole = _audit(house, json=json)
    if not json:
        screen.say(f"\nthe run took {time.monotonic() - began:.1f} s")
    raise typer.Exit(0 if whole else UNVERIFIED)


def _house(simulation: Simulation, lab: Lab) -> House:
    settings = load_settings(
        simulation.folder,
        state=simulation.folder / "state",
        checkpoints=str(simulation.folder / "checkpoints.log"),
        context=simulation.context,
        profile="article",
    )
    return House.build(settings, clock=lab.clock, logs=simulation.logs, override=ANSWERER, watch=lambda _: None)


def _by_scenario(house: House, simulation: Simulation) -> dict[str, CaseFile]:
    ids = {name: {finding["detail"]["id"] for finding in act.findings} for name, act in simulation.acts.items()}  # type: ignore[index,call-overload]  # the lab's own findings
    files = house.files()
    return {name: next(file for file in files if any(one.id in ids[name] for one in file.findings)) for name, _ in ACTS}


def _tell(house: House, lab: Lab, simulation: Simulation, files: dict[str, CaseFile]) -> None:
    _prologue(simulation)
    for number, (name, heading) in enumerate(ACTS, 1):
        _heading(f"{number}. {heading}")
        story.tell(files[name])
    _leave_page(house, files["stolen_instance_credentials"])
    _next_calls(house, lab, simulation, files)
    _forced(house, files["crypto_mining"])
    _four_hours(house, lab, files)
    _wire(lab)


def _prologue(simulation: Simulation) -> None:
    screen.say("stanch demo", "bold")
    screen.say(
        "The AWS organisation, its traffic and its attackers are simulated (moto with corrections, in this process); "
        "stanch is the real thing. The simulation judges the attackers' next calls by the denies and the keys that are "
        "in force then, and by nothing else of IAM; nothing flows in it, so what flow logs say is the scene's script."
    )
    screen.say(
        f"{len(simulation.events)} CloudTrail events, {len(simulation.acts)} findings, three accounts. Playbooks start "
        "in observation mode; this run overrides that by name, and the override is in the audit trail."
    )


def _heading(text: str) -> None:
    screen.say("")
    screen.say(text, "bold underline")


def _leave_page(house: House, file: CaseFile) -> None:
    """The first case as a page, as a person who is paged would open it."""
    PAGE.write_text(page_of(house, file, simulated=True), encoding="utf-8")
    screen.say(f"\nThe first case as a page: {PAGE}", "bold")


def _forced(house: House, file: CaseFile) -> None:
    """Put two calls that no action can express to the guardrails, on a case that may act."""
    _heading("What stanch will never do, even if forced")
    change = file.containments[-1].change
    for service, operation in (("ec2", "ReplaceNetworkAclEntry"), ("organizations", "AttachPolicy")):
        call = Call(service, operation, {}, change.target.arn)
        permit = house.guardrails.judge(call, change, circumstances(house, file))
        screen.say(f"  refused    {call.name}: {house.guardrails.explain(permit)}", "magenta")


def _next_calls(house: House, lab: Lab, simulation: Simulation, files: dict[str, CaseFile]) -> None:
    """Let the attackers go on three minutes later, and let the watch see what became of it."""
    _heading("01:47  The attackers go on")
    knocks(lab.world, START + PROPAGATION)
    lab.clock.set(START + timedelta(minutes=3))
    for one in sequel(lab.world, lab.clock, simulation.acts):
        said, colour = (f"denied ({one.error})", "bold green") if one.error else ("let through", "")
        screen.say(f"  {one.call:<16} {said:<32} {one.who}", colour)
    for name in CONTAINED:
        look(house, by_the_sweep, files[name].id)
        story.proofs(house.file(files[name].id))


def _four_hours(house: House, lab: Lab, files: dict[str, CaseFile]) -> None:
    kept, rest = files["stolen_instance_credentials"], files["crypto_mining"]
    _heading("02:14  A person confirms the stolen credentials")
    lab.clock.set(START + timedelta(minutes=30))
    for one in kept.containments:
        containments.confirm(house, kept.id, one.id, by="dana", reason="credentials are rotated")
    story.states(house.file(kept.id))
    _heading("Nobody answers for the others")
    seen = len(house.facts())
    for after in (timedelta(hours=1), timedelta(hours=3), timedelta(hours=3, minutes=45), timedelta(hours=4)):
        lab.clock.set(START + after)
        containments.sweep(house)
    for fact in house.facts()[seen:]:
        if isinstance(fact.body, Reminded | Paged):
            screen.say(f"  {fact.time:%H:%M}  {fact.case}  {fact.body.text}", "yellow")
    _heading("05:44  After four hours: reverted by the clock, read back")
    for file in (house.file(rest.id), house.file(files["leaked_user_key"].id), house.file(kept.id)):
        story.states(file)


def _wire(lab: Lab) -> None:
    requests = lab.wire.requests()
    changing = sum(one.mutating for one in requests)
    screen.say(f"\n{len(requests)} requests reached the simulated AWS, {changing} of them changed something")


def _audit(house: House, *, json: bool) -> bool:
    key = checkpoint.load_key(house.settings.state / "checkpoint.key").public_key()
    with house.database.begin() as connection:
        result = verify(connection, checkpoint.read(Path(house.settings.checkpoints), key))
    if not json:
        _heading("The audit trail")
        screen.say(
            f"  {result.problem or 'whole'}: {result.rows} rows, each chained to the one before, "
            f"under {result.checkpoints} signed checkpoints"
        )
        held = [one for file in house.files() for one in file.containments if one.state is State.CONTAINED]
        screen.say(f"  {len(held)} containments are still waiting for a decision")
    return not result.problem
