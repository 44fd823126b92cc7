"""RSS and Atom in: each entry an article, its text out of whatever HTML the feed wraps it in."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from quotes.formats.reading import trees
from quotes.formats.reading.markup import text_of_markup
from quotes.model import Article
from tests.formats.reading.making import found, the_article, the_error, told, write

RSS = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE rss>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Tidewater Courier</title><link>https://courier.example/</link><image><title>Logo</title></image>
<item><title>Pier &amp; ferry</title><link>https://courier.example/pier</link><guid isPermaLink="false">pier-1</guid>
<pubDate>Sun, 04 May 2031 10:00:00 +0200</pubDate><dc:creator>Ida Krell</dc:creator>
<description>Short.</description><media:content url="x.jpg"/>
<content:encoded><![CDATA[<p>“We tried,” said <b>Mara&nbsp;Oduya</b>.</p>
<p>The end.</p><script>no()</script>]]></content:encoded></item>
<item><title>Ferry</title><link>https://courier.example/ferry</link>
<description>&lt;p&gt;“Free,” he said.&lt;/p&gt;</description>
</item>
<item><title>Only a title</title></item>
<item><description>5 &lt; 6, she said.</description></item>
</channel></rss>
"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Tidewater Courier</title>
<entry><id>tag:1</id><title type="html">A &lt;i&gt;pier&lt;/i&gt;</title><updated>2031-05-05T00:00:00Z</updated>
<link rel="self" href="https://courier.example/api/1"/><link href="https://courier.example/1"/>
<published>2031-05-04T10:00:00Z</published><author><name>Ida Krell</name><email>ida@courier.example</email></author>
<summary>Short.</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>“No,” <em>she</em> said.</p>
<p>Not now.</p></div></content></entry>
<entry><link href="https://courier.example/2"/><content type="text">if a &lt;b then</content></entry>
</feed>"""


@pytest.mark.parametrize("name", ["news.rss", "news.xml"])
def test_an_entry_of_rss_is_an_article(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, RSS)
    first, second, title, last = found(path)
    assert first == Article(
        "pier-1",
        "“We tried,” said Mara\u00a0Oduya.\n\nThe end.",
        {
            "title": "Pier & ferry",
            "link": "https://courier.example/pier",
            "published": "2031-05-04T10:00:00+02:00",
            "author": "Ida Krell",
            "feed": "Tidewater Courier",
        },
        f"{path} entry 1",
    )
    assert isinstance(second, Article)
    assert (second.id, second.text) == ("https://courier.example/ferry", "“Free,” he said.")
    assert str(title).startswith(f"{path} entry 3: the entry holds no text")
    assert isinstance(last, Article)
    assert (last.id, last.text) == ("news:4", "5 < 6, she said.")


def test_an_entry_of_atom_is_an_article(tmp_path: Path) -> None:
    first, second = found(write(tmp_path / "news.atom", ATOM))
    assert isinstance(first, Article)
    assert (first.id, first.text) == ("tag:1", "“No,” she said.\n\nNot now.")
    assert first.metadata == {
        "title": "A pier",
        "link": "https://courier.example/1",
        "published": "2031-05-04T10:00:00Z",
        "author": "Ida Krell",
        "feed": "Tidewater Courier",
    }
    assert isinstance(second, Article)
    assert (second.id, second.text) == ("https://courier.example/2", "if a <b then")


def test_the_rdf_of_rss_1_is_read_too(tmp_path: Path) -> None:
    rdf = '<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/"><channel><title>T</title></channel><item>%s</item></rdf:RDF>'
    article = the_article(write(tmp_path / "a.xml", rdf % "<link>u/1</link><description>Words.</description>"))
    assert (article.id, article.text) == ("u/1", "Words.")


@pytest.mark.parametrize("data", [RSS.encode(), RSS.replace("utf-8", "utf-16").encode("utf-16"), ATOM.encode()])
def test_a_feed_on_standard_input_is_known_by_its_start(data: bytes) -> None:
    assert told(found("-", stdin=data))[0] in ("pier-1", "tag:1")


