"""Damage is found, named with its file and remedy, and never misread; other versions are refused."""

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sample_calls import a_reply, a_request

from quotes.cache import Entry, inspection, open_store
from quotes.errors import CacheError

REQUESTS = [a_request(f"Text {number}.", article=f"a{number}") for number in range(3)]


def filled(place: Path) -> Path:
    store = open_store(place)
    for request in REQUESTS:
        store.put(Entry(request, a_reply()))
    store.close()
    return place


def execute(place: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(place)
    with connection:
        connection.execute(statement, values)
    connection.close()


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def call_file(folder: Path) -> Path:
    return next(folder.glob(f"a0-0-{REQUESTS[0].key[:8]}.json"))


def assert_first_is_damaged(place: Path, *names: str) -> None:
    store = open_store(place)
    with pytest.raises(CacheError) as caught:
        store.get(REQUESTS[0].key)
    with pytest.raises(CacheError, match=re.escape(str(caught.value))):
        store.reply(REQUESTS[0])
    problems = inspection.verify(store)
    for text in (str(caught.value), *(str(problem) for problem in problems[:1])):
        assert all(name in text for name in names), text
        assert text.endswith(")")  # the remedy
        assert "\n" not in text
    assert store.get(REQUESTS[1].key) is not None
    assert len(list(store.entries(sound=True))) == 2
    store.close()


def test_a_sound_store_has_no_problems(place: Path):
    assert inspection.verify(open_store(filled(place))) == ()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reply", "replace(reply, 'quotes', 'guotes')"),
        ("reply", "substr(reply, 1, 20)"),
        ("reply", "'[]'"),
        ("request", "replace(request, 'Text 0', 'Text 9')"),
        ("request", "'null'"),
        ("request", 'replace(request, \'"article":"a0"\', \'"article":"b0"\')'),
        ("checksum", "'0'"),
        ("reply", "replace(reply, 'complete', 'perfect')"),
    ],
)
def test_a_damaged_row_is_named(tmp_path: Path, column: str, value: str):
    place = filled(tmp_path / "replies.sqlite")
    execute(place, f"UPDATE replies SET {column} = {value} WHERE key = ?", REQUESTS[0].key)
    assert_first_is_damaged(place, str(place), REQUESTS[0].key[:8])


def test_a_damaged_shared_part_of_a_database_is_found_and_mended_by_asking_again(tmp_path: Path):
    place = filled(tmp_path / "replies.sqlite")
    execute(place, "UPDATE shared SET value = replace(value, 'Never', 'Always')")
    assert len(inspection.verify(open_store(place))) == 3
    store = open_store(place)
    store.put(Entry(REQUESTS[0], a_reply()))
    store.close()
    assert inspection.verify(open_store(place)) == ()


def test_a_missing_shared_part_of_a_database_is_found(tmp_path: Path):
    place = filled(tmp_path / "replies.sqlite")
    execute(place, "DELETE FROM shared")
    assert len(inspection.verify(open_store(place))) == 3


def test_a_database_with_broken_pages_is_one_clear_error(tmp_path: Path):
    place = filled(tmp_path / "replies.sqlite")
    data = bytearray(place.read_bytes())
    for start in range(4096, len(data), 4096):
        data[start : start + 2048] = b"\xa5" * 2048
    place.write_bytes(data)
    with pytest.raises(CacheError, match=r"restore the file, or delete it") as caught:
        list(open_store(place).entries())
    assert "\n" not in str(caught.value)


