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
    silenced=False,
    explains=False,
    covers=False,
) -> Evidence:
    return Evidence(
        *(question, "?", family, trust, given, ratio, mandatory, "said"),
        events=("e-1",),
        yes=yes,
        no=no,
        vetoes=vetoes,
        silenced=silenced,
        explains=explains,
        covers=covers,
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
        silenced=st.sampled_from([False, False, False, False, True]),
        explains=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.question,
)


calm = st.lists(
    st.builds(
        answer,
        question=st.text("abcdef", min_size=1, max_size=4),
        ratio=st.sampled_from([1 / 20, 1 / 10, 1 / 3, 1.0, 2.0]),
        family=st.sampled_from("xyz"),
        trust=st.sampled_from(Trust),
        given=st.sampled_from([Answer.YES, Answer.YES, Answer.NO, Answer.UNKNOWN]),
        mandatory=st.booleans(),
        explains=st.booleans(),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.question,
)
"""Evidence of which a good share is queued."""


def decide(prior, evidence, triage=HIGH, threshold=0.95, depth="full", critical=(), *, alone=True):
    return judge(prior, evidence, triage=triage, depth=depth, critical=critical, threshold=threshold, alone=alone)


def queued(prior, evidence, triage=HIGH, *, alone=True):
    return decide(prior, evidence, triage, alone=alone).outcome is Outcome.QUEUE


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
    assert decide(prior, evidence, CRITICAL).outcome in (Outcome.CONTAIN, Outcome.ESCALATE)
    assert decide(prior, evidence, HIGH).outcome is not Outcome.DISMISS
    assert decide(prior, evidence, HIGH, alone=False).outcome in (Outcome.CONTAIN, Outcome.ESCALATE)


DECLARED = answer("declared", 1 / 20, trust=Trust.D, explains=True)


def test_a_high_case_that_the_operator_s_word_explains_waits_in_the_queue_and_says_why():
    verdict = decide(0.2, [DECLARED])
    assert (verdict.outcome, verdict.conclusion) == (Outcome.QUEUE, Conclusion.BENIGN)
    assert verdict.reasons[0] == "queued, not paged, because this explains it: said (declared)"
    assert "1.2%, at most 5%, 100% of the mandatory questions were answered" in verdict.reasons[1]
    assert [line.explains for line in verdict.ledger] == [True]


@pytest.mark.parametrize(
    "evidence",
    [
        [replace(DECLARED, explains=False)],
        [replace(DECLARED, trust=Trust.B), answer("far", 1 / 20, trust=Trust.D, family="g")],
        [replace(DECLARED, trust=Trust.C), answer("far", 1 / 20, trust=Trust.D, family="g")],
        [replace(DECLARED, likelihood_ratio=1.0), answer("far", 1 / 20, trust=Trust.D, family="g")],
        [replace(DECLARED, answer=Answer.UNKNOWN), answer("far", 1 / 20, trust=Trust.D, family="g")],
        [DECLARED, answer("far", 1 / 20, family="g"), answer("bad", 8, family="h")],
        [DECLARED, answer("far", 1 / 20, family="g"), answer("bad", 6, family="h"), answer("too", 4, family="h")],
        [DECLARED, answer("bad", 6), answer("too", 4), answer("far", 1 / 20, family="g")],
        [DECLARED, answer("v", 1 / 10, family="h", vetoes=True)],
        [DECLARED, answer("gone", given=Answer.UNKNOWN, mandatory=False, silenced=True)],
        [DECLARED, *(answer(f"s{n}", given=Answer.UNKNOWN) for n in range(2))],
        [DECLARED, answer("weak", 5, family="h")],
    ],
    ids=[
        *("it explains nothing", "the actor chose it", "the actor wrote it", "it excuses nothing", "it is not known"),
        *(
            "strong answer",
            "strong family",
            "excused beside it",
            "veto",
            "log switched off",
            "too little is known",
            "it is too likely",
        ),
    ],
)
def test_what_keeps_a_high_case_out_of_the_queue(evidence):
    assert decide(0.2, evidence).outcome is Outcome.ESCALATE


def test_neither_a_critical_case_nor_one_with_other_findings_is_queued():
    assert queued(0.2, [DECLARED])
    assert not queued(0.2, [DECLARED], CRITICAL)
    assert not queued(0.2, [DECLARED], Triage(Tier.HIGH, Posture.ESCALATE, "p", "f", ""))
    assert not queued(0.2, [DECLARED], alone=False)


def test_what_the_actor_wrote_answers_no_mandatory_question_on_the_way_to_the_queue():
    silent, wrote = answer("s", given=Answer.UNKNOWN), answer("w", 1.0, trust=Trust.C, given=Answer.NO, family="w")
    assert decide(0.2, [DECLARED, silent, wrote]).coverage > 0.6
    assert not queued(0.2, [DECLARED, silent, wrote])


@settings(deadline=None)
@given(st.sampled_from([0.1, 0.2, 0.4]), calm)
def test_without_what_the_actor_wrote_a_queued_case_is_queued_all_the_same(prior, evidence):
    if queued(prior, evidence):
        silent = [replace(one, answer=Answer.UNKNOWN) if one.trust is Trust.C else one for one in evidence]
        assert queued(prior, silent)
        proofs = [one for one in evidence if one.explains and one.trust in (Trust.A, Trust.D)]
        assert not queued(prior, [replace(one, explains=False) if one in proofs else one for one in evidence])


@settings(deadline=None)
@given(st.sampled_from([0.1, 0.2, 0.4]), calm, st.integers(0, 9))
def test_a_source_that_is_switched_off_never_leads_to_the_queue(prior, evidence, at):
    gone = evidence[at % len(evidence)]
    left = [replace(one, answer=Answer.UNKNOWN, silenced=True) if one is gone else one for one in evidence]
    assert not queued(prior, left)


@settings(deadline=None)
@given(st.sampled_from([0.1, 0.2, 0.4]), calm, ratios, st.sampled_from(Trust))
def test_a_further_accusation_never_leads_to_the_queue(prior, evidence, ratio, trust):
    further = answer("zzzzz", max(ratio, 1 / ratio), family="x", trust=trust, mandatory=False)
    assert queued(prior, evidence) or not queued(prior, [*evidence, further])


@settings(deadline=None)
@given(st.floats(0.01, 0.99), evidences)
def test_whatever_is_queued_of_high_tier_is_explained_benign_and_unaccused(prior, evidence):
    verdict = decide(prior, evidence)
    if verdict.outcome is Outcome.QUEUE:
        assert (verdict.conclusion, verdict.p <= 0.05) == (Conclusion.BENIGN, True)
        assert any(line.explains and line.ln < 0 for line in verdict.ledger)
        assert not any(one.silenced or (one.vetoes and one.answer is Answer.YES) for one in evidence)


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


TEST = answer("test", 1 / 30, family="d", trust=Trust.D, vetoes=True, covers=True)


@settings(deadline=None, max_examples=50)
@given(evidence=evidences, prior=st.sampled_from([0.1, 0.5, 0.9]))
def test_in_the_time_of_a_declared_test_nothing_accuses_and_a_person_decides(evidence, prior):
    verdict = decide(prior, [*evidence, TEST])
    assert all(line.ln <= 0 for line in verdict.ledger)
    assert len(verdict.ledger) == sum(one.answer is not Answer.UNKNOWN for one in evidence) + 1  # all are still told
    assert verdict.p < prior
    assert verdict.outcome is Outcome.ESCALATE
    unsaid = decide(prior, [*evidence, replace(TEST, answer=Answer.NO, likelihood_ratio=1.0)])
    assert verdict.p <= unsaid.p + 1e-5


def test_what_it_was_without_the_declared_test_is_told():
    sure = [answer("a", 30), answer("b", 30, family="g")]
    verdict = decide(0.2, [*sure, TEST])
    assert verdict.p == pytest.approx(0.25 / 30 / (1 + 0.25 / 30), abs=1e-4)
    assert [(one.contain, one.p > 0.99) for one in verdict.flips] == [(True, True)]


@pytest.mark.parametrize("tier", [Tier.MEDIUM, Tier.LOW])
def test_a_declared_test_dismisses_nothing(tier):
    queued = Triage(tier, Posture.QUEUE, "p", "f", "")
    assert decide(0.1, [replace(TEST, vetoes=False)], queued).outcome is Outcome.DISMISS
    assert decide(0.1, [TEST], queued).outcome is Outcome.QUEUE


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