def test_an_encoding_that_the_feed_declares_is_heeded(tmp_path: Path) -> None:
    item = "<rss><item><description>“Zut”, dit-elle à Vélizan.</description></item></rss>"
    feed = '<?xml version="1.0" encoding="windows-1252"?>' + item
    assert the_article(write(tmp_path / "a.xml", feed.encode("cp1252"))).text == "“Zut”, dit-elle à Vélizan."


ENTITIES = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FOREIGN = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ("", "no XML from line 1, character 1 on: no element found"),
        ("words", "no XML from line 1, character 1 on: syntax error (is it a feed, and whole?)"),
        ("<rss><item>", "no XML from line 1, character 12 on: no element found"),
        ("<urlset><url/></urlset>", "no feed of RSS or Atom: its outermost element is <urlset>"),
        ("<rss>\0</rss>", "no XML from line 1"),
        ("<rss>&nbsp;</rss>", "no XML from line 1, character 6 on: undefined entity"),
        ('<?xml version="1.0" encoding="none"?><rss/>', "unknown encoding"),
        ('<?xml version="1.0" encoding="shift_jis"?><rss/>', "undecodable XML"),
        (ENTITIES + "<rss><item><description>&b;</description></item></rss>", "declares entities of its own"),
        (FOREIGN + "<rss><item><description>&a;</description></item></rss>", "declares entities of its own"),
        ("<rss>" * 100_000, "nested deeper than 200 levels"),
    ],
)
def test_a_feed_that_is_none_is_one_error(tmp_path: Path, data: str, complaint: str) -> None:
    assert complaint in the_error(write(tmp_path / "a.xml", data))


def test_the_entries_before_the_damage_are_kept(tmp_path: Path) -> None:
    whole = "<rss><channel>" + "<item><guid>{}</guid><description>Words.</description></item>".replace("{}", "a")
    first, damage = told(found(write(tmp_path / "a.xml", whole + " " * 70_000 + "<item><description>cut")))
    assert first == "a"
    assert "is it a feed, and whole?" in damage


def test_a_feed_beyond_all_bounds_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.xml", "<rss>" + "<x/>" * 1000 + "</rss>")
    monkeypatch.setattr(trees, "MOST_ELEMENTS", 100)
    assert "too large: more than 100 elements of XML" in the_error(path)
    monkeypatch.setattr(trees, "MOST_BYTES", 1000)
    assert "too large: more than 1,000 bytes of XML" in the_error(path)


# ---------------------------------------------------------------- markup


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("plain\n\nwords ", "plain\n\nwords"),
        ("a < b, c > d", "a < b, c > d"),
        ("AT&T and R&D;", "AT&T and R&D;"),
        ("one&nbsp;&amp; &#8220;two&#8221;", "one\u00a0& “two”"),
        ("<p>one<p>two", "one\n\ntwo"),
        ("<div><h2>one</h2>two<ul><li>three<li>four</ul>five</div>", "one\n\ntwo\n\nthree\n\nfour\n\nfive"),
        ("one<br>two<br/>\n three", "one\ntwo\nthree"),
        ("wo<b>rd</b>s <a href='>'>and</a>", "words and"),
        ("<p title=don't>one</p>", "one"),
        ("one<!-- <p>no</p> -->two<?php no ?>", "onetwo"),
        ("one<script>no < </b></script>two<style>no</style>", "onetwo"),
        ("<svg/>one<script>never closed", "one"),
        ("<p>one</p><!-- never closed", "one"),
        ('<p>one</p><a href="never closed', "one"),
        ("<p>1 <2 & 3</p>", "1 <2 & 3"),
        ("<html:p>one</html:p><html:script>no</html:script>", "one"),
    ],
)
def test_markup_becomes_its_text(fragment: str, text: str) -> None:
    assert text_of_markup(fragment) == text


@pytest.mark.parametrize("piece", ["<!--", "<a href='", "<script>", "<", "<p", "&#", "<p>", "</", '="', "<a =", " \n"])
def test_markup_of_any_kind_takes_time_in_proportion(piece: str) -> None:
    def seconds(size: int) -> float:
        start = process_time()
        text_of_markup("<p>" + piece * size)
        return process_time() - start

    # In proportion to the square it would be hours.
    assert seconds(100_000) < 10
