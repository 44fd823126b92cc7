"""Attribution by rules in German: verbs in two parts, sources without a verb, reports that go on; all invented."""

from __future__ import annotations

import pytest

from quotes.text import read
from quotes.text.cues import load_lexicon
from quotes.text.rules import attribute_by_rules
from tests.text.test_rules import only, said, skipped


def found(sentence: str) -> tuple[tuple[str, ...], str | None]:
    """The content of the one attribution in *sentence*, and the words that name its speaker."""
    one = only(sentence, "de")
    return one.content, one.mention


@pytest.mark.parametrize(
    ("sentence", "content", "mention"),
    [
        (
            "Gestern kündigte die Bürgermeisterin Anna Meier an, dass die Brücke bald schließt.",
            "dass die Brücke bald schließt",
            "die Bürgermeisterin Anna Meier",
        ),
        ("Er warf der Stadt vor, die Zahlen zurückgehalten zu haben.", "die Zahlen zurückgehalten zu haben", "Er"),
        ("Die 38-Jährige gab jedoch an, sie habe geschlafen.", "sie habe geschlafen", "Die 38-Jährige"),
        ("Der englischen Zeitung sagte Anna Meier: „Wir bleiben.“", "Wir bleiben.", "Anna Meier"),
        ("Gestern Abend kündigte der Chor an, das Bad zu schließen.", "das Bad zu schließen", "der Chor"),
        ("Unterdessen fordern die Bauern, den Damm sofort zu schließen.", "den Damm sofort zu schließen", "die Bauern"),
        ("Die Nachbarn glaubten, er sei verreist.", "er sei verreist", "Die Nachbarn"),
        ("Anna Meier vertrat die Auffassung, dass die Brücke hält.", "dass die Brücke hält", "Anna Meier"),
    ],
)
def test_a_verb_in_two_parts_governs_what_follows_its_second(sentence: str, content: str, mention: str) -> None:
    assert found(sentence) == ((content,), mention)


@pytest.mark.parametrize(
    ("sentence", "content", "mention"),
    [
        (
            "Beim Frühstück wies der Imker die Klage als „haltlos“ zurück.",
            "haltlos",
            "der Imker",
        ),
        ("Die Opposition sprach von einem „Märchen in drei Akten“.", "Märchen in drei Akten", "Die Opposition"),
        ("Nach dem Regen sprach der Landrat von der „schlimmsten Flut“.", "schlimmsten Flut", "der Landrat"),
        ("Den Plan bezeichnete sie als „Unsinn“.", "Unsinn", "sie"),
        ("Anna Meier hat den Plan als „Unsinn“ bezeichnet.", "Unsinn", "Anna Meier"),
        ("Der Verein verkündete im Mai den „größten Umzug der Gegend“.", "größten Umzug der Gegend", "Der Verein"),
        ("Zuschauer riefen „Zugabe“, als Meier vor den Rat trat.", "Zugabe", "Zuschauer"),
    ],
)
def test_a_quotation_inside_the_bracket_is_the_whole_content(sentence: str, content: str, mention: str) -> None:
    assert found(sentence) == ((content,), mention)


def test_a_quote_split_by_a_bracket_is_one_content() -> None:
    assert found("„Zu spät“, stellte Anna Meier fest, „kam die Hilfe.“") == (
        ("Zu spät", "kam die Hilfe."),
        "Anna Meier",
    )


def test_verbs_joined_by_and_share_their_subject() -> None:
    assert [
        (one.content, one.mention) for one in said("Sie kündigten „harte Zeiten“ an und teilten mit, es eile.", "de")
    ] == [
        (("harte Zeiten",), "Sie"),
        (("es eile",), "Sie"),
    ]


def test_the_participle_of_a_perfect_is_the_cue() -> None:
    one = only("Anna Meier hat bei der Eröffnung erklärt: „Wir bleiben.“", "de")
    assert (one.content, one.mention, one.cue) == (("Wir bleiben.",), "Anna Meier", "erklärt")


def test_the_verb_of_a_subordinate_clause_stands_last() -> None:
    sentence = "Nachdem die Köchin dem Wirt mitgeteilt hatte, dass er krank sei, wurde gelüftet."
    assert found(sentence) == (("dass er krank sei",), "die Köchin")


def test_who_is_cited_speaks_and_not_the_paper_that_cites() -> None:
    assert found("Der Bote zitiert Anna Meier mit den Worten: „Wir gehen.“") == (("Wir gehen.",), "Anna Meier")


def test_a_passive_names_nobody() -> None:
    assert found("Es wird angenommen, dass der Fluss weiter steigt.") == (("dass der Fluss weiter steigt",), None)


