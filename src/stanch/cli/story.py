"""A case told to a person: what was found, why we believe it, what was called, what undoes it, what was refused."""

import json
import math
from collections.abc import Sequence

from stanch.cli.screen import say
from stanch.model.casefile import CaseFile, Containment, State
from stanch.model.change import Call, Change
from stanch.model.verdict import Outcome, Verdict
from stanch.respond.intake import Taken
from stanch.store.codec import plain

COLOUR = {
    Outcome.CONTAIN: "bold green",
    Outcome.ESCALATE: "bold yellow",
    Outcome.QUEUE: "cyan",
    Outcome.DISMISS: "dim",
}
WIDTH = 160
"""Characters of a call's parameters that are shown."""


def report(files: Sequence[CaseFile], taken: Taken) -> None:
    """All cases of a run, the records that held no finding, and the sum."""
    for file in files:
        tell(file)
    for skip in taken.skips:
        say(f"{'cannot be read' if skip.malformed else 'no finding'}: {skip.record}: {skip.reason}", "dim")
    say(
        f"{taken.records} records, {taken.findings} findings, {len(taken.skips)} skipped, {len(files)} cases",
        "bold",
    )


def tell(file: CaseFile) -> None:
    """One case, whole."""
    head(file)
    _found(file)
    if file.verdict:
        _verdict(file.verdict)
    for change in file.would:
        _change(change, "would do")
    for one in file.containments:
        _containment(one)
    _end(file)
    say("")


def _found(file: CaseFile) -> None:
    for finding in file.findings:
        where = f"{finding.account} {finding.region}"
        say(f"  found      {finding.type}, severity {finding.severity:g}, {where}, seen {finding.count} times")
    if file.enriched:
        for line in file.enriched.history:
            say(f"  before     {line}", "dim")
        for event in file.enriched.related[:5]:
            say(f"  nearby     {event.time} {event.name} from {event.source} {event.error}", "dim")


def _end(file: CaseFile) -> None:
    for change in file.proposals:
        _change(change, f"waits for approval: {change.approval}")
    for refusal in file.refusals:
        what = " ".join(word for word in (refusal.action, refusal.call, refusal.target) if word)
        say(f"  refused    {what}: {refusal.reason}", "magenta")
    for reason in file.reasons:
        say(f"  because    {reason}")
    if file.drawn:
        say(f"  drawn      {file.drawn}", "bold")
    for label in file.said:
        stands = "" if label == file.label else " (does not stand any more)"
        say(f"  label      {str(label.conclusion).replace('_', ' ')}, {label.by}: {label.reason}{stands}", "bold")
    for page in file.pages:
        say(f"  page       {page}", "bold yellow")


def states(file: CaseFile) -> None:
    """What has become of a case's containments, one line each."""
    for one in file.containments:
        say(f"  {file.id}  {one.change.action}  {one.change.title}, {one.change.target.name}: {one.state}{_proof(one)}")
        for line in one.left:
            say(f"             left: {line}", "bold yellow")


def proofs(file: CaseFile) -> None:
    """How each containment of a case was seen to be effective, one line each."""
    for one in file.containments:
        if one.effective:
            say(f"  {file.id}  {one.change.action}  effective: {one.effective}{_cited(one)}", "green")


def _cited(one: Containment) -> str:
    return f" (event {', '.join(one.proof)})" if one.proof else ""


def head(file: CaseFile) -> None:
    """One case in one line."""
    words = {Outcome.CONTAIN: "contained" if file.containments else "would contain", None: "under way"}
    word = words.get(file.outcome, str(file.outcome))
    states = ", ".join(sorted({str(one.state) for one in file.containments}))
    shown = f"{word} ({states})" if states not in ("", word) else word
    title = file.findings[-1].title if file.findings else ""
    say(
        f"{file.id}  {file.tier or '-'}  {shown}  {title}", COLOUR.get(file.outcome, "bold") if file.outcome else "bold"
    )


def _verdict(verdict: Verdict) -> None:
    say(
        f"  verdict    {str(verdict.conclusion).replace('_', ' ')}: probability of an attack {verdict.p:.1%}, "
        f"acts at {verdict.threshold:.0%}; {verdict.p_low:.1%} without its strongest kind of evidence"
    )
    say(f"    {math.log(verdict.prior / (1 - verdict.prior)):+6.2f}  prior of this finding type ({verdict.prior:.0%})")
    for weight in verdict.ledger:
        if weight.ln:
            say(f"    {weight.ln:+6.2f}  {weight.question}  {weight.says}", "red" if weight.ln > 0 else "green")
    silent = ", ".join(weight.question for weight in verdict.ledger if not weight.ln)
    if silent:
        say(f"            asked, and nothing found either way: {silent}", "dim")
    for line in verdict.would_change:
        say(f"            {line}", "dim")


def _containment(one: Containment) -> None:
    ends = f" until {one.expires_at:%H:%M} UTC unless confirmed" if one.state is State.CONTAINED else ""
    _change(one.change, f"{one.state}{ends}")
    ok = sum(receipt.ok for receipt in one.receipts)
    say(f"             {ok} of {len(one.receipts)} calls accepted{_proof(one)}", "dim")
    if one.effective:
        say(f"             effective: {one.effective}", "dim")
    for line in one.left:
        say(f"             left: {line}", "bold yellow")


def _proof(one: Containment) -> str:
    gone = "gone as far as it was still ours; see what is left" if one.left else "gone"
    proofs = {
        State.CONTAINED: "; read back: in place",
        State.CONFIRMED: f"; confirmed by {one.decided_by}; read back: it no longer ends by itself",
        State.REVERTED: f"; reverted by {one.decided_by or 'stanch'}; read back: {gone}",
    }
    return proofs.get(one.state, "")


def _change(change: Change, word: str) -> None:
    say(f"  {change.action:<9}  {change.title} [{word}]", "bold")
    for call in change.forward:
        say(f"       call  {_call(call)}")
    for call in change.inverse:
        say(f"    inverse  {_call(call)}", "dim")
    if change.no_inverse:
        say(f"    inverse  {change.no_inverse}", "dim")
    say(f"             touches {change.blast_radius}; {change.cut}; healthy use: {change.breaks}", "dim")


def _call(call: Call) -> str:
    text = json.dumps(plain(call.params), ensure_ascii=False)
    return f"{call.name} {text if len(text) <= WIDTH else text[:WIDTH] + '…'}"
