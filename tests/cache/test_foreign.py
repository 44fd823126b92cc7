"""A SQLite cache of somebody else's: read without a trace, and never without the replies that still lie beside it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_calls import a_reply, a_request

from quotes.cache import Entry, open_store

_ROOT = Path(__file__).resolve().parents[2]
_KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from sample_calls import a_reply, a_request
from quotes.cache import Entry, open_store
store = open_store({place!r})
for number in range(5):
    store.put(Entry(a_request(f"Late text {{number}}."), a_reply()))
os._exit(9)
"""
_READ = """
import os
import quotes.cache.database
from quotes.cache import open_store
from quotes.errors import CacheError
if os.geteuid() == 0:  # nothing is read-only to root: nobody is somebody else
    os.setgid(65534)
    os.setuid(65534)
try:
    print(len(list(open_store({place!r}, create=False).entries())))
except CacheError as error:
    print(error)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may look into, and nobody may write to once a test has said so."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)
        os.chmod(name, 0o755)


def python(program: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONWARNINGS": "error"}
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment).stdout


def left_by_a_kill(folder: Path) -> Path:
    """A cache of one reply, and of five more that only its ``-wal`` holds."""
    place = folder / "replies.sqlite"
    store = open_store(place)
    store.put(Entry(a_request("Early text."), a_reply()))
    store.close()
    python(_KILLED.format(tests=str(Path(__file__).parent), place=str(place)))
    assert (folder / "replies.sqlite-wal").stat().st_size > 0
    return place


def read_by_another(folder: Path, place: Path) -> str:
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    before = sorted(file.name for file in folder.iterdir())
    said = python(_READ.format(place=str(place)))
    assert sorted(file.name for file in folder.iterdir()) == before
    return said.strip()


def test_replies_that_lie_beside_it_are_read_along_where_they_can_be(folder: Path):
    place = left_by_a_kill(folder)
    assert read_by_another(folder, place) == "6"


def test_replies_that_cannot_be_read_along_are_not_taken_for_none(folder: Path):
    place = left_by_a_kill(folder)
    (folder / "replies.sqlite-shm").unlink()
    assert read_by_another(folder, place) == (
        f"{place}: cannot be read whole: replies still lie in replies.sqlite-wal "
        "(let its owner open it once, or copy it with its -wal to a folder of your own)"
    )


def test_a_link_leads_to_what_lies_beside_the_file_itself(folder: Path):
    place = left_by_a_kill(folder)
    (folder / "replies.sqlite-shm").unlink()
    link = folder / "link.sqlite"
    link.symlink_to(place)
    folder.chmod(0o555)
    for file in (place, folder / "replies.sqlite-wal"):
        file.chmod(0o444)
    assert "replies still lie in replies.sqlite-wal" in python(_READ.format(place=str(link)))


def test_one_that_was_closed_well_is_read(folder: Path):
    place = left_by_a_kill(folder)
    open_store(place).close()
    assert read_by_another(folder, place) == "6"