def test_a_disk_too_full_for_a_new_database_is_told_with_what_to_do(tmp_path: Path):
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100));"
        "from quotes.cache import open_store; open_store(sys.argv[1])"
    )
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", limited, str(tmp_path / "replies.sqlite")]
    last = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stderr.splitlines()[-1]
    assert last.startswith("quotes.errors.CacheError: ")
    assert last.endswith("(check the path and the free space there)")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Text 0.", "Text 9."),
        ('"sample-1b"', '"sample-9b"'),
        ('{\\"quotes\\"', '{\\"guotes\\"'),
        ('"prompt_tokens": 40', '"prompt_tokens": 41'),
        ('"prompt_tokens": 40', '"prompt_tokens": "40"'),
        ('"outcome": "complete"', '"outcome": "perfect"'),
        (f'"key": "{REQUESTS[0].key}"', f'"key": "{"0" * 64}"'),
        ('"chunk": 0', '"chunk": -1'),
        ('"version": 1', '"version": 2'),
        ('"reply"', '"answer"'),
        ('"$lines": [', '"$lines": [1, '),
        (
            "{",
            "",
        ),
    ],
)
def test_a_damaged_fixture_is_named(tmp_path: Path, old: str, new: str):
    place = filled(tmp_path / "recorded")
    edit(call_file(place), old, new)
    assert_first_is_damaged(place, call_file(place).name)


def test_a_fixture_that_is_no_utf8_is_named(tmp_path: Path):
    place = filled(tmp_path / "recorded")
    file = call_file(place)
    file.write_bytes(file.read_bytes().replace(b"Text", b"T\xe9xt"))
    assert_first_is_damaged(place, file.name)


def test_a_damaged_shared_file_is_named_once_per_fixture_that_needs_it(tmp_path: Path):
    place = filled(tmp_path / "recorded")
    file = next(file for file in (place / "shared").iterdir() if "Never" in file.read_text())
    edit(file, "Never", "Always")
    problems = inspection.verify(open_store(place))
    assert {problem.where for problem in problems} == {str(file)}


def test_a_damaged_shared_file_is_mended_by_recording_again(tmp_path: Path):
    place = filled(tmp_path / "recorded")
    for file in (place / "shared").iterdir():
        file.write_bytes(b"\xff{")
    assert len(inspection.verify(open_store(place))) == 3
    filled(place)
    assert inspection.verify(open_store(place)) == ()


def test_what_no_fixture_uses_and_what_bears_a_wrong_name_is_reported(tmp_path: Path):
    place = filled(tmp_path / "recorded")
    call_file(place).rename(place / "somewhere-0-12345678.json")
    (place / "shared" / "0123456789abcdef.json").write_text("{}")
    (place / ".x.json.77.tmp").write_text("{")
    found = {Path(problem.where).name: problem.what for problem in inspection.verify(open_store(place))}
    assert set(found) == {"somewhere-0-12345678.json", "0123456789abcdef.json", ".x.json.77.tmp"}


@pytest.mark.parametrize(("version", "remedy"), [(0, "record again"), (2, "newer quotes"), (99, "newer quotes")])
def test_another_version_is_refused_never_misread(place: Path, version: int, remedy: str):
    filled(place)
    for name in ("key_version", "version"):
        if place.is_dir():
            manifest = json.loads((place / "manifest.json").read_text())
            (place / "manifest.json").write_text(json.dumps(manifest | {name: version}))
        elif name == "key_version":
            execute(place, "UPDATE meta SET value = ? WHERE name = 'key_version'", str(version))
        else:
            execute(place, "UPDATE meta SET value = '1'")
            execute(place, f"PRAGMA user_version = {version}")
        with pytest.raises(CacheError, match=remedy):
            open_store(place)
        if place.is_dir():
            (place / "manifest.json").write_text(json.dumps(manifest))


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path):
    place = tmp_path / "songs.sqlite"
    execute(place, "CREATE TABLE songs (title TEXT)")
    before = place.read_bytes()
    with pytest.raises(CacheError, match="another program"):
        open_store(place)
    assert place.read_bytes() == before


def test_a_broken_manifest_is_one_clear_error(tmp_path: Path):
    place = filled(tmp_path / "recorded")
    (place / "manifest.json").write_text("{")
    with pytest.raises(CacheError, match=r"manifest\.json: is damaged"):
        open_store(place)
