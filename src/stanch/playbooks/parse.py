"""A playbook's folder as a Playbook, refused with file and key when anything in it is wrong."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from string import Formatter

from stanch.model.errors import BadInput
from stanch.model.playbook import Playbook, Prior, Question, Trust
from stanch.playbooks.lineage import check
from stanch.playbooks.patterns import matches
from stanch.playbooks.strict import Node, read
from stanch.trail import parameters

RATIOS = frozenset(Fraction(one) for one in (2, 3, 4, 5, 6, 8, 10, 20, 30))
"""The likelihood ratios that may be authored, they or their inverses; 1 means that the answer says nothing."""
EXCUSES = {Trust.A: Fraction(1, 30), Trust.B: Fraction(1, 3), Trust.C: Fraction(1), Trust.D: Fraction(1, 30)}
"""How far an answer may excuse at most, by who controls the fields."""
ACCUSES = {Trust.A: Fraction(30), Trust.B: Fraction(30), Trust.C: Fraction(4), Trust.D: Fraction(30)}
"""How far it may accuse at most."""
VETO = (Trust.A, Trust.D)
"""Whose answers may forbid to contain."""
NEEDS = (
    *("cloudtrail", "baseline", "vpc_flow", "vpc_flow_baseline", "s3_data_events", "s3_baseline"),
    *("db_audit", "db_baseline", "metrics"),
)
"""Sources that a question may need, each with its history; see `stanch.stages.investigate.sources`."""


def questions(folder: Path, node: Node) -> tuple[Question, ...]:
    """The questions that a list defines, each with its SQL from `<id>.sql` in that folder."""
    found = tuple(_question(folder, item) for item in node.items())
    names = [one.id for one in found]
    for name in names:
        if names.count(name) > 1:
            raise node.bad(f"question {name} is defined twice")
    return found


def playbook(folder: Path, common: Mapping[str, Question]) -> Playbook:
    """The playbook of a folder; `common` are the questions that several playbooks share."""
    keys = read(folder / "playbook.yaml", f"{folder.name}/playbook.yaml").keys(
        *("title", "matches", "priors", "questions", "critical", "actions"), optional=("common", "observe_days")
    )
    own = questions(folder, keys["questions"])
    asked = own + _shared(keys["common"], common, own) if "common" in keys else own
    found = Playbook(
        id=folder.name,
        title=keys["title"].text(),
        version="",
        matches=keys["matches"].texts(),
        priors=tuple(_prior(item) for item in keys["priors"].items()),
        questions=asked,
        critical=_critical(keys["critical"], asked),
        actions=keys["actions"].texts(),
        observe_days=int(keys["observe_days"].number()) if "observe_days" in keys else 30,
    )
    _check_priors(keys["priors"], found)
    return replace(found, version=version(found))


def version(found: Playbook) -> str:
    """First twelve hex digits of the SHA-256 over everything that decides, priors excepted."""
    decides = asdict(replace(found, version="", priors=()))
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]


def _question(folder: Path, node: Node) -> Question:
    keys = node.keys(
        *("id", "ask", "family", "trust", "yes", "no", "when_yes", "when_no"),
        optional=("needs", "mandatory", "vetoes", "unless"),
    )
    trust = keys["trust"].text()
    if trust not in Trust.__members__:
        raise keys["trust"].bad("must be A, B, C or D")
    vetoes = "vetoes" in keys and keys["vetoes"].flag()
    if vetoes and trust not in VETO:
        raise keys["vetoes"].bad(f"an answer of trust class {trust} cannot forbid to contain: the actor chooses it")
    found = Question(
        id=keys["id"].text(),
        ask=keys["ask"].text(),
        family=keys["family"].text(),
        trust=Trust(trust),
        yes=_ratio(keys["yes"], Trust(trust)),
        no=_ratio(keys["no"], Trust(trust)),
        sql=_sql(folder, keys["id"]),
        needs=_needs(keys["needs"]) if "needs" in keys else (),
        mandatory="mandatory" in keys and keys["mandatory"].flag(),
        when_yes=_template(keys["when_yes"]),
        when_no=_template(keys["when_no"]),
        vetoes=vetoes,
        unless=_sql(folder, keys["unless"]) if "unless" in keys else "",
    )
    if found.unless and (found.yes >= 1 or found.no != 1):
        raise keys["unless"].bad("only an excuse can be lost: let yes be below 1 and no be 1")
    check(found, f"{folder.name}/{found.id}.sql")
    return found


def _ratio(node: Node, trust: Trust) -> float:
    try:
        value = Fraction(str(node.value))
    except (ValueError, ZeroDivisionError) as error:
        raise node.bad("must be a number or an inverse such as 1/20") from error
    if value != 1 and value not in RATIOS and (value == 0 or 1 / value not in RATIOS):
        raise node.bad(f"{value} is not one of {', '.join(str(one) for one in sorted(RATIOS))}, an inverse, or 1")
    if value < EXCUSES[trust]:
        raise node.bad(f"{value}: an answer of trust class {trust} may not excuse beyond {EXCUSES[trust]}")
    if value > ACCUSES[trust]:
        raise node.bad(f"{value}: an answer of trust class {trust} may not accuse beyond {ACCUSES[trust]}")
    return float(value)


def _sql(folder: Path, name: Node) -> str:
    file = folder / f"{name.text()}.sql"
    try:
        sql = file.read_text(encoding="utf-8")
        parameters(sql)
    except OSError as error:
        raise name.bad(f"its file {file.name} cannot be read") from error
    except BadInput as error:
        raise BadInput(f"{folder.name}/{file.name}: {error}") from error
    return sql


def _needs(node: Node) -> tuple[str, ...]:
    for item in node.items():
        if item.text() not in NEEDS:
            raise item.bad(f"must be one of {', '.join(NEEDS)}")
    return node.texts()


def _template(node: Node) -> str:
    text = node.text()
    try:
        fields = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    except ValueError as error:
        raise node.bad(str(error)) from error
    if fields - {"n"}:
        raise node.bad("only {n} can be filled in")
    return text


def _shared(node: Node, common: Mapping[str, Question], own: tuple[Question, ...]) -> tuple[Question, ...]:
    for item in node.items():
        if item.text() not in common:
            raise item.bad("no common question has this id")
        if item.text() in [one.id for one in own] or node.texts().count(item.text()) > 1:
            raise item.bad("asked twice")
    return tuple(common[name] for name in node.texts())


def _critical(node: Node, asked: tuple[Question, ...]) -> tuple[str, ...]:
    defined = {one.id: one for one in asked}
    for item in node.items():
        if item.text() not in defined:
            raise item.bad("no question has this id")
        if defined[item.text()].needs:
            raise item.bad("a critical question is answered from the finding and the operator's facts, not from logs")
    if not node.items():
        raise node.bad("must name at least one question")
    return node.texts()


def _prior(node: Node) -> Prior:
    keys = node.keys("pattern", "malicious", "benign")
    return Prior(keys["pattern"].text(), keys["malicious"].number(), keys["benign"].number())


def _check_priors(node: Node, found: Playbook) -> None:
    for pattern in found.matches:
        if not any(matches(prior.pattern, pattern) for prior in found.priors):
            raise node.bad(f"no prior for {pattern}")
