"""Weighing: the ledger is the computation, and no field can excuse or accuse beyond its class."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanch.model.case import Posture, Tier, Triage
from stanch.model.playbook import Trust
from stanch.model.verdict import Answer, Conclusion, Evidence, Outcome
from stanch.stages.judge import ACCUSE, EXCUSE, FAMILY_CAP, judge, probability, weigh
from stanch.store.codec import canonical

CRITICAL = Triage(Tier.CRITICAL, Posture.AT_ONCE, "p", "f", "")
HIGH = Triage(Tier.HIGH, Posture.INVESTIGATE, "p", "f", "")

ratios = st.sampled_from([2, 3, 4, 5, 6, 8, 10, 20, 30]).flatmap(lambda lr: st.sampled_from([float(lr), 1 / lr]))


def answer(
    question="q",
    ratio=10.0,
    *,
    family="f",
    trust=Trust.A,
    given=Answer.YES,
    mandatory=True,
    yes=1.0,
    no=1.0,
    vetoes=False,
) -> Evidence:
    return Evidence(
        *(question, "?", family, trust, given, ratio, mandatory, "said"), events=("e-1",), yes=yes, no=no, vetoes=vetoes
    )


evidences = st.lists(
    st.builds(
        answer,
        question=st.text("abcdef", min_size=1, max_size=4),
        ratio=ratios,
        family=st.sampled_from("xyz"),
        trust=st.sampled_from(Trust),
        given=st.sampled_from(Answer),
        mandatory=st.booleans(),
        yes=ratios,
        no=ratios,
        vetoes=st.sampled_from([False, False, False, True]),
    ),
    max_size=8,
    unique_by=lambda one: one.question,
)


def decide(prior, evidence, triage=HIGH, threshold=0.95, depth="full", critical=()):
    return judge(prior, evidence, triage=triage, depth=depth, critical=critical, threshold=threshold)


@settings(deadline=None)
@given(st.floats(0.01, 0.99), evidences)
def test_the_ledger_sums_to_the_probability(prior, evidence):
    verdict = decide(prior, evidence)
    odds = math.log(prior / (1 - prior)) + math.fsum(line.ln for line in verdict.ledger)
    assert verdict.p == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-6)


@settings(deadline=None)
@given(evidences)
def test_no_family_outweighs_its_cap(evidence):
    lines = weigh(evidence)
    for family in {line.family for line in lines}:
        assert abs(sum(line.ln for line in lines if line.family == family)) <= FAMILY_CAP + 1e-5


@settings(deadline=None)
@given(evidences)
def test_no_answer_excuses_or_accuses_beyond_its_class(evidence):
    trust = {one.question: one.trust for one in evidence}
    for line in weigh(evidence):
        assert EXCUSE[trust[line.question]] - 1e-6 <= line.ln <= ACCUSE[trust[line.question]] + 1e-6


@settings(deadline=None)
@given(evidences, ratios)
def test_what_the_attacker_wrote_never_excuses(evidence, ratio):
    before = probability(0.5, weigh(evidence))
    theirs = answer("written", min(ratio, 1.0), family="written", trust=Trust.C)
    assert probability(0.5, weigh([*evidence, theirs])) >= before - 1e-12


@settings(deadline=None)
@given(evidences)
def test_unknown_answers_weigh_nothing(evidence):
    known = [one for one in evidence if one.answer is not Answer.UNKNOWN]
    assert weigh(evidence) == weigh(known)


@settings(deadline=None)
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


@settings(deadline=None)
@given(st.floats(0.01, 0.99), evidences)
def test_critical_and_high_are_never_dismissed(prior, evidence):
    for triage in (CRITICAL, HIGH):
        assert decide(prior, evidence, triage).outcome in (Outcome.CONTAIN, Outcome.ESCALATE)


def test_what_would_change_it_is_said_with_the_probability():
    verdict = decide(0.8, [answer("a", 10, yes=10.0, no=0.1), answer("b", given=Answer.UNKNOWN, mandatory=False)])
    assert verdict.outcome is Outcome.CONTAIN
    assert [(one.answers[0].question, one.answers[0].answer, one.contain) for one in verdict.flips] == [
        ("a", Answer.NO, False)
    ]
    assert verdict.would_change == ("no to a (?): 98% -> 29%, it would not be contained", "not known: ?")


def test_no_set_of_other_answers_is_told_that_a_smaller_one_beats():
    pair = [answer(name, 30, yes=30.0, family=name) for name in "ab"]
    weak = [answer(name, 1.0, yes=2.0, given=Answer.NO, family=name) for name in "cd"]
    verdict = decide(0.2, [*pair, *weak], threshold=0.9985)
    assert {tuple(one.question for one in flip.answers) for flip in verdict.flips} == {("c", "d")}
    assert all(len(flip.answers) == 1 for flip in decide(0.2, [*pair, *weak], threshold=0.997).flips)


def test_a_missing_answer_that_would_be_enough_is_told():
    silent = [answer(f"s{n}", given=Answer.UNKNOWN, yes=2.0) for n in range(2)]
    verdict = decide(0.9, [answer("a", 30), answer("b", 30, family="g"), *silent, answer("c", 2.0, mandatory=False)])
    assert verdict.coverage == 0.5
    assert {(one.question, one.answer) for flip in verdict.flips for one in flip.answers} == {
        (f"s{n}", given) for n in range(2) for given in (Answer.YES, Answer.NO)
    }


@settings(deadline=None)
@given(evidences, st.floats(0.05, 0.95))
def test_every_flip_turns_the_decision_when_it_is_judged_itself(evidence, prior):
    verdict = decide(prior, evidence)
    for flip in verdict.flips:
        new = {one.question: one.answer for one in flip.answers}
        turned = [
            replace(
                one,
                answer=new[one.question],
                likelihood_ratio={Answer.YES: one.yes, Answer.NO: one.no}[new[one.question]],
            )
            if one.question in new
            else one
            for one in evidence
        ]
        again = decide(prior, turned)
        assert (again.outcome is Outcome.CONTAIN) is flip.contain is not (verdict.outcome is Outcome.CONTAIN)
        assert again.p == flip.p


@settings(deadline=None)
@given(st.floats(0.01, 0.99), evidences, st.randoms())
def test_the_verdict_is_the_same_to_the_byte_in_any_order(prior, evidence, random):
    shuffled = list(evidence)
    random.shuffle(shuffled)
    assert canonical(decide(prior, evidence)) == canonical(decide(prior, shuffled))


@settings(deadline=None)
@given(evidences, st.integers(0, 7), ratios)
def test_a_more_accusing_answer_never_lowers_p_and_an_excuse_never_raises_it(evidence, at, ratio):
    known = [one for one in evidence if one.answer is not Answer.UNKNOWN]
    if not known:
        return
    one = known[at % len(known)]
    other = [replace(one, likelihood_ratio=ratio), *(rest for rest in known if rest is not one)]
    before, after = decide(0.3, known), decide(0.3, other)
    low, high = (before, after) if ratio >= one.likelihood_ratio else (after, before)
    assert low.p <= high.p + 1e-5
    assert low.p_low <= high.p_low + 1e-5


@settings(deadline=None)
@given(evidences, ratios)
def test_a_further_accusation_never_lowers_p_and_a_further_excuse_never_raises_it(evidence, ratio):
    further = answer("zzzzz", ratio, family="x", trust=Trust.A)
    before, after = decide(0.3, evidence).p, decide(0.3, [*evidence, further]).p
    assert before <= after + 1e-5 if ratio > 1 else after <= before + 1e-5


def test_a_veto_leaves_it_to_a_person_however_likely_an_attack_is():
    sure = [answer("a", 30), answer("b", 30, family="g")]
    verdict = decide(0.8, [*sure, answer("v", 0.1, family="d", trust=Trust.D, vetoes=True)], threshold=0.5)
    assert verdict.p >= 0.95
    assert (verdict.outcome, verdict.conclusion) == (Outcome.ESCALATE, Conclusion.INSUFFICIENT)
    assert verdict.reasons == ("a person must decide: said",)
    assert decide(0.8, [*sure, answer("v", 1.0, given=Answer.NO, vetoes=True)]).outcome is Outcome.CONTAIN


def test_questions_whose_source_was_switched_off_leave_the_count():
    sure = [answer("a", 30), answer("b", 30, family="g")]
    gone = [answer(f"s{n}", given=Answer.UNKNOWN) for n in range(4)]
    assert decide(0.8, [*sure, *gone]).outcome is Outcome.ESCALATE
    verdict = decide(0.8, [*sure, *(replace(one, silenced=True) for one in gone)])
    assert (verdict.coverage, verdict.outcome) == (1.0, Outcome.CONTAIN)


@pytest.mark.parametrize("tier", [Tier.MEDIUM, Tier.LOW])
def test_medium_and_low_are_dismissed_only_where_looking_costs_more_than_it_saves(tier):
    queued = Triage(tier, Posture.QUEUE, "p", "f", "")
    excused = [answer("a", 1 / 30, trust=Trust.D)]
    assert decide(0.1, excused, queued).outcome is Outcome.DISMISS
    assert decide(0.2, excused, queued).outcome is Outcome.QUEUE
    assert decide(0.001, [answer(given=Answer.UNKNOWN)], queued).outcome is Outcome.QUEUE


def test_no_evidence_at_all_is_insufficient():
    verdict = decide(0.99, [])
    assert (verdict.outcome, verdict.conclusion, verdict.coverage) == (Outcome.ESCALATE, Conclusion.INSUFFICIENT, 0.0)
