"""``--local``: a model in the command itself, loaded with the first request that no cache answers."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.processes import Shell
from tests.small_model import small_model

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def test_a_judge_is_asked_once_and_then_the_cache(shell: Shell) -> None:
    command = ("extract", SEEDS / "bakery-otter.txt", "--backend", "judge", "--no-text", "--record", "replies")
    first = shell.run(*command, "--local", small_model())
    assert first.code == 0, first.err
    assert len(first.lines) == 2, first.err  # who gets the text, and the summary: nothing of the engine's
    (record,) = first.records
    assert record["status"] == "complete"
    assert record["model"].startswith(f"{small_model().stem}@")
    replayed = shell.run(*command[:-2], "--replay", "replies")
    assert replayed.code == 0, replayed.err
    assert replayed.out == first.out
    started = time.monotonic()
    again = shell.run(*command, "--local", small_model())
    assert again.out == first.out
    assert "from the cache" in again.lines[-1]
    assert time.monotonic() - started < 60


def test_a_model_attributes_by_itself(shell: Shell) -> None:
    shell.write("a.txt", '"The ferry is late," said Ida Krell.\n')
    model = ("--backend", "model", "--local", small_model(), "--model", "small", "--max-output-tokens", "16")
    done = shell.run("extract", "a.txt", *model, "--cache", "c.sqlite")
    assert done.code in (0, 1), done.err
    (record,) = done.records
    assert record["model"] is None or record["model"].startswith("small@")
    assert record["usage"]["prompt_tokens"] > 500
    assert all(line.startswith("quotes: ") for line in done.lines)


def test_an_interrupt_ends_the_engine_too(shell: Shell) -> None:
    command = ("extract", SEEDS, "--backend", "judge", "--local", small_model(), "-o", "out.jsonl")
    started = shell.start(*command, "--record", "replies")
    deadline = time.monotonic() + 100
    while not any((shell.folder / "replies").glob("*-*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=60)
    assert started.returncode == 130, err
    assert err.decode().splitlines()[-1] == "quotes: interrupted; the same command goes on from here"


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--local", "nowhere.gguf"), 2, "nowhere.gguf: cannot be read: No such file or directory (check --local)"),
        (("--local", "in.jsonl"), 2, "in.jsonl: is no GGUF file"),
        (("--local", "broken.gguf"), 4, "broken.gguf: the model cannot be loaded: gguf_init_from_reader"),
        (("--local", "broken.gguf", "--base-url", "http://127.0.0.1:9/v1"), 2, "contradict each other"),
        (("--local", "broken.gguf", "--replay", "replies"), 2, "contradict each other"),
        (("--local", "broken.gguf", "--cache-mode", "replay"), 2, "contradict each other"),
        (("--local", "broken.gguf", "--backend", "rules"), 2, "means something only with a model"),
    ],
)
def test_what_cannot_be_is_one_line(shell: Shell, options: tuple[str, ...], code: int, message: str) -> None:
    shell.articles(1)
    shell.write("broken.gguf", "GGUF and nothing more")
    done = shell.run("extract", "in.jsonl", *options)
    assert done.code == code
    assert message in done.lines[-1]
    assert all(line.startswith("quotes: ") for line in done.lines)


def test_without_the_extra_it_says_what_to_install(shell: Shell) -> None:
    shell.articles(1)
    program = "import sys; sys.modules['xllamacpp'] = None; from quotes.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "extract", "in.jsonl", "--local", str(small_model())],
        cwd=shell.folder,
        env=shell.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert 'pip install "quotes[local]"' in done.stderr


def test_the_doctor_examines_a_local_model(shell: Shell) -> None:
    done = shell.run("doctor", "--local", small_model())
    assert done.code == 0, done.err
    out = done.out.decode()
    assert "strict                 enforced" in out
    assert "logprobs               given" in out
    assert f'local = "{small_model()}"' in out
    assert done.err == ""
