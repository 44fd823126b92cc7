"""Of all that was found in one article, what its record holds, and what becomes of every quotation in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.extraction import Findings, Found
from quotes.extraction.attributors import rules_findings
from quotes.extraction.cascade import open_lines, settled
from quotes.extraction.combining import DOUBTED, Combination, Combined
from quotes.extraction.conversation import SILENCE
from quotes.extraction.ownership import owned
from quotes.extraction.trust import UNMEASURED, Trust
from quotes.model import NOBODY, Attribution, ChunkError, Span, Speaker
from quotes.text import Reading, read
from tests.extraction.trusting import found, trusts
from tests.strategies import articles

TEXT = "“We tried,” Ida Krell said. “It failed,” Dean Holt said. The “reform” cost a lot."
TRIED, FAILED, REFORM = range(3)
READING = read(TEXT, "en")
RULES = Findings(
    "rules",
    (
        found(TEXT, "We tried,", speaker="Ida Krell", cue="said", pattern="quote_subject_cue"),
        found(TEXT, "It failed,", speaker="Dean Holt", cue="said", pattern="quote_subject_cue"),
    ),
    skipped={REFORM: "scare"},
)
FAILURE = "the chunk could not be done: refusal"
BROKEN = ChunkError(0, "refusal", "the model refused: no")
ALL = Trust({"agree": (100, 90), "alone": (100, 90), "unseen": (100, 90), "silent": (100, 90)}, keep=0.5)


def model(*items: Found, **more: object) -> Findings:
    return Findings("model", items, **more)  # type: ignore[arg-type]


def combined(findings: Findings, rules: Findings = RULES, trust: Trust = ALL) -> Combined:
    return Combination(READING, findings, rules, trust).combined()


def kept(one: Combined) -> dict[str, tuple[str | None, tuple[str, ...]]]:
    """What holds, by its words: who said it, and who stands by that."""
    return {
        " … ".join(piece.of(TEXT) for piece in item.found.attribution.content): (
            item.found.attribution.speaker.name,
            item.by,
        )
        for item in one.kept
    }


def test_what_both_found_what_one_found_and_what_is_no_quote() -> None:
    mine = found(TEXT, "We tried,", by="model", speaker="Ida Krell")
    one = combined(model(mine, skipped={REFORM: "term"}))
    assert kept(one) == {"We tried,": ("Ida Krell", ("model", "rules")), "It failed,": ("Dean Holt", ("rules",))}
    assert one.skipped == {REFORM: "term"}


@pytest.mark.parametrize("by", ["model", "rules"])
def test_what_is_dropped_leaves_its_quotation_open_as_doubted(by: str) -> None:
    none = Findings("rules")
    mine = found(TEXT, "We tried,", by="model", speaker="Ida Krell")
    cases = {"alone": (100, 1), "unseen": (100, 1)}
    findings, rules = (model(mine), none) if by == "model" else (model(), replace(RULES, found=RULES.found[:1]))
    one = combined(findings, rules, Trust(cases, keep=0.5))
    assert one.kept == ()
    assert one.open == {TRIED: DOUBTED}


def test_where_nothing_is_sure_enough_nothing_holds() -> None:
    one = combined(model(found(TEXT, "We tried,", by="model", speaker="Ida Krell")), trust=replace(ALL, keep=1.0))
    assert one.kept == ()
    assert one.open == {TRIED: DOUBTED, FAILED: DOUBTED}


def test_a_chunk_that_failed_leaves_its_quotations_open_whatever_the_rules_found_there() -> None:
    one = combined(model(open={TRIED: FAILURE, REFORM: FAILURE}, errors=(BROKEN,)))
    assert kept(one) == {"It failed,": ("Dean Holt", ("rules",))}
    assert one.open == {TRIED: FAILURE, REFORM: FAILURE}
    assert one.skipped == {}


def test_a_chunk_that_failed_says_nothing_of_what_the_rules_found_without_marks_elsewhere() -> None:
    text = "“We tried,” Ida Krell said. Dean Holt said the pier was old. Mara Ruiz said the roof leaked."
    reading = read(text, "en")
    first, _holt, ruiz = reading.sentences
    indirect = [
        found(text, "the pier was old", speaker="Dean Holt"),
        found(text, "the roof leaked", speaker="Mara Ruiz"),
    ]
    findings = model(open={0: FAILURE}, errors=(BROKEN,), unheard=(first, ruiz))
    rules = Findings("rules", tuple(replace(item, pattern="subject_cue_clause") for item in indirect))
    kept_ones = Combination(reading, findings, rules, ALL).combined().kept
    assert [item.found.attribution.speaker.name for item in kept_ones] == ["Dean Holt"]


def test_where_the_model_is_silent_the_rules_have_the_word() -> None:
    one = combined(model(open=dict.fromkeys((TRIED, FAILED, REFORM), SILENCE)))
    assert kept(one) == {"We tried,": ("Ida Krell", ("rules",)), "It failed,": ("Dean Holt", ("rules",))}
    assert one.skipped == {REFORM: "scare"}


def test_a_quote_the_model_gives_to_nobody_is_the_rules_to_name() -> None:
    one = combined(model(found(TEXT, "We tried,", by="model"), found(TEXT, "reform", by="model")))
    assert kept(one) == {
        "We tried,": ("Ida Krell", ("rules",)),
        "It failed,": ("Dean Holt", ("rules",)),
        "reform": (None, ("model",)),
    }


def test_the_model_comes_first_on_a_quotation_the_rules_have_in_a_longer_quote() -> None:
    both = found(TEXT, "We tried,", "It failed,", speaker="Dean Holt", pattern="quote_subject_cue")
    mine = found(TEXT, "We tried,", by="model", speaker="Ida Krell")
    rules = replace(RULES, found=(both,))
    silent = combined(model(mine, open={FAILED: SILENCE}), rules)
    assert kept(silent) == {"We tried,": ("Ida Krell", ("model",)), "It failed,": ("Dean Holt", ("rules",))}
    said = combined(model(mine, skipped={FAILED: "term"}), rules)
    assert kept(said) == {"We tried,": ("Ida Krell", ("model",))}
    assert said.skipped == {FAILED: "term"}


CARRIED = "“We tried hard,” Ida Krell said, “and we will try\n\n“until the old pier holds.”"


def test_a_quotation_that_goes_on_over_a_paragraph_is_joined_to_what_it_goes_on_with() -> None:
    reading = read(CARRIED, "en")
    first, second, third = (q.inner for q in reading.quotations)
    mine = Found(Attribution((first, second), (), Speaker((Span(17, 26),), "Ida Krell")), "model", 0, "k" * 64)
    (item,) = Combination(reading, model(mine), Findings("rules"), ALL).combined().kept
    assert item.found.attribution.content == (first, second, third)


def test_what_is_settled_is_joined_to_nothing_and_holds_whatever_a_model_says_or_fails_to_say() -> None:
    reading = read(CARRIED, "en")
    first, second, third = (q.inner for q in reading.quotations)
    assert reading.quotations[2].continues == 1
    sure = Found(Attribution((third,), (), NOBODY), "rules", pattern="quote_subject_cue")
    rules = Findings("rules", (sure,))
    speaker = Speaker((Span(17, 26),), "Ida Krell")
    mine = Found(Attribution((first, second), (), speaker), "model", 0, "k" * 64)
    for findings in (model(mine), model(open={0: FAILURE, 1: FAILURE, 2: FAILURE}, errors=(BROKEN,))):
        one = Combination(reading, findings, rules, ALL, (sure,), reading.sentences).combined()
        assert sure in [item.found for item in one.kept]
        assert len(one.kept) == len(findings.found) + 1
    told = Combination(reading, model(replace(mine, attribution=sure.attribution)), rules, ALL, (sure,), ()).combined()
    assert [item.found for item in told.kept] == [sure]


def test_the_rules_alone_keep_all_they_found_whatever_the_trust() -> None:
    one = combined(RULES, RULES, Trust(keep=1.0))
    assert kept(one) == {"We tried,": ("Ida Krell", ("rules",)), "It failed,": ("Dean Holt", ("rules",))}
    assert (one.skipped, one.open) == (RULES.skipped, {})


def test_a_proposal_that_is_denied_leaves_its_quotation_open() -> None:
    proposed = found(TEXT, "reform", pattern="cue_plain", rate=0.4, odds=-3.0)
    one = combined(Findings("rules", (*RULES.found, proposed)), trust=UNMEASURED)
    assert one.open == {REFORM: DOUBTED}


@st.composite
def findings_in(draw: st.DrawFn, reading: Reading) -> Findings:
    """Anything a model could have come to, each quotation it was asked about in one class."""
    places = st.integers(0, max(0, len(reading.text) - 1))
    mentions = [mention for name in reading.roster for mention in name.mentions]
    speakers = st.sampled_from([NOBODY, *(Speaker((mention,), mention.of(reading.text)) for mention in mentions)])
    items = []
    for _ in range(draw(st.integers(0, 4))):
        starts = draw(st.lists(places, min_size=1, max_size=2))
        content = {Span(start, min(len(reading.text), start + draw(st.integers(1, 20)))) for start in starts}
        quoted = draw(st.lists(st.sampled_from(reading.quotations), max_size=2)) if reading.quotations else []
        pieces = sorted({q.inner for q in quoted if q.inner.start < q.inner.end} or content)
        items.append(Found(Attribution(tuple(pieces), (), draw(speakers)), "model", 0, "k" * 64))
    taken = owned(reading.quotations, [piece for item in items for piece in item.attribution.content])
    rest = [q.index for q in reading.quotations if q.index not in taken]
    classes = [draw(st.sampled_from(["term", SILENCE, FAILURE])) for _ in rest]
    skipped = {i: "term" for i, said in zip(rest, classes, strict=True) if said == "term"}
    errors = (BROKEN,) if FAILURE in classes else ()
    open_ = {i: said for i, said in zip(rest, classes, strict=True) if said != "term"}
    return Findings("model", tuple(items), skipped, open_, errors=errors)  # type: ignore[arg-type]


@given(st.data(), articles, trusts, st.booleans())
def test_every_quotation_is_accounted_for_whatever_was_found_and_is_believed(
    data: st.DataObject, text: str, trust: Trust, cascade: bool
) -> None:
    reading = read(text, "en")
    rules = rules_findings(reading)
    findings = data.draw(findings_in(reading))
    sure, asked = (settled(reading, rules), open_lines(reading, rules)) if cascade else ((), None)
    one = Combination(reading, findings, rules, trust, sure, asked).combined()
    covered = owned(reading.quotations, [piece for item in one.kept for piece in item.found.attribution.content])
    assert covered | one.skipped.keys() | one.open.keys() == {q.index for q in reading.quotations}
    failed = {i for i, why in findings.open.items() if why == FAILURE}
    held = owned(reading.quotations, [piece for item in sure for piece in item.attribution.content])
    assert {one.open[i] for i in failed - covered} <= {FAILURE}
    assert held <= covered
    for item in one.kept:
        assert item.found.rate is None
        assert item.prior is not None or item.case.startswith("differ-") or item.precision >= trust.keep
