"""A page: what its policy lets run, what stands in its data, the same bytes for the same records, and whose it is."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from quotes.formats.provenance import is_report
from quotes.report.assets import EARLY, SCRIPTS, STYLES, asset
from quotes.report.document import report_page
from quotes.report.escaping import fragment, web_address
from quotes.report.page import page
from tests.formats.samples import TEXT, sample
from tests.report.reading_pages import elements_of
from tests.report.records import stored_of

REPORT = report_page([(stored_of(sample(name)), TEXT) for name in ("a", "b")], title="Two <articles>")


def policy_of(html: str) -> dict[str, list[str]]:
    metas = [element.attributes for element in elements_of(html) if element.tag == "meta"]
    content = next(meta["content"] for meta in metas if meta.get("http-equiv") == "Content-Security-Policy") or ""
    return {name: values for name, *values in (rule.split() for rule in content.split("; "))}


def test_only_the_scripts_and_styles_of_the_page_may_run_and_nothing_be_loaded() -> None:
    policy = policy_of(REPORT)
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == ["'none'"]
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        sources = re.findall(f"<{tag}>(.*?)</{tag}>", REPORT, re.DOTALL)
        digests = [base64.b64encode(hashlib.sha256(source.encode()).digest()).decode() for source in sources]
        assert len(digests) >= 5
        assert policy[rule] == [f"'sha256-{digest}'" for digest in digests]
    assert set(policy) == {"default-src", "base-uri", "form-action", "script-src", "style-src"}
    assert policy_of(page("x", ""))["script-src"] == ["'none'"]
    assert policy_of(page("x", "", connect=True))["connect-src"] == ["'self'"]


def test_a_page_asks_for_nothing_outside_itself() -> None:
    for element in elements_of(REPORT):
        assert not {"src", "srcset", "action", "data", "poster"} & set(element.attributes)
        assert element.tag != "link"


@pytest.mark.parametrize("name", [*EARLY, *SCRIPTS])
def test_scripts_are_strict_short_and_never_make_markup_of_words(name: str) -> None:
    source = asset(name)
    assert '"use strict";' in source
    assert source.count("\n") <= 300
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|fetch\(", source
    )
    assert "</script" not in source
    assert "<!--" not in source


@pytest.mark.parametrize("name", STYLES)
def test_styles_load_nothing(name: str) -> None:
    assert not re.search(r"url\(|@import|@font-face|</style", asset(name))


def test_data_cannot_end_the_element_they_stand_in() -> None:
    value = {"words": "</script><!--<script>&", "more": ["\u2028", "é", None]}
    html = page("x", "", data={"records": value})
    found = re.findall(r'<script type="application/json" id="data-records">(.*?)</script>', html)
    assert [json.loads(each) for each in found] == [value]
    assert html.count("</script>") == 1


def test_the_same_records_give_the_same_bytes() -> None:
    assert report_page([(stored_of(sample(name)), TEXT) for name in ("a", "b")], title="Two <articles>") == REPORT


def test_a_page_is_known_as_ours_by_what_it_says_and_another_is_not(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(REPORT, encoding="utf-8")
    assert is_report(path)
    path.write_text(REPORT.replace('content="quotes ', 'content="words '), encoding="utf-8")
    assert not is_report(path)


def test_the_head_counts_and_lists_what_is_on_the_page() -> None:
    elements = elements_of(REPORT)
    head = next(element for element in elements if "masthead" in element.classes)
    for words in ("Two <articles>", "2 articles", "2 quotes", "1 speaker", "2 partial", "the built-in rules"):
        assert words in head.text
    places = {element.attributes["id"] for element in elements if element.tag == "article"}
    assert places == {"a-1", "a-2"}
    assert {"#a-1", "#a-2"} <= {element.attributes.get("href") for element in elements}


def test_every_link_within_the_page_has_a_place_and_every_place_is_one() -> None:
    elements = elements_of(REPORT)
    places = [element.attributes["id"] for element in elements if "id" in element.attributes]
    assert len(places) == len(set(places))
    links = {element.attributes["href"] or "" for element in elements if "href" in element.attributes}
    assert {link[1:] for link in links if "=" not in link} <= set(places)


def test_articles_are_numbered_from_where_they_are_told_and_lead_back_to_their_index() -> None:
    html = report_page([(stored_of(sample()), TEXT)], title="x", first=41, ways={"All": "../report.html"})
    elements = elements_of(html)
    assert any(element.attributes.get("id") == "q-41-1" for element in elements)
    assert any(element.attributes.get("href") == "../report.html" for element in elements)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//news.example", "http:", "https://[", "http://a b", "x\x00"],
)
def test_no_link_leads_to_what_is_no_address_of_the_web(address: str) -> None:
    assert web_address(address) is None


def test_addresses_of_the_web_and_of_views_are_made() -> None:
    assert web_address("HTTPS://news.example/ü") == "HTTPS://news.example/ü"
    assert fragment("speaker", "a&b=<c> \ud800") == "#speaker=a%26b%3D%3Cc%3E%20%EF%BF%BD"