@pytest.mark.parametrize(
    ("sentence", "content", "mention"),
    [
        ("Nach Angaben der Polizei wurden drei Menschen verletzt.", ("wurden drei Menschen verletzt",), "der Polizei"),
        (
            "Der Käse wird nach Angaben der Sennerin „täglich zweimal“ gewendet.",
            ("Der Käse wird", "„täglich zweimal“ gewendet"),
            "der Sennerin",
        ),
        (
            "Einem Bericht der Behörde zufolge soll das Bad schließen.",
            ("soll das Bad schließen",),
            "Einem Bericht der Behörde",
        ),
        ("Die Kosten seien ihrer Meinung nach zu hoch.", ("Die Kosten seien", "zu hoch"), "ihrer"),
        ("Laut Anna Meier, der Leiterin des Amtes, steigen die Mieten.", ("steigen die Mieten",), "Anna Meier"),
        ("Wie die Polizei mitteilte, brannte eine Scheune ab.", ("brannte eine Scheune ab",), "die Polizei"),
        (
            "Eine Scheune brannte ab, wie die Feuerwehr am Montag mitteilte.",
            ("Eine Scheune brannte ab",),
            "die Feuerwehr",
        ),
        ("Die Brücke sei sicher, so Anna Meier.", ("Die Brücke sei sicher",), "Anna Meier"),
        (
            "Sicher sei, so Anna Meier weiter, dass die Brücke hält.",
            ("Sicher sei", "dass die Brücke hält"),
            "Anna Meier",
        ),
        ("In dem Gutachten heißt es, die Träger seien „morsch“.", ("die Träger seien „morsch“",), "dem Gutachten"),
        ("„Die Träger sind morsch“, heißt es in dem Gutachten.", ("Die Träger sind morsch",), "dem Gutachten"),
    ],
)
def test_a_sentence_may_have_a_source_without_a_verb_of_its_own(
    sentence: str, content: tuple[str, ...], mention: str
) -> None:
    assert found(sentence) == (content, mention)


def test_reports_go_on_in_the_subjunctive_as_one_content() -> None:
    text = "Anna Meier sagte, sie sei müde. Die Nacht sei lang gewesen. Sie habe „kaum“ geschlafen. Dann ging sie."
    assert [(one.content, one.name) for one in said(text, "de")] == [
        (("sie sei müde",), "Anna Meier"),
        (("Die Nacht sei lang gewesen. Sie habe „kaum“ geschlafen",), "Anna Meier"),
    ]
    assert skipped(text, "de") == []


def test_a_report_without_a_cue_is_by_the_subject_before() -> None:
    text = "Der Verein wehrt sich gegen den Plan. Das Dach sei dicht."
    assert [(one.content, one.mention) for one in said(text, "de")] == [(("Das Dach sei dicht",), "Der Verein")]


@pytest.mark.parametrize(
    "sentence",
    [
        "Anna Meier warf der Stadt nicht vor, gelogen zu haben.",
        "Niemand sagte, dass die Brücke hält.",
        "Nach Brakenfeld fährt heute ein Zug.",
        "Er dachte laut über einen Rücktritt nach.",
        "So ging der Tag zu Ende, so wie immer.",
        "Das Brot sei gegrüßt.",
        "Die Bäckerei bot Brot an, das niemand kaufte.",
        "Der Film „Die lange Nacht“ läuft im Mai an.",
        "Sie erklärte am Montag im Rathaus ihren Rücktritt.",
    ],
)
def test_nothing_is_said_where_a_word_only_looks_like_a_cue(sentence: str) -> None:
    assert said(sentence, "de") == []


def test_every_quotation_of_a_mixed_sentence_is_accounted_for() -> None:
    text = "Laut Anna Meier ist der „Lindenhof“ voll, und Karl Aue sprach von „Chaos“."
    reading = read(text, "de")
    result = attribute_by_rules(reading)
    held = [piece for one in result.attributions for piece in one.content]
    for quotation in reading.quotations:
        inside = any(piece.start <= quotation.inner.start and quotation.inner.end <= piece.end for piece in held)
        assert inside or quotation.outer in {one.span for one in result.skipped}


def test_nouns_joined_by_an_article_are_no_name() -> None:
    names = [name.name for name in read("Nach Angaben der Polizei kam Karl von der Aue mit Eva Linden.", "de").roster]
    assert names == ["Karl von der Aue", "Eva Linden"]


def test_only_a_language_with_its_verb_second_has_these_patterns() -> None:
    assert [code for code in ("en", "de", "fr", "es") if load_lexicon(code).has("verb_second", "yes")] == ["de"]
    assert said("Nach Angaben der Polizei brannte es.", "en") == []
