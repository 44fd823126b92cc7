"""The shipped templates as functions: they say what Jinja makes of the same templates, and need no Jinja for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.prompting.rendering import Line
from quotes.prompting.shipped import written_out
from quotes.prompting.templates import _environment, compiled

PROMPTS = Path(__file__).parents[2] / "prompts"
TEMPLATES = sorted(
    str(path.relative_to(PROMPTS)) for name in ("user.md", "repair.md") for path in PROMPTS.glob(f"*/{name}")
)

words = st.text(alphabet=st.sampled_from("aä \n\t{}%#<&\"'⟦⟧·\r\u2028😀\ud800-1."), max_size=12)
lines = st.lists(st.tuples(words, st.booleans()), max_size=5).map(
    lambda given: [Line(number, text, opens=opens) for number, (text, opens) in enumerate(given, 1)]
)
shown = st.fixed_dictionaries(
    {
        "roster": st.lists(words, max_size=4) | st.lists(st.just("Ida"), min_size=19, max_size=23),
        "before": st.lists(words, max_size=3).map(tuple),
        "after": st.lists(words, max_size=3).map(tuple),
        "lines": lines.map(tuple),
        "only": st.lists(st.integers(1, 40), max_size=3),
    }
)
judged = st.fixed_dictionaries({"sentence": words, "source": words})
problems = st.fixed_dictionaries(
    {"problems": st.lists(st.fixed_dictionaries({"reason": words, "item": words}), max_size=3)}
)


def source_of(name: str) -> str:
    return (PROMPTS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEMPLATES)
@given(data=st.data())
def test_a_shipped_template_says_what_jinja_makes_of_it(name: str, data: st.DataObject) -> None:
    given = judged if name == "judge/user.md" else problems if name.endswith("repair.md") else shown
    values: dict[str, Any] = data.draw(given)
    assert compiled(source_of(name)).render(**values) == _environment().from_string(source_of(name)).render(**values)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_shipped_template_is_written_out_and_no_edited_one(name: str) -> None:
    assert written_out(source_of(name)) is not None, "it was changed: change its function and its hash in shipped.py"
    assert written_out(source_of(name) + " ") is None


def test_a_shipped_pack_is_loaded_and_rendered_without_jinja() -> None:
    program = "import sys; from quotes.prompting import load_pack; load_pack('news'); print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n", done.stderr
