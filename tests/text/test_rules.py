"""Attribution by rules: every hard case of news prose, one invented example each."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from quotes.text import read
from quotes.text.rules import attribute_by_rules


@dataclass(frozen=True)
class Said:
    """An attribution in words, for comparing."""

    content: tuple[str, ...]
    mention: str | None
    name: str | None
    cue: str | None


def said(text: str, language: str = "en") -> list[Said]:
    """What the rules find in *text*, in text order."""
    found = attribute_by_rules(read(text, language))
    return [
        Said(
            tuple(piece.of(text) for piece in one.content),
            one.speaker.mention[0].of(text) if one.speaker.mention else None,
            one.speaker.name,
            one.cue[0].of(text) if one.cue else None,
        )
        for one in found.attributions
    ]


def only(text: str, language: str = "en") -> Said:
    """The one attribution in *text*."""
    found = said(text, language)
    assert len(found) == 1, found
    return found[0]


def skipped(text: str, language: str = "en") -> list[tuple[str, str]]:
    """The quotations of *text* that are classed as none, with the reason."""
    return [(one.span.of(text), one.reason) for one in attribute_by_rules(read(text, language)).skipped]


def pattern(text: str, language: str = "en") -> str:
    """The name of the pattern that found the first attribution."""
    return attribute_by_rules(read(text, language)).patterns[0]


def test_words_at_a_distance_are_scare_quotes() -> None:
    assert skipped('The "free" bus costs £4.') == [('"free"', "scare")]
    assert said('The "free" bus costs £4.') == []


def test_a_quote_split_by_its_cue_is_one_content_of_two_pieces() -> None:
    found = only('"We tried," Oduya said, "and we failed."')
    assert found == Said(("We tried,", "and we failed."), "Oduya", "Oduya", "said")


def test_a_quote_carried_over_paragraphs_is_one_content() -> None:
    found = only('Lim said:\n"It flooded.\n"Then it froze."')
    assert found.content == ("It flooded.", "Then it froze.")
    assert found.name == "Lim"


def test_the_paragraphs_before_the_cue_belong_to_it() -> None:
    found = only("“It flooded in March.\n\n“Then it froze,” said Lim.")
    assert found.content == ("It flooded in March.", "Then it froze,")


def test_a_quotation_that_never_closes_and_has_no_cue_stays_open() -> None:
    text = "“We left, she said."
    assert said(text) == []
    assert skipped(text) == []


def test_single_marks_quote_where_apostrophes_do_not() -> None:
    assert only("'The workers' van didn't start,' said Poole.").content == ("The workers' van didn't start,",)


def test_a_nested_quotation_has_a_speaker_of_its_own() -> None:
    outer, inner = said("\"He told me 'run' and I ran,\" Vega said.")
    assert (outer.content, outer.name) == (("He told me 'run' and I ran,",), "Vega")
    assert (inner.content, inner.mention) == (("run",), "He")


@pytest.mark.parametrize("subject", ["It's kind of", "this great plan"])
def test_a_nested_quotation_needs_somebody_who_can_say_it(subject: str) -> None:
    assert len(said(f"\"Then {subject} said 'run' and I ran,\" Vega said.")) == 1


def test_a_pronoun_stands_for_the_one_the_sentence_before_is_about() -> None:
    found = only('Mayor Ruiz met Dean Holt. "No deal," she said.')
    assert (found.mention, found.name) == ("she", "Mayor Ruiz")


def test_a_pronoun_passes_over_a_name_of_the_other_gender() -> None:
    text = 'Ms. Ruiz spoke first. Mr. Holt left early. "No deal," she said.'
    assert only(text).name == "Ms. Ruiz"


def test_a_pronoun_without_a_name_before_it_has_none() -> None:
    found = only('"No deal," she said.')
    assert (found.mention, found.name) == ("she", None)


def test_a_name_inside_a_quotation_is_nobody_a_pronoun_stands_for() -> None:
    text = '"I met Dean Holt," Mara Ruiz said. "He was late," she added.'
    assert said(text)[1].name == "Mara Ruiz"


def test_a_group_speaks_under_its_own_words() -> None:
    found = attribute_by_rules(read("Residents said they smelled gas.", "en")).attributions[0]
    assert (found.speaker.name, found.speaker.kind) == ("Residents", "group")


def test_an_anonymous_source_speaks_under_its_own_words() -> None:
    text = '"It\'s over," said an aide who asked not to be named.'
    found = attribute_by_rules(read(text, "en")).attributions
    assert len(found) == 1
    assert (found[0].speaker.name, found[0].speaker.kind) == ("an aide", "anonymous")


def test_a_document_can_speak() -> None:
    found = attribute_by_rules(read("The statement said repairs would take a year.", "en")).attributions[0]
    assert (found.speaker.name, found.speaker.kind) == ("The statement", "document")


def test_the_noun_before_the_verb_is_no_cue() -> None:
    text = '"Talks were useful," the White House statement said.'
    found = only(text)
    assert (found.mention, found.cue) == ("the White House statement", "said")


def test_an_inverted_cue_names_its_speaker_without_the_appositive() -> None:
    found = only('"Enough," said Brandt, who succeeded Kohl in May.')
    assert found == Said(("Enough,",), "Brandt", "Brandt", "said")


def test_a_title_before_a_name_set_off_by_commas_is_passed_over() -> None:
    found = only('"Stop feeding them," the wildlife officer, Bram Oxley, told reporters.')
    assert (found.content, found.name) == (("Stop feeding them,",), "Bram Oxley")


def test_a_place_between_commas_is_no_speaker() -> None:
    found = only("Ruiz, during a town meeting in Oakdale, Ohio, said the pier was safe.")
    assert found.name == "Ruiz"


def test_two_speakers_share_one_cue() -> None:
    first, second = said('Ames called it "reckless"; Bell, "overdue".')
    assert (first.name, second.name) == ("Ames", "Bell")
    assert (second.content, second.cue) == (("overdue",), "called")


def test_a_mixed_quote_is_the_whole_clause() -> None:
    found = only('Tan said that the plan was "dead on arrival" in June.')
    assert found.content == ('that the plan was "dead on arrival" in June',)


def test_who_declines_to_say_says_nothing() -> None:
    assert said("Fox declined to say whether he would quit.") == []
    text = 'Fox declined to say whether he would "quit now or later this year".'
    assert skipped(text) == [('"quit now or later this year"', "other")]


def test_a_headline_gives_its_speaker_before_a_colon() -> None:
    found = only("Mayor: 'I won't resign'")
    assert (found.content, found.mention) == (("I won't resign",), "Mayor")


def test_a_colon_opens_speech_only_behind_a_cue_that_hardly_stands_for_anything_else() -> None:
    assert pattern("Ruiz said: The bridge will hold.") == "cue_colon"
    assert said("Ruiz claimed: The bridge will hold.") == []


def test_the_title_of_a_work_is_no_quote() -> None:
    assert skipped('She directed "Salt Harbour" in 2011.') == [('"Salt Harbour"', "title")]
    assert skipped('"The Glass Orchard," which opens on Friday, is her first film.')[0][1] == "title"


@pytest.mark.parametrize(
    ("text", "language", "content", "mention"),
    [
        ("« Non », dit-elle.", "fr", "Non", "elle"),
        ("« Nous partons », a déclaré Jean Roc.", "fr", "Nous partons", "Jean Roc"),
        ("„Nein“, sagte er.", "de", "Nein", "er"),
        ("„Wir gehen“, hatte Anna Meier im Mai erklärt.", "de", "Wir gehen", "Anna Meier"),
        ("In einem Gespräch erklärte er: „Genug.“", "de", "Genug.", "er"),
        ("«No», dijo Ana Soto.", "es", "No", "Ana Soto"),
        ("「無理だ」と彼は言った。", "ja", "無理だ", "彼"),
        ("彼女は「無理だ」と言った。", "ja", "無理だ", "彼女"),
    ],
)
def test_other_languages_quote_in_their_own_way(text: str, language: str, content: str, mention: str) -> None:
    found = only(text, language)
    assert (found.content, found.mention) == ((content,), mention)


def test_reported_speech_of_other_languages_is_taken_to_the_end_of_its_clause() -> None:
    assert only("Meier sagte, dass die Brücke hält.", "de").content == ("dass die Brücke hält",)
    assert only("Laut Anna Meier steigen die Mieten.", "de").content == ("steigen die Mieten",)
    assert only("Selon Jean Roc, les loyers montent.", "fr").content == ("les loyers montent",)
    assert only("Soto dijo que no iría.", "es").content == ("que no iría",)


def test_a_post_is_by_its_handle() -> None:
    found = only('"so proud 🎉," @annlee posted.')
    assert (found.content, found.mention) == (("so proud 🎉,",), "@annlee")


def test_a_transcript_has_its_speakers_in_labels() -> None:
    found = said("Q: Why now?\nA: Because we can.")
    assert [(one.mention, one.content) for one in found] == [("Q", ("Why now?",)), ("A", ("Because we can.",))]


def test_a_transcript_label_goes_to_the_name_it_belongs_to() -> None:
    text = "Mara Ruiz met the press.\n\nRUIZ: We are late.\n\nHOST: Why?\n\nRUIZ: The rain."
    assert [one.name for one in said(text)] == ["Mara Ruiz", "HOST", "Mara Ruiz"]


def test_question_and_answer_are_no_names() -> None:
    assert [one.name for one in said("Q: Why now?\nA: Because we can.")] == [None, None]


def test_a_label_may_come_back_shortened() -> None:
    text = "MARA RUIZ: We are late.\n\nIDA KRELL: Why?\n\nRUIZ: The rain."
    assert [one.mention for one in said(text)] == ["MARA RUIZ", "IDA KRELL", "RUIZ"]


@pytest.mark.parametrize(
    "listing",
    [
        "WHEN: Saturday at noon.\n\nWHERE: Oakdale Pier.\n\nWHO: All residents.",
        "Saturday: Rain is likely.\n\nSunday: Sun at last.\n\nSaturday: Rain once more.\n\nSunday: Sun once more.",
        "Ruiz: 547.\n\nKrell: 46.\n\nRuiz: 2,316.\n\nKrell: 1,547.",
        "Home: Oakdale\n\nAway: Marlow\n\nHome: Quay End\n\nAway: Holt Town",
    ],
    ids=["notice", "forecast", "counts", "fixtures"],
)
def test_a_list_is_no_transcript(listing: str) -> None:
    assert said(listing) == []


def test_a_single_label_is_no_transcript() -> None:
    assert said("NOTE: The pier is closed on Monday.\n\nThe council met.") == []


def test_embedded_speech_belongs_to_the_innermost_speaker() -> None:
    outer, inner = said('Diaz said Wu told her "stop".')
    assert (outer.name, outer.content) == ("Diaz", ('Wu told her "stop"',))
    assert (inner.name, inner.content) == ("Wu", ("stop",))


def test_a_quotation_without_a_cue_is_by_the_one_named_before_it() -> None:
    found = only('Kaur is tired. "I want to sleep."')
    assert (found.content, found.name, found.cue) == (("I want to sleep.",), "Kaur", None)


def test_a_quotation_goes_on_after_the_words_between() -> None:
    text = "“I have radar,” Pell said. He steered for a while. “I look for it, though.”"
    assert only(text).content == ("I have radar,", "I look for it, though.")


@pytest.mark.parametrize(
    "text",
    ["Rents doubled, according to Ng.", "According to Ng, rents doubled."],
)
def test_according_to_names_its_source(text: str) -> None:
    found = only(text)
    assert (found.name, found.cue, len(found.content)) == ("Ng", text[text.lower().index("acc") :][:12], 1)
    assert found.content[0].lower() == "rents doubled"


@pytest.mark.parametrize(
    "text",
    [
        'Nobody says "let\'s pay more tax".',
        'No one in the alley said "recount".',
        'If somebody had said "pay more," we would have left.',
        'Ruiz never said "resign".',
    ],
)
def test_what_nobody_said_is_no_quote(text: str) -> None:
    assert said(text) == []
    assert [reason for _, reason in skipped(text)] == ["other"]


def test_an_edited_quote_keeps_its_brackets_and_dots() -> None:
    assert only('"They [the board] … lied," Roy said.').content == ("They [the board] … lied,",)


def test_the_same_words_of_two_speakers_stay_apart() -> None:
    first, second = said('"We will win," said Ames. Later, "We will win," said Bell.')
    assert (first.name, second.name) == ("Ames", "Bell")
    assert first.content == second.content


def test_a_pull_quote_is_by_the_speaker_of_the_words_it_repeats() -> None:
    text = "“We are tired of waiting,” said Mara Ruiz.\n\n“We are tired of waiting”\n\nThe council met again."
    assert [one.name for one in said(text)] == ["Mara Ruiz", "Mara Ruiz"]


def test_a_line_under_a_quotation_signs_it() -> None:
    found = only("“The sea reads no notices.”\n— Ilka Thorsgate, keeper of the light")
    assert (found.name, pattern("“No.”\n— Ilka Thorsgate")) == ("Ilka Thorsgate", "signed")


@pytest.mark.parametrize(
    ("text", "quotation"),
    [
        ('The so-called "iron rule" applies.', '"iron rule"'),
        ('The team is known as "the Wolves".', '"the Wolves"'),
        ('Robert "Bob" Lane met the team.', '"Bob"'),
    ],
)
def test_terms_and_nicknames_are_no_quotes(text: str, quotation: str) -> None:
    assert skipped(text) == [(quotation, "term")]


def test_indirect_speech_needs_no_that() -> None:
    found = only("Ruiz said the bridge would hold.")
    assert (found.content, pattern("Ruiz said the bridge would hold.")) == (("the bridge would hold",), "cue_plain")


def test_whom_something_is_told_is_no_content() -> None:
    assert only("Ruiz told reporters that the bridge would hold.").content == ("that the bridge would hold",)


def test_where_and_when_it_was_said_is_no_content() -> None:
    found = only("Ruiz said in a written statement on Monday that the bridge would hold.")
    assert found.content == ("that the bridge would hold",)


def test_content_may_stand_before_its_speaker() -> None:
    assert only("Taxes will rise, Ruiz said.").content == ("Taxes will rise",)
    assert only("Taxes will rise, said Mara Ruiz, who runs the office.").content == ("Taxes will rise",)


def test_content_may_stand_around_its_cue() -> None:
    assert only("The bridge, Ruiz said, will hold.").content == ("The bridge", "will hold")


def test_a_second_cue_ends_the_content_of_the_first() -> None:
    first, second = said("Ruiz said the bridge would hold, adding that it was safe.")
    assert (first.content, second.content) == (("the bridge would hold",), ("that it was safe",))
    assert second.name == "Ruiz"


def test_a_full_name_stands_for_every_shorter_form() -> None:
    text = "Mayor Mara Ruiz spoke on Monday. Taxes will rise, Ms. Ruiz said. Ruiz said the pier was safe."
    assert {one.name for one in said(text)} == {"Mara Ruiz"}


def test_a_title_alone_stands_for_the_one_who_bears_it() -> None:
    text = 'Mayor Mara Ruiz met Dean Holt. The mayor said she was "very tired".'
    found = only(text)
    assert (found.mention, found.name) == ("The mayor", "Mara Ruiz")


def test_what_somebody_seems_to_the_writer_is_nothing_said() -> None:
    assert said("The pier seemed to sink.") == []


def test_the_cue_may_stand_in_a_sentence_of_its_own() -> None:
    assert only("“It is over.” Ruiz said.").content == ("It is over.",)


def test_markup_free_empty_and_blank_articles_have_no_quotes() -> None:
    for text in ("", " \n\n ", "No speech here.", '""', "“”", "'"):
        assert said(text) == []


@pytest.mark.parametrize(
    ("start", "mention"),
    [
        ("Mara Ruiz, the mayor,", "Mara Ruiz"),
        ("Mara Ruiz, mayor of Oakdale,", "Mara Ruiz"),
        ("Mara Ruiz of Oakdale, a teacher who has run the town,", "Mara Ruiz"),
        ("The mayor, Mara Ruiz,", "Mara Ruiz"),
        ("The mayor, a former teacher,", "The mayor"),
    ],
)
def test_a_subject_with_an_aside_is_no_content(start: str, mention: str) -> None:
    found = only(f"{start} said the plan stands.")
    assert (found.content, found.mention) == (("the plan stands",), mention)


def test_what_stands_before_the_cue_and_a_name_is_content() -> None:
    found = only("The harvest will come late, said Ann Horowitz, who runs the press.")
    assert (found.content, found.mention) == (("The harvest will come late",), "Ann Horowitz")


@pytest.mark.parametrize("content", ["that costs would rise", "costs would rise"])
def test_what_somebody_warned_of_is_not_whom(content: str) -> None:
    assert only(f"Mara Ruiz warned {content}.").content == (content,)


def test_whom_somebody_warned_is_not_what_of() -> None:
    assert only("Mara Ruiz warned residents that costs would rise.").content == ("that costs would rise",)


@pytest.mark.parametrize("mention", ["The Ruiz family", "Ruiz supporters", "The Ruiz campaign"])
def test_those_around_a_person_are_not_the_person(mention: str) -> None:
    found = only(f"Mara Ruiz left. {mention} said the case was closed.")
    assert (found.mention, found.name) == (mention, mention)


def test_a_couple_speaks_for_itself() -> None:
    found = only("We met Mara Ruiz. Mr. and Mrs. Ruiz said they were glad.")
    assert (found.mention, found.name) == ("Mr. and Mrs. Ruiz", "Mr. and Mrs. Ruiz")


def test_what_follows_a_surname_is_no_aside() -> None:
    assert only("Ada Marlow, Jr., said the plan stands.").mention == "Ada Marlow, Jr."


def test_a_short_title_is_the_long_one() -> None:
    assert only("Gov. Dean Holt spoke. The governor said taxes would fall.").name == "Dean Holt"


def test_a_title_of_several_is_whose_only_where_nothing_tells_them_apart() -> None:
    both = "Sen. Mara Ruiz met Sen. Ida Krell."
    assert only(f"{both} The senator said it was late.").name == "Ida Krell"
    assert only(f"{both} The Oakdale senator said it was late.").name == "The Oakdale senator"


@pytest.mark.parametrize("title", ["Chief of Staff", "chief of staff", "Secretary of State"])
def test_an_office_is_no_part_of_the_name(title: str) -> None:
    found = only(f"Yesterday {title} Ida Krell said it was late.")
    assert (found.mention, found.name) == (f"{title} Ida Krell", "Ida Krell")
