"""The two plots: what they show, in figures and in words, whoever is quoted."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from quotes.report.plots import MOST_BARS, Bar, confidence_plot, speakers_plot
from tests.report.making import HOSTILE, Elements

RUIZ = Bar("Mara Ruiz", 120, {"direct": 6, "indirect": 3, "mixed": 1})
HOLT = Bar("Dean Holt", 40, {"direct": 5})


def rects(plot: str, kind: str) -> list[float]:
    found = [one for one in Elements(plot).all("rect") if one["class"] == kind and (one["width"] or "").endswith("%")]
    return [float((one["width"] or "").rstrip("%")) for one in found]


def test_the_most_quoted_fills_the_width_and_types_share_it() -> None:
    plot = speakers_plot([RUIZ, HOLT])
    assert rects(plot, "bar direct") == [60, 50]
    assert rects(plot, "bar indirect") == [30]
    assert rects(plot, "bar mixed") == [10]
    assert "10 · 120 words" in plot


def test_a_table_says_what_the_bars_show() -> None:
    text = Elements(speakers_plot([RUIZ], others=2, others_quotes=3)).text
    assert "speakerdirectindirectmixedwordsMara Ruiz631120" in text
    assert text.endswith("and 2 others with 3 quotes\n")


def test_the_title_and_the_summary_name_the_image() -> None:
    plot = Elements(speakers_plot([RUIZ]))
    svg = plot.all("svg")[0]
    ids = {one["id"] for tag, one in plot.found if tag in ("title", "desc") and "id" in one}
    assert svg["role"] == "img"
    assert set((svg["aria-labelledby"] or "").split()) == ids
    assert "Mara Ruiz is quoted most: 10 quotes, 120 words." in plot.text


def test_bars_beyond_the_most_join_the_others() -> None:
    bars = [Bar(f"Name {number}", 1, {"direct": 1}) for number in range(MOST_BARS + 3)]
    plot = speakers_plot(bars, others=4, others_quotes=9)
    assert len(rects(plot, "bar direct")) == MOST_BARS
    assert "and 7 others with 12 quotes" in plot


def test_confidence_is_split_by_type() -> None:
    plot = confidence_plot({("high", "direct"): 30, ("low", "indirect"): 10, ("low", "mixed"): 20})
    assert rects(plot, "bar direct") == [100]
    assert rects(plot, "bar mixed") == [66.67]
    assert "30 · 50%" in plot
    assert "Of 60 quotes 30 high, 0 medium, 30 low." in plot


def test_nothing_gives_no_plot() -> None:
    assert speakers_plot([]) == ""
    assert confidence_plot({}) == ""


def test_a_long_name_is_cut_and_whole_in_the_title() -> None:
    name = "Her Excellency the Deputy Commissioner Mara Oberholt-Ruiz"
    plot = Elements(speakers_plot([Bar(name, 1, {"direct": 1})]))
    assert "Her Excellency the Deputy…" in plot.text
    assert plot.text.count(name) == 3  # the summary, the title of the bar, the table


def test_a_wide_name_is_cut_earlier() -> None:
    assert "市" * 13 + "…" in speakers_plot([Bar("市" * 40, 1, {"direct": 1})])


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=60), min_size=1, max_size=15))
def test_whatever_the_names_the_plot_is_sound_markup(names: list[str]) -> None:
    plot = speakers_plot([Bar(name + HOSTILE, 3, {"direct": 2, "mixed": 1}) for name in names], 1, 1)
    tree = ElementTree.fromstring(plot)
    assert len(tree.findall(".//{*}rect[@class='bar direct']")) == min(len(names), MOST_BARS) + 1
    assert tree.findall(".//img") == tree.findall(".//script") == []
