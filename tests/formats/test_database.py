"""Records as an SQLite database: tables that belong together, full-text search, and no other database touched."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from quotes.cache import open_store
from quotes.errors import RecordError, UsageError
from quotes.formats import check_kind, count_records, database, read_values, write_records
from quotes.formats.parts import StoredValue, canonical_line
from quotes.model import Article, Extraction
from quotes.record import dumps
from tests.formats.samples import sample


def written(folder: Path, *extractions: Extraction) -> Path:
    write_records(folder / "out.db", [dumps(one) for one in extractions])
    return folder / "out.db"


def read(path: Path) -> list[str]:
    return [canonical_line(one.value) if isinstance(one, StoredValue) else str(one) for one in read_values(path)]


def ask(path: Path, question: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(question, values).fetchall()
        connection.commit()
        return found


def test_the_tables_are_sound_and_belong_together(tmp_path: Path) -> None:
    path = written(tmp_path, sample("a"), sample("b"))
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(path, "PRAGMA foreign_key_check") == []
    assert ask(path, "PRAGMA journal_mode") == [("delete",)]
    assert ask(path, "SELECT name FROM speakers") == [("Mara Oduya",)]
    counts = {table: ask(path, f"SELECT count(*) FROM {table}")[0][0] for table in ("articles", "quotes", "skipped")}
    assert counts == {"articles": 2, "quotes": 2, "skipped": 2}
    assert [name.name for name in tmp_path.iterdir()] == ["out.db"]


def test_words_and_texts_can_be_searched_whatever_their_accents(tmp_path: Path) -> None:
    path = written(tmp_path, sample("a"), Extraction(Article("b", "Der Pegel stieg über Nacht."), "complete"))
    articles = (
        "SELECT id FROM articles WHERE number IN (SELECT rowid FROM articles_search WHERE articles_search MATCH ?)"
    )
    assert ask(path, articles, "uber") == [("b",)]
    quotes = "SELECT words FROM quotes WHERE number IN (SELECT rowid FROM quotes_search WHERE quotes_search MATCH ?)"
    assert ask(path, quotes, "oduya failed") == [("We tried, … and we failed.",)]
    for table in ("articles", "quotes"):
        ask(path, f"INSERT INTO {table}_search ({table}_search) VALUES ('integrity-check')")


def test_views_show_quotes_with_their_articles_and_speakers_with_counts(tmp_path: Path) -> None:
    titled = Extraction(Article("c", sample().article.text, {"title": "The tide"}), "complete", sample().quotes)
    path = written(tmp_path, sample("a"), titled)
    assert ask(path, "SELECT article_id, title, speaker_name FROM quotes_with_articles") == [
        ("a", "a", "Mara Oduya"),
        ("c", "The tide", "Mara Oduya"),
    ]
    assert ask(path, "SELECT * FROM speakers_with_counts") == [("Mara Oduya", 2, 2)]


def test_two_records_of_one_article_stay_two(tmp_path: Path) -> None:
    assert read(written(tmp_path, sample("a"), sample("a"))) == [dumps(sample("a"))] * 2


def test_a_database_that_was_changed_is_read_as_it_is_now(tmp_path: Path) -> None:
    path = written(tmp_path, sample("a"), sample("b"))
    ask(path, "UPDATE articles SET metadata = '{' WHERE id = 'a'")
    ask(path, "UPDATE quotes SET confidence = 'low' WHERE article = 2")
    damaged, changed = read(path)
    assert damaged.startswith(f"{path} row 1: not the columns of a record: ")
    assert changed == dumps(sample("b")).replace('"high"', '"low"')


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        ("PRAGMA application_id = 7", "a database, but not one of records of quotes"),
        ("PRAGMA user_version = 9", "a database of version 9, this program reads 1 (use the version of quotes it is"),
        ("DROP TABLE articles", "no database that can be read: no such table: articles"),
        ("DROP TABLE quotes", "no database that can be read: no such table: quotes"),
        ("ALTER TABLE articles DROP COLUMN status", "not the columns of a record: IndexError"),
    ],
)
def test_another_database_is_told(tmp_path: Path, question: str, complaint: str) -> None:
    path = written(tmp_path, sample("a"))
    for view in ("quotes_with_articles", "speakers_with_counts"):
        ask(path, f"DROP VIEW {view}")
    ask(path, question)
    try:
        said = str(read(path))
    except RecordError as error:
        said = str(error)
    assert complaint in said


ENDLESS = """
WITH RECURSIVE r(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM r)
SELECT number, 'a' || number AS id, NULL AS json, number AS article FROM r
"""


def _a_view(path: Path, table: str) -> None:
    ask(path, f"DROP TABLE {table}")
    ask(path, f"CREATE VIEW {table} AS {ENDLESS}")


def _a_search_in_a_view(path: Path, table: str) -> None:
    ask(path, f"DROP TABLE {table}")
    ask(path, f"CREATE VIEW endless AS {ENDLESS}")
    ask(path, f"CREATE VIRTUAL TABLE {table} USING fts5 (number, id, json, article, content='endless')")


@pytest.mark.parametrize("table", ["articles", "quotes", "errors"])
@pytest.mark.parametrize("make", [_a_view, _a_search_in_a_view])
def test_what_only_looks_like_a_table_is_told_at_once(
    tmp_path: Path, make: Callable[[Path, str], None], table: str
) -> None:
    path = written(tmp_path, sample("a"))
    for view in ("quotes_with_articles", "speakers_with_counts"):
        ask(path, f"DROP VIEW {view}")
    make(path, table)
    for reading in (read, count_records):
        with pytest.raises(RecordError, match=rf"no database of quotes: {table} is no plain table"):
            reading(path)


def test_a_column_that_is_computed_without_an_end_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, sample("a"))
    columns = "number INTEGER PRIMARY KEY, id, json, text AS (zeroblob(900000000))"
    for view in ("quotes_with_articles", "speakers_with_counts"):
        ask(path, f"DROP VIEW {view}")
    ask(path, "DROP TABLE articles")
    ask(path, f"CREATE TABLE articles ({columns})")
    ask(path, "INSERT INTO articles VALUES (1, 'a', NULL)")
    with pytest.raises(RecordError, match="no database that can be read: string or blob too big"):
        read(path)


def test_steps_between_two_records_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, *(sample(f"a{number}") for number in range(300)))
    assert len(read(path)) == 300
    monkeypatch.setattr(database, "MOST_STEPS", 0)
    assert len(read(path)) == 300, "as many steps as bytes are enough"
    monkeypatch.setattr(database, "_EACH", 100)
    monkeypatch.setattr(database, "_steps_for", lambda _path: 200)
    with pytest.raises(RecordError, match="no database that can be read: it never comes to an end"):
        list(read_values(path, only="a299"))


def test_a_path_that_is_no_utf_8_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"o\xe9 ?#%41.db")
    write_records(path, [dumps(sample("a"))])
    assert read(path) == [dumps(sample("a"))]
    assert count_records(path) == 1


@pytest.mark.parametrize("size", [0, 3, 100, 4096, 20_000])
def test_a_file_that_is_cut_off_is_told(tmp_path: Path, size: int) -> None:
    path = written(tmp_path, sample("a"))
    path.write_bytes(path.read_bytes()[:size])
    for reading in (read, count_records):
        with pytest.raises(RecordError, match=r"out\.db: (no|a) database"):
            reading(path)


def test_a_cache_of_replies_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "replies.sqlite"
    open_store(path).close()
    with pytest.raises(UsageError, match=r"a database of something else than records .*never replaced"):
        check_kind("db", path)
    check_kind("db", written(tmp_path, sample("a")))
    (tmp_path / "empty.db").touch()
    check_kind("db", tmp_path / "empty.db")
