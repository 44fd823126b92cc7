"""The review in a browser: decided by keys and by hand, kept over undo, reload and a second tab, written as gold."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from quotes import Article, extract
from quotes.record import dumps
from tests.cli.processes import Shell
from tests.review.making import RUN, TEXT, lines_of
from tests.system.conftest import DESK, PHONE

Contexts = Callable[..., BrowserContext]
Open = Callable[[Page, int], Page]

HOSTILE = (
    '<script>window.ran=1</script> "<img src=x onerror=window.ran=1>," said \u202eIda <b>Krell</b>.\r\n\r\n\x07 End.'
)

BOXES_OF = """words => {
  const walker = document.createTreeWalker(document.querySelector(".text"), NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) if (walker.currentNode.parentElement.matches(".s")) nodes.push(walker.currentNode);
  const at = nodes.map(node => node.data).join("").indexOf(words);
  const point = offset => {
    for (const node of nodes) { if (offset <= node.length) return [node, offset]; offset -= node.length; }
  };
  const range = document.createRange();
  range.setStart(...point(at));
  range.setEnd(...point(at + words.length));
  const boxes = [...range.getClientRects()].filter(box => box.width);
  const [first, last] = [boxes[0], boxes.at(-1)];
  return [first.left, first.top + first.height / 2, last.right, last.top + last.height / 2];
}"""
"""Where *words* begin and end on the screen."""


@dataclass(frozen=True)
class Served:
    """A review under way: its address, the records, and what is kept beside them."""

    address: str
    out: Path

    def kept(self, number: int) -> list[dict[str, Any]]:
        """What was decided on the article *number*, in order."""
        lines = lines_of(self.out.with_name(f"{self.out.name}.review.jsonl"))[1:]
        return [line for line in lines if line["id"] == f"pier-{number}"]

    def open(self, page: Page, number: int) -> Page:
        """*page* with the article *number* before it."""
        page.goto(f"{self.address}#{number}")
        expect(page.locator(".article")).to_have_attribute("data-n", str(number))
        return page


LONG = TEXT + "\n\nThe pier is long." * 60 + "\n\n“Here it ends,” Dean Holt said."


@contextmanager
def serving(shell: Shell, count: int, *arguments: object) -> Iterator[Served]:
    """A review of *count* articles of one kind; their texts differ in the end, so each is decided by itself."""
    texts = [f"{TEXT}\n\nPage {number}." for number in range(1, count + 1)]
    runs = [
        replace(RUN, article=Article(f"pier-{number}", text, {"title": f"Pier {number}"}))
        for number, text in enumerate(texts, start=1)
    ]
    long = extract(Article("long", LONG))
    hostile = replace(RUN, article=Article("<b>", HOSTILE, {"title": HOSTILE}), quotes=(), skipped=(), unresolved=())
    out = shell.write("quotes.jsonl", "".join(dumps(run) + "\n" for run in [*runs, hostile, long]))
    process = shell.start("review", out, "--no-open", *arguments, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    try:
        yield Served(process.stdout.readline().decode().strip(), out)
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(Shell(tmp_path_factory.mktemp("review")), 12) as review:
        yield review


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_attribute("data-kind", "saved")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        saved(page)


def looked_at(page: Page) -> Locator:
    return page.locator("[aria-current=true].quote, [aria-current=true].left")


def mark(page: Page, words: str) -> None:
    """Drag the mouse over *words* of the text."""
    boxes = page.evaluate(BOXES_OF, words)
    page.mouse.move(boxes[0] + 0.5, boxes[1])
    page.mouse.down()
    page.mouse.move(boxes[2], boxes[3], steps=4)
    page.mouse.up()


def test_keys_accept_and_reject_and_go_on_to_the_least_sure(page: Page, served: Served) -> None:
    served.open(page, 1)
    expect(looked_at(page)).to_contain_text("and we failed.")
    press(page, "r")
    expect(looked_at(page)).to_contain_text("Mind the gap")
    press(page, "2")
    expect(looked_at(page)).to_contain_text("bus runs late")
    press(page, "a")
    expect(looked_at(page)).to_contain_text("We tried,")
    press(page, "a")
    expect(page.locator(".stand")).to_have_text("Reviewed")
    assert [line["do"] for line in served.kept(1)] == ["reject", "class", "accept", "accept"]
    expect(page.locator(".quote.rejected .words")).to_have_text("and we failed.")
    press(page, "x")
    expect(page.locator(".stand")).to_have_text("1 to decide")
    press(page, "d")
    expect(page.locator(".stand")).to_have_text("Done")
    press(page, "k", "x")
    expect(page.locator(".stand")).to_have_text(re.compile("^[12] to decide$"))
    expect(page.locator(".quote.open, .left.lit")).not_to_have_count(0)


def test_two_keys_give_a_quote_to_another_speaker(page: Page, served: Served) -> None:
    served.open(page, 2)
    page.locator(".quote", has_text="bus runs late").click()
    page.keyboard.press("s")
    expect(page.locator("#names li").first).to_contain_text("Dean Holt")
    page.keyboard.press("1")
    saved(page)
    expect(page.locator(".quote", has_text="bus runs late")).to_contain_text("corrected: speaker")
    expect(looked_at(page)).to_contain_text("bus runs late")
    expect(page.locator("#actions .about")).to_contain_text("accepted with the change")
    page.keyboard.press("a")
    expect(looked_at(page)).not_to_contain_text("bus runs late")
    assert [line["do"] for line in served.kept(2)] == ["edit"]
    page.locator(".quote", has_text="and we failed.").click()
    mark(page, "Mayor Mara Oduya")
    page.keyboard.press("s")
    saved(page)
    first, second = served.kept(2)
    assert first["name"] == "Dean Holt"
    assert (second["quote"]["speaker"], second["name"]) == ([[0, 16]], "Mara Oduya")


def test_words_are_changed_by_marking_them_and_by_dragging_an_end(page: Page, served: Served) -> None:
    served.open(page, 3)
    card = page.locator(".quote", has_text="bus runs late")
    card.click()
    mark(page, "bus runs")
    expect(page.locator("#actions .about")).to_have_text("“bus runs”")
    page.get_by_role("button", name="Words").click()
    saved(page)
    expect(page.locator(".quote .words", has_text="bus runs")).to_have_text("bus runs")
    mark(page, "late")
    press(page, "p")
    expect(page.locator(".quote .words", has_text="bus runs")).to_have_text("bus runs … late")
    box = page.locator(".handle.start").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 32, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    saved(page)
    expect(page.locator(".quote.lit .words")).to_contain_text("runs … late")
    for end in ("start", "end"):
        handle, edge = page.locator(f".handle.{end}").first.bounding_box(), page.evaluate(BOXES_OF, "uns")
        assert handle
        assert handle["x"] + handle["width"] <= edge[0] if end == "start" else handle["x"] >= edge[2] - 1
    assert served.kept(3)[-1]["words"] in ("runs … late", "s runs … late")


def test_a_marking_that_ends_over_a_handle_ends_there(page: Page, served: Served) -> None:
    served.open(page, 3)
    box = page.locator(".handle.end").first.bounding_box()
    assert box
    right, middle = box["x"] + 2, box["y"] + box["height"] / 2
    page.mouse.move(right - 40, middle)
    page.mouse.down()
    page.mouse.move(right - 20, middle)
    page.mouse.move(right + 3, middle, steps=5)
    page.mouse.up()
    assert 0 < len(page.evaluate("String(getSelection())")) < 12


def test_words_are_changed_without_a_mouse(page: Page, served: Served) -> None:
    served.open(page, 4)
    page.keyboard.press("e")
    for key in ("e", "ArrowLeft", "ArrowLeft", "ArrowLeft", "e", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    press(page, "c")
    assert served.kept(4)[-1]["words"] == "said, “and we failed"
    mark(page, "Monday")
    press(page, "p")
    for key in ("e", "Shift+ArrowRight", "e", "e", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("#told")).to_contain_text("The end moves, of piece 2 of 2.")
    press(page, "c")
    assert served.kept(4)[-1]["words"] == "Monday. … said, “and we failed."
    page.keyboard.press("e")
    page.keyboard.press("Escape")
    expect(page.locator(".handle")).to_have_count(4)


def test_a_cue_a_kind_a_type_and_a_note(page: Page, served: Served) -> None:
    served.open(page, 5)
    page.locator(".quote", has_text="We tried").click()
    mark(page, "she said")
    press(page, "v")
    page.keyboard.press("g")
    page.keyboard.press("d")
    saved(page)
    page.get_by_label("Type").select_option("mixed")
    saved(page)
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.type("A note, as is: <b>")
    page.keyboard.press("Enter")
    saved(page)
    expect(page.locator(".noted")).to_have_text("A note, as is: <b>")
    kept = served.kept(5)
    assert (kept[-1]["note"], kept[-2]["quote"]["type"]) == ("A note, as is: <b>", "mixed")
    assert kept[-2]["quote"]["speaker_kind"] == "document"


def test_what_is_added_undone_and_redone_is_kept_over_a_reload(page: Page, served: Served) -> None:
    served.open(page, 6)
    mark(page, "opened the pier on Monday")
    press(page, "n")
    expect(looked_at(page)).to_contain_text("added by hand")
    press(page, "Control+z")
    expect(page.locator(".quote")).to_have_count(3)
    press(page, "Shift+U")
    expect(page.locator(".quote")).to_have_count(4)
    press(page, "u", "Control+y", "d")
    page.reload()
    expect(page.locator(".article")).to_have_attribute("data-n", "6")
    expect(page.locator(".quote.accepted .words")).to_have_text("opened the pier on Monday")
    expect(page.locator(".quote.passed .verdict").first).to_contain_text("Passed with the article")
    expect(page.locator(".stand")).to_have_text("Done")
    press(page, "u", "u")
    expect(page.locator(".quote")).to_have_count(3)
    assert page.evaluate("location.search") == ""


def test_an_unresolved_quotation_becomes_a_quote(page: Page, served: Served) -> None:
    served.open(page, 7)
    page.locator(".left", has_text="Mind the gap").click()
    press(page, "a")
    expect(page.locator(".quote.lit .words")).to_have_text("Mind the gap")
    assert served.kept(7)[0]["words"] == "Mind the gap"


def test_what_is_looked_at_is_in_view_between_the_bars(page: Page, served: Served) -> None:
    served.open(page, 14)
    last = page.locator(".quote", has_text="Here it ends,")
    for _ in range(20):
        if not last.and_(looked_at(page)).count():
            page.keyboard.press("j")
    assert_in_view(page)
    page.keyboard.press("a")
    expect(looked_at(page)).not_to_contain_text("Here it ends,")
    assert_in_view(page)


def assert_in_view(page: Page) -> None:
    above, below = page.locator(".bar").bounding_box(), page.locator("#actions").bounding_box()
    for shown in (page.locator(".text .content.lit").first.bounding_box(), looked_at(page).bounding_box()):
        assert above
        assert below
        assert shown
        assert above["height"] <= shown["y"] <= shown["y"] + shown["height"] <= below["y"]


def test_the_list_is_searched_and_leads_on(page: Page, served: Served) -> None:
    served.open(page, 8)
    page.keyboard.press("/")
    page.keyboard.type("pier 9")
    expect(page.locator("#list li")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".article h2")).to_have_text("Pier 9")
    press(page, "d")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.locator("#list li")).to_have_count(14)
    page.keyboard.press("/")
    page.keyboard.type("pier")
    expect(page.locator("#list li")).to_have_count(12)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#list li:nth-child(2) button")).to_be_focused()
    page.keyboard.press("o")
    expect(page.locator(".article h2")).not_to_have_text("Pier 9")


def test_a_second_tab_does_not_overwrite_the_first(browser: Browser, served: Served) -> None:
    # Not a watched context: the browser itself writes a refused request into the console.
    context = browser.new_context()
    first, second = served.open(context.new_page(), 10), served.open(context.new_page(), 10)
    press(first, "r")
    second.keyboard.press("a")
    expect(second.locator("#told")).to_contain_text("Changed in another tab")
    expect(second.locator(".quote.rejected .words")).to_have_text("and we failed.")
    assert [line["do"] for line in served.kept(10)] == ["reject"]
    context.close()


def test_a_change_that_could_not_be_saved_is_told_and_saved_later(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    page = served.open(context.new_page(), 11)

    def fail(route: Route) -> None:
        if route.request.method == "POST":
            route.abort()
        else:
            route.continue_()

    page.route("**/api/**", fail)
    page.keyboard.press("a")
    expect(page.locator("#saved")).to_contain_text("Not saved")
    told = page.locator("#saved span")
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert told.evaluate("one => one.scrollWidth <= one.clientWidth")
        assert page.locator(".bar").evaluate("one => one.offsetHeight") < 120
    page.unroute("**/api/**")
    page.get_by_role("button", name="Try now").click()
    saved(page)
    assert [line["do"] for line in served.kept(11)] == ["accept"]
    context.close()


def test_nobody_else_is_let_in(open_context: Contexts, served: Served) -> None:
    place = served.address.partition("?")[0]
    request = open_context().request
    assert request.get(place).status == 403
    assert request.get(f"{place}api/articles").status == 403
    assert request.get(served.address, headers={"Origin": "http://elsewhere.example"}).status == 403
    assert request.get(served.address).status == 200
    assert request.get(f"{place}api/articles").status == 200
    assert request.get(f"{place}api/articles", headers={"Host": "elsewhere.example"}).status == 403
    write = {"data": {"do": "done", "revision": 0}, "headers": {"Origin": "http://elsewhere.example"}}
    assert request.post(f"{place}api/articles/12", **write).status == 403
    assert served.kept(12) == []


def test_a_hostile_article_runs_nothing(page: Page, served: Served) -> None:
    served.open(page, 13)
    mark(page, "<img src=x")
    press(page, "n")
    expect(looked_at(page).locator(".words")).to_have_text("<img src=x")
    page.keyboard.press("s")
    page.keyboard.press("Escape")
    mark(page, "End")
    page.keyboard.press("n")
    saved(page)
    expect(page.locator(".quote .words", has_text="End")).to_have_text("End")
    assert page.evaluate("[window.ran, document.images.length]") == [None, 0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_everybody_can_use_it(
    open_context: Contexts, served: Served, violations: Callable[[Page], list[str]], scheme: str, screen: str
) -> None:
    options = {"viewport": PHONE, "has_touch": True} if screen == "phone" else {}
    page = served.open(open_context(color_scheme=scheme, **options).new_page(), 12)
    assert violations(page) == []
    page.locator(".quote").first.click()
    assert violations(page) == []
    page.keyboard.press("s")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    if screen == "phone":
        page.get_by_role("button", name="Articles").click()
        assert violations(page) == []
        page.locator("#list li button", has_text="Pier 12").click()
        expect(page.locator("#list")).to_be_hidden()


def test_what_is_reviewed_is_gold_that_the_scorer_reads(page: Page, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    with serving(shell, 1, "--gold", "gold.jsonl") as review:
        review.open(page, 1)
        press(page, "r", "2", "a", "a")
        expect(page.locator("#progress")).to_contain_text("1 of 3 articles")
        (gold,) = lines_of(tmp_path / "gold.jsonl")
    assert [quote["type"] for quote in gold["quotes"]] == ["direct", "mixed"]
    with (tmp_path / "one.jsonl").open("w") as one:
        one.write(review.out.read_text().splitlines()[0] + "\n")
    scored = shell.run("eval", "gold.jsonl", "one.jsonl", "--json")
    assert scored.code == 0, scored.err
    assert json.loads(scored.out)
