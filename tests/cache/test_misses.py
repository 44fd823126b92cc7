"""A replay miss names the nearest recorded request and what differs."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sample_calls import a_reply, a_request, body_of

from quotes.cache import Cached, Entry, open_store
from quotes.cache.nearest import differences
from quotes.errors import ReplayMiss
from quotes.exchange import Request


def miss(place: Path, request: Request) -> str:
    with pytest.raises(ReplayMiss) as caught:
        asyncio.run(Cached(open_store(place), None, "replay").complete(request))
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    return str(caught.value)


def fill(place: Path, *requests: Request) -> None:
    store = open_store(place)
    for request in requests:
        store.put(Entry(request, a_reply()))
    store.close()


def test_it_names_article_chunk_and_remedy(place: Path):
    text = miss(place, a_request(article="news/7.txt", chunk=4))
    assert text.startswith("news/7.txt: chunk 4: ")
    assert text.endswith("(record again with --record)")
    assert "holds nothing" in text


def test_the_recorded_one_of_the_same_article_and_chunk_is_the_nearest(place: Path):
    near = a_request("Wholly other words here.", article="a", chunk=1)
    fill(place, a_request("Ruiz said no!", article="b", chunk=1), a_request("Ruiz said no?", article="a"), near)
    text = miss(place, a_request("Ruiz said no.", article="a", chunk=1))
    assert f"a chunk 1, key {near.key[:8]}" in text
    assert "'Wholly other words here.' → 'Ruiz said no.'" in text


def test_else_the_one_with_the_most_alike_last_message(place: Path):
    texts = ["Rain fell on the harbour all day.", "Mayor Ruiz said the bridge would open in May.", "Nothing else."]
    recorded = [a_request(text, article=f"a{number}") for number, text in enumerate(texts)]
    fill(place, *recorded)
    text = miss(place, a_request("Mayor Ruiz said the bridge would open in June.", article="renamed"))
    assert f"a1 chunk 0, key {recorded[1].key[:8]}" in text


def test_an_article_that_was_never_recorded_is_not_compared_with_a_distant_one(place: Path):
    fill(place, a_request("Rain fell on the harbour all day.", article="harbour"))
    text = miss(place, a_request("Mayor Ruiz said the bridge would open in June.", article="bridge"))
    assert text == (f"bridge: chunk 0: no request of this article is recorded in {place} (record again with --record)")


def test_a_chunk_that_was_never_recorded_is_compared_with_the_article_it_is_of(place: Path):
    fill(place, a_request("Rain fell.", article="a"), a_request("Ruiz said no.", article="b"))
    assert "the nearest (a chunk 0, key" in miss(place, a_request("Ruiz said no!", article="a", chunk=1))


@pytest.mark.parametrize(
    ("changes", "what", "remedy"),
    [
        (
            {"model": "other"},
            "with another model: 'sample-1b' → 'other'",
            "give --model sample-1b as it was recorded, or record again with --record",
        ),
        (
            {"temperature": 0.5},
            "with another temperature: 0 → 0.5",
            "give --temperature 0 as it was recorded, or record again with --record",
        ),
        ({"seed": 3}, "with another seed: (absent) → 3", "record again with --record"),
        (
            {"model": "other", "temperature": 1},
            "with other settings: model: 'sample-1b' → 'other'; temperature: 0 → 1",
            "give --model sample-1b --temperature 0 as it was recorded, or record again with --record",
        ),
    ],
)
def test_where_only_settings_differ_they_are_what_is_told(
    place: Path, changes: dict[str, object], what: str, remedy: str
):
    fill(place, a_request("One.", chunk=1), recorded := a_request("Two.", chunk=2), a_request("Two!", article="b"))
    text = miss(place, a_request("Two.", chunk=2, **changes))
    assert text == f"news/0001: chunk 2: recorded in {place} (key {recorded.key[:8]}) {what} ({remedy})"


def test_of_several_passes_over_a_chunk_the_alike_one_is_the_nearest(place: Path):
    first = a_request("Chunk.")
    repair = [*first.body["messages"], {"role": "assistant", "content": "{"}, {"role": "user", "content": "Mend it."}]
    fill(place, first, replace(first, body=body_of(messages=repair)))
    assert f"key {first.key[:8]}" in miss(place, a_request("Chunk!"))


def test_a_damaged_neighbour_does_not_hide_the_miss(tmp_path: Path):
    fill(tmp_path, a_request("one", article="a"), a_request("Two went up the hill.", article="b"))
    next(tmp_path.glob("a-0-*")).write_text("{")
    assert "b chunk 0" in miss(tmp_path, a_request("Two went down the hill.", article="c"))


def test_many_differences_are_counted_not_shown(place: Path):
    fill(place, a_request())
    text = miss(place, a_request(model="other", temperature=1, seed=3, top_p=0.5, max_tokens=9))
    assert "and 2 more" in text


def test_what_changed_in_the_article_is_told_before_what_that_changed_in_the_schema(place: Path):
    fill(place, a_request("Ruiz said no."))
    text = miss(place, a_request("Ruiz said yes.", response_format=dict.fromkeys("abcd", 1)))
    assert "'Ruiz said no.' → 'Ruiz said yes.'" in text


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (a_request(model="other"), "model: 'sample-1b' → 'other'"),
        (a_request(temperature=0.5), "temperature: 0 → 0.5"),
        (a_request(temperature=None), "temperature: 0 → null"),
        (a_request(max_tokens=9), "max_tokens: (absent) → 9"),
        (a_request("Mara Ruiz said yes.\n"), "messages[3] (user): line 1 'Mara Ruiz said no.' → 'Mara Ruiz said yes.'"),
        (a_request("Mara Ruiz said no.\nNever."), "messages[3] (user): line 2 '' → 'Never.'"),
        (a_request("Mara Ruiz said no.\n\n"), "messages[3] (user): line 3 (end) → ''"),
        (replace(a_request(), label="api.example"), "endpoint: 'local' → 'api.example'"),
        (replace(a_request(), trial=2), "trial: 0 → 2"),
        (a_request(response_format={"type": "json_object"}), "response_format.type: 'json_schema' → 'json_object'"),
        (a_request(messages=[]), "messages: 4 → 0 items"),
    ],
)
def test_each_difference_says_where_it_is_and_from_what_to_what(asked: Request, expected: str):
    assert expected in differences(a_request(), asked)


def test_a_change_deep_in_a_long_line_is_shown_around_its_place():
    (found,) = differences(a_request("x" * 500 + "yes"), a_request("x" * 500 + "no"))
    assert "'…xxxxxxxxxxxxxxxxyes' → '…xxxxxxxxxxxxxxxxno'" in found


def test_equal_requests_differ_in_nothing():
    assert differences(a_request(), a_request(article="elsewhere", chunk=9)) == ()


def test_control_characters_of_an_article_are_not_printed_raw():
    assert "\x1b" not in "".join(differences(a_request("a"), a_request("\x1b[31m")))
