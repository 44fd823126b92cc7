"""``quotes extract`` without a model: inputs, outputs, selections, and what goes wrong before and during a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.loopback import Loopback
from tests.cli.processes import Shell

ARTICLE = 'The council met.\n\n"We tried," Ida Krell said.\n\nRents doubled, according to Tom Brandt.\n'


def test_piped_it_writes_one_record_a_line_and_says_the_rest_on_standard_error(shell: Shell) -> None:
    shell.write("krell.txt", ARTICLE)
    done = shell.run("extract", "krell.txt")
    assert done.code == 0
    (record,) = done.records
    assert record["id"] == "krell"
    assert [quote["speaker_name"] for quote in record["quotes"]] == ["Ida Krell", "Tom Brandt"]
    assert done.lines == [
        "quotes: no model named: using the built-in rules (name one with --model)",
        "quotes: 1 article, 2 quotes",
    ]


def test_a_key_in_the_environment_alone_sends_nothing_anywhere(shell: Shell) -> None:
    shell.write("krell.txt", ARTICLE)
    shell.environment |= {"OPENAI_API_KEY": "sk-secret", "QUOTES_API_KEY": "sk-secret"}
    done = shell.run("extract", "krell.txt")
    assert done.code == 0
    assert "built-in rules" in done.err
    assert done.records[0]["model"] is None


def test_quiet_says_nothing_where_all_is_well(shell: Shell) -> None:
    shell.write("krell.txt", ARTICLE)
    assert shell.run("extract", "-q", "krell.txt").err == ""


@pytest.mark.parametrize("arguments", [("extract",), ("extract", "-")])
def test_what_is_piped_in_is_the_input(shell: Shell, arguments: tuple[str, ...]) -> None:
    done = shell.run(*arguments, stdin=ARTICLE.encode())
    assert done.code == 0
    assert len(done.records[0]["quotes"]) == 2


def test_the_output_is_the_same_by_pipe_and_by_file_and_in_input_order(shell: Shell) -> None:
    shell.articles(30)
    piped = shell.run("extract", "in.jsonl")
    written = shell.run("extract", "in.jsonl", "-o", "out.jsonl", "--concurrency", "16")
    assert written.code == 0
    assert (shell.folder / "out.jsonl").read_bytes() == piped.out
    assert [record["id"] for record in piped.records] == [f"a{n}" for n in range(30)]
    assert sorted(path.name for path in shell.folder.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_an_output_within_the_input_folder_is_not_read_as_an_article(shell: Shell) -> None:
    shell.write("news/krell.txt", ARTICLE)
    assert shell.run("extract", "news", "-o", "news/out.jsonl").code == 0
    first = (shell.folder / "news/out.jsonl").read_bytes()
    assert shell.run("extract", "news", "-o", "news/out.jsonl").code == 0
    assert (shell.folder / "news/out.jsonl").read_bytes() == first


def test_on_a_terminal_people_get_a_table(shell: Shell) -> None:
    shell.write("krell.txt", ARTICLE)
    seen = on_terminal(shell, "extract", "krell.txt")
    assert "Ida Krell" in seen
    assert "direct" in seen
    assert '"schema"' not in seen


def test_bad_inputs_cost_one_line_each_and_the_others_are_done(shell: Shell) -> None:
    shell.write("krell.txt", ARTICLE)
    shell.write("lines.jsonl", '{"id": "krell", "text": "again"}\nnot json\n{"id": "x"}\n{"id": "y", "text": "fine"}\n')
    shell.write("odd.docx", "?")
    (shell.folder / "void").mkdir()
    (shell.folder / "nul.txt").write_bytes(b"a\0b\0\0\0c")
    done = shell.run("extract", "missing.txt", "krell.txt", "lines.jsonl", "odd.docx", "void", "nul.txt")
    assert done.code == 1
    assert [record["id"] for record in done.records] == ["krell", "y"]
    problems = [line for line in done.lines if "(" in line and "rules" not in line]
    names = ("missing.txt", "lines.jsonl", "lines.jsonl", "lines.jsonl", "odd.docx", "void", "nul.txt")
    assert [line.split(": ")[1].split(" ")[0] for line in problems] == list(names)
    assert done.lines[-1].startswith("quotes: 2 articles, 2 quotes, 6 unreadable, 1 with an id met before")


def test_selections_keep_the_rest_accounted_for(shell: Shell) -> None:
    shell.write("krell.txt", ARTICLE)
    done = shell.run("extract", "krell.txt", "--speaker", "BRANDT", "-o", "out.jsonl")
    assert done.code == 0
    record = json.loads((shell.folder / "out.jsonl").read_text())
    assert [quote["speaker_name"] for quote in record["quotes"]] == ["Tom Brandt"]
    assert [item["reason"] for item in record["unresolved"]] == ["left out: not of the quotes asked for"]
    assert shell.run("verify", "out.jsonl").code == 0


def test_types_confidence_limit_and_text_can_be_chosen(shell: Shell) -> None:
    shell.articles(5)
    done = shell.run(
        "extract", "in.jsonl", "--limit", 2, "--no-text", "--type", "direct", "--type", "mixed", "--lang", "en"
    )
    assert len(done.records) == 2
    assert all("text" not in record for record in done.records)
    assert shell.run("extract", "in.jsonl", "--limit", 1, "--min-confidence", "high").records[0]["quotes"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "out.xlsx"), ".xlsx is no format that is written here"),
        (("-o", "krell.txt"), ".txt is no format that is written here"),
        (("--backend", "model"), "no model is named"),
        (("--base-url", "http://127.0.0.1:1/v1"), "no model is named"),
        (("--backend", "rules", "--model", "m"), "means something only with a model"),
        (("--backend", "judge", "--model", "m", "--no-second-opinion"), "--no-second-opinion means something only"),
        (("--record", "a", "--replay", "b"), "contradict"),
        (("--replay", "missing"), "missing"),
        (("--model", "m", "--base-url", "ftp://x"), "base URL"),
        (("--model", "m", "--prompt", "nosuch"), "prompt pack"),
        (("--model", "m", "--api-key-env", "NO_SUCH"), "NO_SUCH"),
        (("--concurrency", "0"), "concurrency"),
    ],
)
def test_what_is_wrong_before_the_start_is_wrong_usage(shell: Shell, arguments: tuple[str, ...], message: str) -> None:
    shell.write("krell.txt", ARTICLE)
    done = shell.run("extract", "krell.txt", *arguments)
    assert done.code == 2
    assert message in done.err
    assert done.out == b""


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("missing/out.jsonl", "No such file or directory (create its folder first)"),
        (".", "it is a folder (name a file)"),
        ("krell.txt/out.jsonl", "Not a directory (create its folder first)"),
    ],
)
def test_an_output_that_cannot_be_written_is_seen_before_the_start(shell: Shell, place: str, message: str) -> None:
    shell.write("krell.txt", ARTICLE)
    done = shell.run("extract", "krell.txt", "-o", place)
    assert done.code == 4
    assert done.lines[-1] == f"quotes: {place}: cannot be written: {message}"
    assert done.out == b""


def test_a_missing_file_is_told_also_where_it_is_the_only_input(shell: Shell) -> None:
    done = shell.run("extract", "missing.txt")
    assert done.code == 1
    assert done.lines[1:] == [
        "quotes: missing.txt: no such file or folder (check the path)",
        "quotes: 0 articles, 0 quotes, 1 unreadable",
    ]


def test_an_empty_article_is_remarked_on(shell: Shell) -> None:
    shell.write("krell.txt", "")
    done = shell.run("extract", "krell.txt")
    assert done.code == 0
    assert "quotes: krell.txt: the article is empty" in done.lines
    assert done.records[0]["status"] == "complete"


def test_every_command_says_in_one_line_that_standard_output_is_full(shell: Shell) -> None:
    with Path("/dev/full").open("wb") as full:
        done = shell.run("schema", stdout=full)
    assert done.code == 4
    assert done.lines == ["quotes: standard output: No space left on device (free some space, then try again)"]


def test_an_input_is_never_replaced_by_the_output(shell: Shell) -> None:
    shell.articles(1)
    done = shell.run("extract", "in.jsonl", "-o", "./in.jsonl")
    assert done.code == 2
    assert "is an input too" in done.err


def test_another_run_on_the_same_output_is_refused(shell: Shell) -> None:
    shell.articles(1)
    with (shell.folder / "out.jsonl.part").open("w") as held:
        import fcntl

        fcntl.flock(held, fcntl.LOCK_EX)
        done = shell.run("extract", "in.jsonl", "-o", "out.jsonl")
    assert done.code == 2
    assert "another run is writing this output" in done.err


@pytest.mark.parametrize("arguments", [("-o", "/dev/full"), ()])
def test_a_full_device_ends_the_run_with_one_line(shell: Shell, arguments: tuple[str, ...]) -> None:
    shell.articles(3)
    with Path("/dev/full").open("wb") as full:
        done = shell.run("extract", "in.jsonl", *arguments, stdout=full)
    assert done.code == 4
    assert "No space left on device" in done.lines[-1]
    assert Path("/dev/full").is_char_device()


def test_a_full_disk_keeps_what_is_done_for_the_same_command(shell: Shell) -> None:
    shell.articles(40)
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)); sys.argv[0] = 'quotes';"
        "from quotes.cli import main; main()"
    )
    command = [sys.executable, "-c", limited, "extract", "in.jsonl", "-o", "out.jsonl"]
    full = subprocess.run(command, cwd=shell.folder, env=shell.environment, capture_output=True, text=True)
    assert full.returncode == 4, full.stderr
    assert "same command again" in full.stderr.splitlines()[-1]
    assert not (shell.folder / "out.jsonl").exists()
    again = shell.run("extract", "in.jsonl", "-o", "out.jsonl")
    assert again.code == 0
    assert "from the journal" in again.lines[-1]
    assert (shell.folder / "out.jsonl").read_bytes() == shell.run("extract", "in.jsonl").out


def test_a_reader_that_has_had_enough_is_no_error(shell: Shell) -> None:
    shell.articles(200)
    process = shell.start("extract", "in.jsonl")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 0
    assert "rror" not in err


def test_version_and_module_and_short_help(shell: Shell) -> None:
    assert shell.run("--version").out.startswith(b"quotes 0.")
    for command in ((), ("extract",), ("show",), ("verify",), ("schema",), ("cache",), ("cache", "diff")):
        done = shell.run(*command, "-h")
        assert done.code == 0
        assert b"Usage" in done.out


def test_completion_is_offered(shell: Shell) -> None:
    shell.environment["_QUOTES_COMPLETE"] = "source_bash"  # not --show-completion, which looks for a shell above it
    assert b"_QUOTES_COMPLETE=complete_bash" in shell.run().out


def on_terminal(shell: Shell, *arguments: str) -> str:
    """What a terminal of 100 columns shows of the command's standard output."""
    import pty

    controller, terminal = pty.openpty()
    shell.environment |= {"COLUMNS": "100", "TERM": "xterm"}
    process = shell.start(*arguments, stdout=terminal)
    os.close(terminal)
    shown = b""
    try:
        while chunk := os.read(controller, 65536):
            shown += chunk
    except OSError:
        pass  # Linux says so at the end
    os.close(controller)
    assert process.stderr is not None
    process.stderr.close()
    assert process.wait(60) == 0
    return shown.decode()


def test_articles_in_a_script_that_the_rules_do_not_read_are_told_once_in_a_run(shell: Shell) -> None:
    shell.write("news/a.txt", "«Нет», — сказала Ида Крелль.\n")
    shell.write("news/b.txt", "“No,” Ida Krell said.\n")
    shell.write("news/c.txt", "「無理だ」とイダは言った。\n")
    told = (
        "quotes: 2 articles, such as news/a.txt, are in a script that the rules do not read; they read English, "
        "German, French and Spanish, other languages a model reads (--model)"
    )
    done = shell.run("extract", "news", "-o", "out.jsonl")
    assert done.code == 0
    assert [line for line in done.lines if "script" in line] == [told]
    assert "script" not in shell.run("extract", "news", "--quiet").err
    alone = shell.run("extract", "news/c.txt").lines
    assert alone[1].startswith("quotes: news/c.txt: is in a script that the rules do not read; they read English")


def test_of_scripts_a_run_of_a_model_says_nothing(shell: Shell, endpoint: Loopback) -> None:
    shell.write("a.txt", "«Нет», — сказала Ида Крелль.\n")
    done = shell.run("extract", "a.txt", "--model", "tiny", "--base-url", endpoint.url)
    assert "script" not in done.err
