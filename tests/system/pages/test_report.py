"""The report in a browser: filters, links both ways, copying, keys, colours, paper, and hostile articles."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from quotes.formats import read_records
from quotes.record import dumps
from quotes.report.document import report_page
from tests.cli.processes import Shell
from tests.formats.samples import TEXT, sample
from tests.security.hostile import RECORDED, write_articles
from tests.system.conftest import DESK, PHONE

ROOT = Path(__file__).parents[3]
SEEDS = ("canal-strike", "halles-port-sarel", "parish-weekly")
HOSTILE = {
    "id": 'a"><img src=x onerror="window.ran=1">',
    "title": "<script>window.ran=1</script>\u202egnp.exe",
    "url": "javascript:window.ran=1",
    "link": "https://news.example/7?a=1&b=<b>",
    "author": "</script><script>window.ran=1</script>",
}
Contexts = Callable[..., BrowserContext]


def write_report(path: Path, records: Path, title: str = "Seeds") -> Path:
    found = [record for record in read_records(records) if not isinstance(record, Exception)]
    items = [(record, record.value.get("text")) for record in found]
    path.write_text(report_page(items, title=title), encoding="utf-8", newline="")
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report of three seeds as a model read them, and an article that is partial."""
    shell = Shell(tmp_path_factory.mktemp("report"))
    seeds = [ROOT / "seeds" / f"{name}.txt" for name in SEEDS]
    done = shell.run("extract", *seeds, "--replay", ROOT / "tests/fixtures/seeds", "-o", "out.jsonl")
    assert done.code == 0, done.err
    records = shell.folder / "out.jsonl"
    records.write_text(records.read_text(encoding="utf-8") + dumps(sample("news/7")) + "\n", encoding="utf-8")
    return write_report(shell.folder / "report.html", records).as_uri()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report of the hostile articles, the worst of them in its metadata, id and rejected items too."""
    shell = Shell(tmp_path_factory.mktemp("hostile"))
    articles = write_articles(shell.folder / "in.jsonl", RECORDED)
    done = shell.run("extract", articles, "--backend", "rules", "-o", "out.jsonl")
    assert done.code == 0, done.err
    records = shell.folder / "out.jsonl"
    lines = [json.loads(line) for line in records.read_bytes().splitlines()]
    for line in lines[::3]:
        line["metadata"] = {name: value for name, value in HOSTILE.items() if name != "id"}
        line["id"] += HOSTILE["id"]
        line["rejected"] = [{"item": {"cue": "</script><img src=x onerror=window.ran=1>"}, "reason": "<b onclick=x>"}]
        for quote in line["quotes"]:
            quote["speaker_name"] = '"><svg onload=window.ran=1>'
    records.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return write_report(shell.folder / "report.html", records, HOSTILE["title"]).as_uri()


def shown(page: Page) -> int:
    return page.locator(".quote[id]:visible").count()


def lit(page: Page, within: str = ".text") -> set[str]:
    """The parts of the text that are lit, by their classes."""
    classes = page.locator(f"{within} .lit").evaluate_all("found => found.map(one => one.className)")
    return {name for each in classes for name in each.split() if name in ("content", "cue", "mention")}


# ---------------------------------------------------------------------- filters


def test_filters_choose_quotes_count_them_and_stand_in_the_address(page: Page, report: str) -> None:
    page.goto(report)
    everything = shown(page)
    expect(page.locator("#shown")).to_have_text(f"{everything} quotes")
    page.get_by_label("Type", exact=True).select_option("direct")
    direct = shown(page)
    assert 0 < direct < everything
    assert page.locator(".quote[id]:visible:not([data-type=direct])").count() == 0
    expect(page.locator("#shown")).to_contain_text(f"{direct} of {everything} quotes")
    page.get_by_label("Confidence", exact=True).select_option("high")
    page.get_by_label("Search in quotes and speakers").fill("Marchbank clipboard")
    assert shown(page) == 1
    expect(page.locator("#shown")).to_have_text(f"1 of {everything} quotes in 1 article")
    assert page.url.endswith("#type=direct&confidence=high&search=Marchbank%20clipboard")
    # In the text only the quote that is left is marked.
    assert page.locator(".text .content:not(.off):visible").first.inner_text().startswith("There was a chap")
    page.reload()
    assert shown(page) == 1
    page.get_by_role("button", name="Reset").click()
    assert shown(page) == everything
    assert "#" not in page.url


def test_a_click_on_a_speaker_shows_its_quotes_alone_and_a_second_one_all(page: Page, report: str) -> None:
    page.goto(report)
    everything = shown(page)
    poole = page.locator("#a-1 .speaker", has_text="Barney Poole")
    expect(poole).to_contain_text("2 quotes")
    poole.click()
    assert shown(page) == 2
    expect(poole).to_have_attribute("aria-current", "true")
    expect(page.get_by_label("Speaker", exact=True)).to_have_value("=barney poole")
    assert page.url.endswith("#speaker=barney%20poole")
    poole.click()
    assert shown(page) == everything


def test_articles_are_filtered_by_their_status_and_what_fits_nothing_is_told(page: Page, report: str) -> None:
    page.goto(report)
    page.get_by_label("State of the article").select_option("partial")
    assert page.locator(".article:visible").get_attribute("data-id") == "news/7"
    page.get_by_label("Search in quotes and speakers").fill("nobody said this")
    expect(page.get_by_text("No quote fits these filters.")).to_be_visible()


# ------------------------------------------------------------------------ links


def test_the_pointer_on_a_quote_lights_it_up_in_both_places(page: Page, report: str) -> None:
    page.goto(report)
    page.locator("#a-1 .content[data-q~='3']").first.hover()
    expect(page.locator("#q-1-3")).to_have_class("quote sp-2 hot")
    assert page.locator("#a-1 .text .hot").count() == 4  # two pieces, the cue and the speaker
    page.locator("#q-1-4").hover()
    expect(page.locator("#a-1 .content[data-q~='4']").first).to_have_class("s content sp-3 hot")
    expect(page.locator("#q-1-3")).to_have_class("quote sp-2")


def test_a_click_in_the_text_selects_the_card_and_the_other_way_round(page: Page, report: str) -> None:
    page.goto(report)
    page.locator("#a-1 .content[data-q~='14']").first.click()
    expect(page.locator("#q-1-14")).to_have_attribute("aria-current", "true")
    expect(page.locator("#q-1-14")).to_be_in_viewport()
    assert page.url.endswith("#q-1-14")
    assert lit(page) == {"content", "cue", "mention"}
    page.locator("#q-1-16 .words").click()
    assert page.url.endswith("#q-1-16")
    expect(page.locator("#a-1 .content.lit").first).to_be_in_viewport()
    page.keyboard.press("Escape")
    assert lit(page) == set()
    assert "#" not in page.url


def test_a_second_click_on_nested_quotes_goes_on_to_the_one_around(page: Page, report: str) -> None:
    page.goto(report)
    nested = page.locator("#a-1 .content[data-q='10 11']").first
    nested.click()
    assert page.url.endswith("#q-1-11")
    nested.click()
    assert page.url.endswith("#q-1-10")


def test_an_address_of_a_quote_opens_with_it_lit_and_one_of_a_filtered_view_keeps_its_filters(
    page: Page, report: str
) -> None:
    page.goto(f"{report}#q-2-3")
    expect(page.locator("#q-2-3")).to_have_attribute("aria-current", "true")
    expect(page.locator("#a-2 .content.lit").first).to_be_in_viewport()
    page.goto("about:blank")
    page.goto(f"{report}#q-1-3&type=direct")
    expect(page.locator("#q-1-3")).to_have_attribute("aria-current", "true")
    assert page.locator(".quote[id]:visible:not([data-type=direct])").count() == 0
    # A quote that the filters hide is shown all the same.
    page.evaluate("location.hash = 'q-1-4&type=direct'")
    expect(page.locator("#q-1-4")).to_be_visible()
    page.evaluate("location.hash = 'q-99-99&speaker=%ff'")  # nonsense does no harm
    expect(page.locator("#shown")).to_contain_text("0 of")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_what_is_far_away_is_in_sight_all_the_same(open_context: Contexts, report: str, viewport: Any) -> None:
    page = open_context(viewport=viewport).new_page()
    page.goto(f"{report}#q-3-13")
    expect(page.locator("#a-3 .content.lit").first).to_be_in_viewport()
    page.locator(".contents summary").click()
    page.get_by_role("link", name="news/7").first.click()
    expect(page.get_by_role("heading", name="news/7")).to_be_in_viewport()
    page.goto("about:blank")
    page.goto(f"{report}#a-3")
    expect(page.get_by_role("heading", name="parish-weekly")).to_be_in_viewport()


def test_on_a_phone_the_selected_quote_stays_in_sight_with_its_words(open_context: Contexts, report: str) -> None:
    page = open_context(viewport=PHONE, has_touch=True).new_page()
    page.goto(report)
    expect(page.get_by_label("Type", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_label("Type", exact=True)).to_be_visible()
    page.locator("#a-1 .content[data-q~='5']").first.tap()
    sheet = page.get_by_role("region", name="Selected quote")
    expect(sheet).to_contain_text("Gwenda Mossop")
    expect(page.locator("#a-1 .content.lit").first).to_be_in_viewport()
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_what_was_left_out_is_one_click_away_and_can_be_marked_in_the_text(page: Page, report: str) -> None:
    page.goto(report)
    panel = page.locator("#a-4 .panel")
    panel.get_by_text("Left out: 1 error · 1 unresolved · 1 skipped · 1 rejected").click()
    for words in ("no answer came", "no answer", "words at a distance", "no such sentence"):
        expect(panel.get_by_text(words).first).to_be_visible()
    panel.locator("#u-4-1").click()
    expect(page.get_by_label("Show left out")).to_be_checked()
    expect(page.locator("#a-4 .unresolved")).to_have_class("s unresolved lit")
    page.locator("#a-4 .text .skipped").click()
    expect(page.locator("#s-4-1")).to_be_focused()


# ---------------------------------------------------------------- copy and keys


@pytest.mark.parametrize("clipboard", [True, False])
def test_copy_puts_the_quote_with_its_source_on_the_clipboard(
    open_context: Contexts, report: str, clipboard: bool
) -> None:
    context = open_context()
    if clipboard:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
    else:
        context.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page = context.new_page()
    page.add_init_script("document.addEventListener('copy', () => (window.copied = getSelection().toString()))")
    page.goto(report)
    page.locator("#q-1-3").hover()
    page.get_by_role("button", name="Copy quote 3", exact=True).first.click()
    expect(page.locator("#told")).to_have_text("Quote 3 copied")
    copied = page.evaluate("navigator.clipboard.readText()") if clipboard else page.evaluate("window.copied")
    assert copied == (
        "“The workers' van didn't start, so the lads walked the towpath to the picket, … Five miles, in that rain. "
        "That's how much they want this.” — Barney Poole, canal-strike"
    )


def test_the_keys_go_from_quote_to_quote_search_and_clear(page: Page, report: str) -> None:
    page.goto(report)
    page.keyboard.press("j")
    expect(page.locator("#q-1-1")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.url.endswith("#q-1-2")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("jk/?")
    assert shown(page) == 0
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("m")
    expect(page.get_by_label("Show left out")).to_be_checked()


def test_everything_is_reached_with_tab_and_a_number_leads_to_its_card_and_back(page: Page, report: str) -> None:
    page.goto(report)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the articles")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#articles")).to_be_focused()
    page.locator("#t-1-2").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#q-1-2")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#q-1-2 .number")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#t-1-2")).to_be_focused()


# ------------------------------------------------------------ colours and paper


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_has_no_fault_of_accessibility(
    open_context: Contexts, violations: Callable[[Page], list[str]], report: str, viewport: Any, scheme: Any
) -> None:
    page = open_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce").new_page()
    page.goto(f"{report}#q-1-11")
    page.keyboard.press("m")
    page.locator(".rest").evaluate_all("found => found.forEach(one => (one.open = true))")
    page.locator(".people").evaluate_all("found => found.forEach(one => (one.open = true))")
    # Articles that are not laid out yet seem to lie over one another, and their colours to be wrong.
    page.locator(".article").evaluate_all("found => found.forEach(one => (one.style.contentVisibility = 'visible'))")
    assert violations(page) == []


def test_the_colours_follow_the_system_or_the_switch_which_is_remembered(open_context: Contexts, report: str) -> None:
    page = open_context(color_scheme="dark").new_page()
    page.goto(report)
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.get_by_role("button", name="Colours: as the system").click()
    light = page.evaluate(paper)
    assert light != dark
    page.reload()
    assert page.evaluate(paper) == light
    page.get_by_role("button", name="Colours: light").click()
    page.get_by_role("button", name="Colours: dark").click()
    assert page.evaluate(paper) == dark


def test_a_page_without_storage_has_a_switch_all_the_same(open_context: Contexts, report: str) -> None:
    context = open_context(color_scheme="light")
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page = context.new_page()
    page.goto(report)
    page.get_by_role("button", name="Colours: as the system").click()
    page.get_by_role("button", name="Colours: light").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_on_paper_there_are_the_text_and_the_cards_and_no_controls(page: Page, report: str) -> None:
    page.goto(report)
    page.emulate_media(media="print")
    for hidden in ("#toolbar", ".copy", "#told", ".skip"):
        assert page.locator(f"{hidden}:visible").count() == 0
    assert shown(page) == page.locator(".quote").count()
    quoted = page.locator("#a-1 .content").first
    assert quoted.evaluate("one => getComputedStyle(one).borderBottomStyle") == "solid"
    assert quoted.evaluate("one => getComputedStyle(one).borderBottomColor") == "rgb(0, 0, 0)"
    assert page.locator("#u-4-1").evaluate("one => one.getBoundingClientRect().height") > 0


def test_without_scripts_the_page_is_whole(open_context: Contexts, report: str) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto(report)
    expect(page.locator("#toolbar")).to_be_hidden()
    assert page.locator(".quote:visible").count() == page.locator(".quote").count() == 38
    page.locator("#t-1-14").click()
    expect(page.locator("#q-1-14")).to_be_in_viewport()
    page.locator("#a-4 .rest summary").click()
    expect(page.get_by_text("no such sentence")).to_be_visible()


# ---------------------------------------------------------------- hostile texts


def test_hostile_articles_run_nothing_and_are_no_markup(page: Page, hostile: str) -> None:
    page.goto(hostile)
    for letter in "jjjm":
        page.keyboard.press(letter)
    page.locator(".rest").evaluate_all("found => found.forEach(one => (one.open = true))")
    assert page.evaluate("window.ran") is None
    assert page.locator("script[src], img, iframe, object, embed, base, form[action], link").count() == 0
    assert page.locator("svg:not([role=img])").count() == 0
    names = "[...document.querySelectorAll('body, body *')].flatMap(each => each.getAttributeNames())"
    handlers = f"{names}.filter(name => name === 'style' || name.startsWith('on'))"
    assert page.evaluate(handlers) == []
    addresses = page.evaluate("[...document.querySelectorAll('[href]')].map(each => each.getAttribute('href'))")
    assert all(address.startswith(("#", "https://news.example/")) for address in addresses)
    outside = page.locator("a[href^='https:']")
    assert outside.count() > 0
    assert set(outside.evaluate_all("found => found.map(one => one.rel)")) == {"noreferrer noopener"}
    assert "\u202e" not in page.content()


def test_hostile_articles_keep_every_character_of_theirs(page: Page, report: str) -> None:
    page.goto(report)
    words = page.locator("#a-4 .text .s").evaluate_all("found => found.map(one => one.textContent).join('')")
    assert words == TEXT.replace("\r\n", "\n")
