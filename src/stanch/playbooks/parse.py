"""A playbook's folder as a Playbook, refused with file, line and key when anything in it is wrong."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from string import Formatter

from stanch.model.errors import BadInput
from stanch.model.playbook import Playbook, Prior, Question, Trust
from stanch.model.trust import PROOF
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
NEEDS = (
    *("cloudtrail", "baseline", "vpc_flow", "vpc_flow_baseline", "s3_data_events", "s3_baseline"),
    *("db_audit", "db_baseline", "metrics"),
)
"""Sources that a question may need, each with its history; see `stanch.stages.investigate.sources`."""
PLAYBOOK_KEYS = ("title", "matches", "priors", "questions", "critical", "actions")
PLAYBOOK_OPTIONAL = ("common", "observe_days", "explains")
QUESTION_KEYS = ("id", "ask", "family", "trust", "yes", "no", "when_yes", "when_no")
QUESTION_OPTIONAL = ("needs", "mandatory", "vetoes", "unless", "covers")
PRIOR_KEYS = ("pattern", "malicious", "benign")
_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


def questions(folder: Path, node: Node) -> tuple[Question, ...]:
    """The questions that a list defines, each with its SQL from `<id>.sql` in that folder."""
    found: dict[str, Question] = {}
    for item in node.items():
        one = question(folder, item)
        if one.id in found:
            raise item.bad(f"question {one.id} is defined twice: give one of them another id")
        found[one.id] = one
    return tuple(found.values())


def playbook(folder: Path, common: Mapping[str, Question]) -> Playbook:
    """The playbook of a folder; `common` are the questions that several playbooks share."""
    keys = read(folder / "playbook.yaml", f"{folder.name}/playbook.yaml").keys(
        *PLAYBOOK_KEYS, optional=PLAYBOOK_OPTIONAL
    )
    own = questions(folder, keys["questions"])
    asked = own + _shared(keys["common"], common, own) if "common" in keys else own
    found = Playbook(
        id=folder.name,
        title=keys["title"].text(),
        version="",
        matches=keys["matches"].texts(),
        priors=tuple(prior(item) for item in keys["priors"].items()),
        questions=asked,
        critical=_critical(keys["critical"], asked),
        actions=keys["actions"].texts(),
        observe_days=int(keys["observe_days"].number()) if "observe_days" in keys else 30,
        explains=_explains(keys["explains"], asked) if "explains" in keys else (),
    )
    _check_priors(keys["priors"], found)
    return replace(found, version=version(found))


def action(node: Node, known: Collection[str]) -> str:
    """The id of an action, one of those known."""
    if node.text() not in known:
        raise node.bad(f"no action has the id {node.text()!r}; there are {', '.join(known)}")
    return node.text()


def version(found: Playbook) -> str:
    """First twelve hex digits of the SHA-256 over everything that decides, priors excepted."""
    decides = asdict(replace(found, version="", priors=()))
    if not found.explains:
        del decides["explains"]  # who says nothing here keeps the version that he had
    for one in decides["questions"]:
        if not one["covers"]:
            del one["covers"]
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]


def question(folder: Path, node: Node) -> Question:
    """One question of a list, with its SQL from that folder."""
    keys = node.keys(*QUESTION_KEYS, optional=QUESTION_OPTIONAL)
    trust = keys["trust"].text()
    if trust not in Trust.__members__:
        raise keys["trust"].bad("must be A, B, C or D")
    vetoes = "vetoes" in keys and keys["vetoes"].flag()
    if vetoes and trust not in PROOF:
        raise keys["vetoes"].bad(
            f"an answer of trust class {trust} cannot forbid to contain, as the actor chooses it: take vetoes away"
        )
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
        covers="covers" in keys and keys["covers"].flag(),
    )
    if found.covers and not (found.vetoes and found.yes < 1):
        raise keys["covers"].bad(
            "only what excuses and leaves the case to a person covers: let yes be below 1, and veto"
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
    better = "weigh it less, or read columns of a better class"
    if value < EXCUSES[trust]:
        raise node.bad(f"{value}: an answer of trust class {trust} may not excuse beyond {EXCUSES[trust]}: {better}")
    if value > ACCUSES[trust]:
        raise node.bad(f"{value}: an answer of trust class {trust} may not accuse beyond {ACCUSES[trust]}: {better}")
    return float(value)


def _sql(folder: Path, name: Node) -> str:
    file = folder / f"{name.text()}.sql"
    try:
        sql = file.read_text(encoding="utf-8")
        parameters(sql)
    except OSError as error:
        raise name.bad(f"its file {file.name} cannot be read: write it beside the YAML file") from error
    except BadInput as error:
        raise at_line(f"{folder.name}/{file.name}", error) from error
    return sql


def at_line(file: str, error: BadInput) -> BadInput:
    """The error of a file's SQL, with the line that the database names."""
    line = _LINE.search(str(error))
    return BadInput(f"{file}{f':{line[1]}' if line else ''}: {error}")


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
        raise node.bad(f"{error}; write {{{{ and }}}} for braces that stay") from error
    if fields - {"n"}:
        raise node.bad("only {n} can be filled in, how many events there are; write {{ and }} for braces that stay")
    return text


def _shared(node: Node, common: Mapping[str, Question], own: tuple[Question, ...]) -> tuple[Question, ...]:
    for item in node.items():
        if item.text() not in common:
            raise item.bad(f"no common question has this id; there are {', '.join(common) or 'none'}")
        if item.text() in [one.id for one in own] or node.texts().count(item.text()) > 1:
            raise item.bad("asked twice: take one of them away")
    return tuple(common[name] for name in node.texts())


def _critical(node: Node, asked: tuple[Question, ...]) -> tuple[str, ...]:
    defined = {one.id: one for one in asked}
    for item in node.items():
        if item.text() not in defined:
            raise item.bad(f"no question has this id; there are {', '.join(defined)}")
        if defined[item.text()].needs:
            raise item.bad(
                "a critical question is answered from the finding and the operator's facts, not from logs: name one "
                "without needs"
            )
    if not node.items():
        raise node.bad("must name at least one question")
    return node.texts()


def _explains(node: Node, asked: tuple[Question, ...]) -> tuple[str, ...]:
    defined = {one.id: one for one in asked}
    for item in node.items():
        one = defined.get(item.text())
        if one is None:
            raise item.bad(f"no question has this id; there are {', '.join(defined)}")
        if one.trust not in PROOF:
            raise item.bad(f"an answer of trust class {one.trust} explains nothing, as the actor has a say in it")
        if min(one.yes, one.no) >= 1:
            raise item.bad("it never excuses: name a question of which one answer weighs below 1")
    return node.texts()


def prior(node: Node) -> Prior:
    """One prior of the list."""
    keys = node.keys(*PRIOR_KEYS)
    return Prior(keys["pattern"].text(), keys["malicious"].number(), keys["benign"].number())


def _check_priors(node: Node, found: Playbook) -> None:
    for pattern in found.matches:
        if not any(matches(one.pattern, pattern) for one in found.priors):
            raise node.bad(f'no prior for {pattern}: add one whose pattern fits it; "*" fits all')
