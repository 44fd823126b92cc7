"""A mapping that spills: the same as one in memory, at any size, and never wrong about a key."""

from __future__ import annotations

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from quotes.formats.spilling import SpillingMap

any_text = st.text(st.characters(), max_size=4)
steps = st.lists(st.tuples(st.sampled_from(["put", "pop", "get"]), st.integers(0, 12), any_text), max_size=40)


@given(steps, st.integers(0, 6), st.integers(0, 20), st.booleans())
def test_it_says_what_a_dictionary_says(
    actions: list[tuple[str, int, str]], most: int, characters: int, spelled: bool
) -> None:
    known: dict[int | str, str] = {}
    spilling: SpillingMap[int] | SpillingMap[str]
    spilling = SpillingMap[str](most, characters) if spelled else SpillingMap[int](most, characters)
    for action, number, text in actions:
        key = f"{number:02}" if spelled else number
        if action == "put" and key not in known:
            known[key] = text
            spilling.put(key, text)  # type: ignore[arg-type]
        elif action == "pop":
            assert spilling.pop(key) == known.pop(key, None)  # type: ignore[arg-type]
        assert spilling.get(key) == known.get(key)  # type: ignore[arg-type]
        assert len(spilling) == len(known)
    assert spilling.ordered() == sorted(known)  # type: ignore[type-var]
    assert list(spilling.items()) == sorted(known.items())  # type: ignore[type-var,comparison-overlap]
    spilling.close()
    spilling.close()


@given(st.sets(any_text, max_size=20))
def test_keys_of_any_characters_stay_apart(keys: set[str]) -> None:
    spilling = SpillingMap[str](0)
    for key in keys:
        assert spilling.get(key) is None
        spilling.put(key, key)
    assert all(spilling.get(key) == key for key in keys)
    spilling.close()


def test_a_full_folder_for_temporary_files_is_one_clear_error() -> None:
    program = (
        "import resource\n"
        "from quotes.errors import OutputError\n"
        "from quotes.formats.spilling import SpillingMap\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "spilling = SpillingMap[int](10)\n"
        "try:\n"
        "    for number in range(100):\n"
        "        spilling.put(number, 'x' * 100_000)\n"
        "except OutputError as error:\n"
        "    print(error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert "(free some space there, or point TMPDIR elsewhere)" in done.stdout, done.stderr
