"""Weighing: the ledger is the computation, and no field can excuse or accuse beyond its class."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanch.model.case import Posture, Tier, Triage
from stanch.model.playbook import Trust
from stanch.model.verdict import Answer, Conclusion, Evidence, Outcome
from stanch.stages.judge import ACCUSE, EXCUSE, FAMILY_CAP, judge, probability, weigh

CRITICAL = Triage(Tier.CRITICAL, Posture.AT_ONCE, "p", "f", "")
HIGH = Triage(Tier.HIGH, Posture.INVESTIGATE, "p", "f", "")

ratios = st.sampled_from([2, 3, 4, 5, 6, 8, 10, 20, 30]).flatmap(lambda lr: st.sampled_from([float(lr), 1 / lr]))


def answer(question="q", ratio=10.0, *, family="f", trust=Trust.A, given=Answer.YES, mandatory=True) -> Evidence:
    return Evidence(question, "?", family, trust, given, ratio, mandatory, "said", events=("e-1",))


evidences = st.lists(
    st.builds(
        answer,
        question=st.text("abcdef", min_size=1, max_size=4),
        ratio=ratios,
        family=st.sampled_from("xyz"),
        trust=st.sampled_from(Trust),
        given=st.sampled_from(Answer),
        mandatory=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.question,
)


def decide(prior, evidence, triage=HIGH, threshold=0.95, depth="full", critical=()):
    return judge(prior, evidence, triage=triage, depth=depth, critical=critical, threshold=threshold)


@given(st.floats(0.01, 0.99), evidences)
def test_the_ledger_sums_to_the_probability(prior, evidence):
    verdict = decide(prior, evidence)
    odds = math.log(prior / (1 - prior)) + math.fsum(line.ln for line in verdict.ledger)
    assert verdict.p == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-6)


@given(evidences)
def test_no_family_outweighs_its_cap(evidence):
    lines = weigh(evidence)
    for family in {line.family for line in lines}:
        assert abs(sum(line.ln for line in lines if line.family == family)) <= FAMILY_CAP + 1e-5


@given(evidences)
def test_no_answer_excuses_or_accuses_beyond_its_class(evidence):
    trust = {one.question: one.trust for one in evidence}
    for line in weigh(evidence):
        assert EXCUSE[trust[line.question]] - 1e-6 <= line.ln <= ACCUSE[trust[line.question]] + 1e-6


@given(evidences, ratios)
def test_what_the_attacker_wrote_never_excuses(evidence, ratio):
    before = probability(0.5, weigh(evidence))
    theirs = answer("written", min(ratio, 1.0), family="written", trust=Trust.C)
    assert probability(0.5, weigh([*evidence, theirs])) >= before - 1e-12


@given(evidences)
def test_unknown_answers_weigh_nothing(evidence):
    known = [one for one in evidence if one.answer is not Answer.UNKNOWN]
    assert weigh(evidence) == weigh(known)


@given(evidences, st.randoms())
def test_the_order_of_the_answers_does_not_matter(evidence, random):
    shuffled = list(evidence)
    random.shuffle(shuffled)
    assert weigh(evidence) == weigh(shuffled)


def test_within_a_family_each_further_answer_counts_half():
    lines = weigh([answer("a", 10), answer("b", 4), answer("c", 4)])
    assert [line.ln for line in lines] == pytest.approx([math.log(10), math.log(4) / 2, math.log(4) / 4], abs=1e-5)


def test_one_family_alone_never_contains():
    verdict = decide(0.3, [answer("a", 30), answer("b", 30)])
    assert verdict.p >= 0.95
    assert verdict.p_low < 0.5
    assert verdict.outcome is Outcome.ESCALATE
    assert "without its strongest kind of evidence" in verdict.reasons[0]


def test_two_families_contain():
    verdict = decide(0.5, [answer("a", 30), answer("b", 30, family="g")])
    assert (verdict.outcome, verdict.conclusion) == (Outcome.CONTAIN, Conclusion.TRUE_POSITIVE)


def test_unanswered_mandatory_questions_forbid_containment():
    silent = [answer(f"s{n}", given=Answer.UNKNOWN) for n in range(3)]
    verdict = decide(0.9, [answer("a", 30), answer("b", 30, family="g"), *silent])
    assert verdict.coverage == 0.4
    assert verdict.outcome is Outcome.ESCALATE
    assert verdict.conclusion is Conclusion.INSUFFICIENT


def test_at_once_only_the_critical_questions_are_mandatory():
    silent = answer("slow", given=Answer.UNKNOWN)
    verdict = decide(0.8, [answer("a", 30), silent], CRITICAL, depth="critical", critical=("a",))
    assert verdict.outcome is Outcome.CONTAIN


@given(st.floats(0.01, 0.99), evidences)
def test_critical_and_high_are_never_dismissed(prior, evidence):
    for triage in (CRITICAL, HIGH):
        assert decide(prior, evidence, triage).outcome in (Outcome.CONTAIN, Outcome.ESCALATE)


def test_what_would_change_it_names_the_question():
    verdict = decide(0.8, [answer("a", 10), answer("b", given=Answer.UNKNOWN, mandatory=False)])
    assert verdict.would_change == ("a different answer to: ?", "not known: ?")


def test_no_evidence_at_all_is_insufficient():
    verdict = decide(0.99, [])
    assert (verdict.outcome, verdict.conclusion, verdict.coverage) == (Outcome.ESCALATE, Conclusion.INSUFFICIENT, 0.0)
