"""Whole corpora: which layout, which text, which id."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from quotes.errors import InputError, UsageError
from quotes.formats.corpora import Conversion, GoldArticle, read_corpus
from tests.formats.corpora.annotated import FIXTURES, words

POLNEAR = FIXTURES / "polnear"


def found(path: Path, told: Conversion | None = None) -> dict[str, GoldArticle]:
    articles = list(read_corpus(path, told or Conversion()))
    assert all(isinstance(one, GoldArticle) for one in articles), articles
    return {one.id: one for one in articles}


def test_polnear_as_it_is_distributed() -> None:
    notes: list[str] = []
    articles = found(POLNEAR, Conversion(dataset="polnear", note=notes.append))
    pier, *ferry = articles
    assert pier == "dev/northline_2031-03-02_mayor-defends-pier-plan"
    assert ferry == ["dev/northline_2031-03-05_ferry-stays@5fec", "dev/northline_2031-03-05_ferry-stays@6b86"]
    assert {article.dataset for article in articles.values()} == {"polnear"}
    assert words(articles[pier]) == [
        (['"We will rebuild it,"', '"and we will pay for it."'], ["said"], ["Mara Ruiz"]),
        (["the ferry"], ["opposes"], ["The mayor’s office"]),
        (["that work begins in June", "once the storms are over"], ["added"], ["The mayor’s office"]),
        (["Ruiz told him the plan was dead"], ["said"], ["Dean Holt"]),
        (["the plan was dead"], ["told"], ["Ruiz"]),
    ]
    assert notes == [
        f"{POLNEAR}: read as brat; left out are 1 of other layouts",
        f"{POLNEAR}: 1 attribution without content left out",
    ]


def test_the_texts_of_brat_may_be_elsewhere(tmp_path: Path) -> None:
    name = "northline_2031-03-05_ferry-stays"
    shutil.copy(POLNEAR / f"dev/attributions/{name}_5fec.ann", tmp_path / f"{name}_5fec.ann")
    (error,) = read_corpus(tmp_path, Conversion())
    assert str(error) == (
        f"{tmp_path / name}_5fec.ann: its .txt is not there (put it into {tmp_path}, or name it with --text)"
    )
    assert list(found(tmp_path, Conversion(texts=POLNEAR / "dev/text"))) == [name]


def test_parc_with_and_without_its_text() -> None:
    (name,) = found(FIXTURES / "parc")
    assert name == "train/99/wsj_9901"
    (article,) = found(FIXTURES / "parc", Conversion(texts=FIXTURES / "parc-text")).values()
    assert article.text.startswith(".START")
    (error,) = read_corpus(FIXTURES / "parc", Conversion(texts=POLNEAR))
    assert isinstance(error, InputError)
    assert str(error).startswith(f"{POLNEAR}: no text of train/99/wsj_9901 (it would be ")


def test_columns_say_how_they_were_tied() -> None:
    notes: list[str] = []
    articles = found(FIXTURES / "columns", Conversion(note=notes.append))
    assert list(articles) == ["layers", "pier-1", "pier-2"]
    assert words(articles["layers"]) == [
        (["Ruiz told him the plan", "died"], ["said"], ["Holt"]),
        (["the plan", "died"], ["told"], ["Ruiz"]),
    ]
    assert articles["pier-1"].text == "“We tried,” Mara Ruiz said, “and failed.”\n\nHolt didn't say why."
    assert notes == [
        f"{FIXTURES / 'columns'}: 1 document without ids in the tags: content, cue and speaker tied by nearness"
    ]


def test_a_second_article_of_one_id_is_an_error() -> None:
    *_, error = read_corpus(FIXTURES / "table", Conversion(format="csv"))
    assert isinstance(error, GoldArticle)
    errors = [one for one in read_corpus(FIXTURES / "table", Conversion()) if isinstance(one, InputError)]
    assert [error.what for error in errors] == [
        f"the id “pier” is already that of {FIXTURES / 'table/offsets.csv'} line 2"
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone", "gone: no such file or folder (check the path)"),
        ("a.pdf", "a.pdf: a .pdf file has no layout that is known (say with --from which it is: brat, parc, "),
        ("empty", "empty: the folder holds no files of any kind (.ann, .xml, .conll, "),
    ],
)
def test_what_has_no_layout_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.pdf").touch()
    Path("empty").mkdir()
    with pytest.raises(UsageError) as caught:
        list(read_corpus(Path(name), Conversion()))
    assert str(caught.value).startswith(message)
