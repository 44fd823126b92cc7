"""The pytest plugin: tests that replay, in projects of their own that are run here by pytest itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai  # a run within this process forgets what it has imported, and would import it again and again
import pytest

import quotes.testing.extractor
from quotes.testing import QuotesReplay
from tests.cli.loopback import Loopback, completion, failure, serving

pytest_plugins = ["pytester"]

_KEPT = (openai, quotes.testing.extractor)

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "tests" / "fixtures" / "seeds"
PLUGIN = "-pquotes.testing.plugin"
FOLDER = "tests/fixtures/quotes"
TEXT = "“The pier stays open,” Ida Krell said. Critics call it a “shed”."
OTHER = "“The mill stays shut,” Ida Krell said. Critics call it a “barn”."
ANSWER = {
    "attributions": [{"at": 1, "cue": "said", "speaker": "Ida Krell", "who": {"person": 0}, "said": [1]}],
    "not_quotes": [{"mark": 2, "as": "scare"}],
}
THREE_LINES = f"""
import pytest

@pytest.mark.quotes("pier")
def test_the_pier(quotes_replay):
    extraction = quotes_replay.extract({TEXT!r})
    assert [quote.speaker.name for quote in extraction.quotes] == ["Ida Krell"]
"""
TWO_TESTS = f"""
import pytest

@pytest.mark.quotes("pier")
def test_the_pier(quotes_replay):
    assert quotes_replay.extract({TEXT!r}).quotes

@pytest.mark.quotes("pier")
def test_the_mill(quotes_replay):
    assert quotes_replay.extract({OTHER!r}, id="mill").quotes
"""


@pytest.fixture(autouse=True)
def _a_bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("QUOTES_", "OPENAI_", "PYTEST_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def endpoint() -> Iterator[Loopback]:
    with serving(Loopback(lambda _body: completion(ANSWER))) as loopback:
        yield loopback


class Project:
    """Somebody's project: its tests, its configuration, and runs of them that load the plugin."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self.fixtures = pytester.path / FOLDER
        self.configure()

    def configure(self, **lines: str) -> None:
        said = {"addopts": "--strict-markers --strict-config", "filterwarnings": "error", **lines}
        written = "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())
        self.pytester.makepyprojecttoml(f"[tool.pytest.ini_options]\n{written}")

    def write(self, source: str, name: str = "test_it") -> None:
        self.pytester.makepyfile(**{name: source})

    def run(self, *arguments: str) -> pytest.RunResult:
        return self.pytester.runpytest_inprocess(PLUGIN, "-pno:cacheprovider", *arguments)

    def record(self, endpoint: Loopback, *arguments: str) -> pytest.RunResult:
        options = ("-oquotes_model=tiny", f"-oquotes_base_url={endpoint.url}")
        return self.run("--quotes-record", *options, *arguments)

    @property
    def files(self) -> list[str]:
        """The fixtures, by their paths in the folder of all."""
        return sorted(str(path.relative_to(self.fixtures)) for path in self.fixtures.rglob("*.json"))


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    return Project(pytester)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fixtures of both texts, for `TWO_TESTS`."""
    folder = tmp_path_factory.mktemp("recorded") / "pier"
    with (
        serving(Loopback(lambda _body: completion(ANSWER))) as endpoint,
        quotes.Extractor(model="tiny", base_url=endpoint.url, record=str(folder)) as extractor,
    ):
        extractor.extract(TEXT, id="pier")
        extractor.extract(OTHER, id="mill")
    return folder


def passed(result: pytest.RunResult, **outcomes: int) -> str:
    """What a run printed, once it ended with *outcomes*."""
    result.assert_outcomes(**outcomes)
    return result.stdout.str()


# Recording and replaying


def test_three_lines_are_recorded_and_then_replayed_without_an_endpoint(project: Project) -> None:
    project.write(THREE_LINES)
    with serving(Loopback(lambda _body: completion(ANSWER))) as endpoint:
        told = passed(project.record(endpoint), passed=1)
        assert len(endpoint.bodies) == 1
    assert f"recording into {FOLDER}" in told
    assert "the text goes to 127.0.0.1" in told
    assert [name.partition("-")[0] for name in project.files if "shared" not in name] == [
        "pier/manifest.json",
        "pier/pier",
    ]
    passed(project.run(), passed=1)


def test_what_a_real_model_answered_is_replayed_without_a_client_a_socket_or_a_home(project: Project) -> None:
    shutil.copytree(SEEDS, project.fixtures / "seeds")
    project.write(
        f"""
        import pathlib, sys
        import pytest

        def watch(event, _arguments):
            assert event not in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"), event

        sys.addaudithook(watch)
        TEXT = pathlib.Path({str(ROOT)!r}, "seeds", "pellora-quake.txt").read_bytes().decode("utf-8")

        @pytest.mark.quotes("seeds")
        def test_a_quake(quotes_replay):
            extraction = quotes_replay.extract(TEXT)
            assert extraction.quotes
            assert extraction.model == "qwen2.5-coder-1.5b-instruct"
            assert {{"openai", "httpx2"}}.isdisjoint(sys.modules)
        """
    )
    clean = {"PATH": os.environ["PATH"], "HOME": str(project.path / "nowhere"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", PLUGIN, "-pno:cacheprovider", "-q"]
    done = subprocess.run(command, cwd=project.path, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_recording_asks_afresh_and_for_each_reply_once(project: Project, endpoint: Loopback) -> None:
    project.write(THREE_LINES + THREE_LINES.replace("test_the_pier", "test_the_same_pier"))
    passed(project.record(endpoint), passed=2)
    assert len(endpoint.bodies) == 1
    fixture = next(project.fixtures.glob("pier/pier-0-*.json"))
    endpoint.answer = lambda _body: completion(json.dumps(ANSWER, indent=1))
    first = fixture.read_bytes()
    passed(project.record(endpoint), passed=2)
    assert len(endpoint.bodies) == 2
    assert fixture.read_bytes() != first


def test_a_test_may_await(project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    awaiting = f"""
        import asyncio
        import pytest

        @pytest.mark.quotes("pier")
        def test_both(quotes_replay):
            async def both():
                return await asyncio.gather(quotes_replay.aextract({TEXT!r}), quotes_replay.aextract({OTHER!r}))

            assert [len(extraction.quotes) for extraction in asyncio.run(both())] == [1, 1]
        """
    project.write(awaiting)
    passed(project.run(), passed=1)
    project.write(awaiting.replace("mill stays shut", "mill opens"))
    assert "mill opens" in passed(project.run(), failed=1).partition("differs (recorded → asked)")[2]


def test_the_marker_goes_before_the_configuration_and_that_before_the_environment(
    project: Project, endpoint: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTES_MODEL", "of-the-environment")
    monkeypatch.setenv("QUOTES_BASE_URL", endpoint.url)
    for configured, marked, asked in [
        ({}, "", "of-the-environment"),
        ({"quotes_model": "of-the-project"}, "", "of-the-project"),
        ({"quotes_model": "of-the-project"}, ', model="of-the-test"', "of-the-test"),
    ]:
        project.configure(**configured)
        project.write(THREE_LINES.replace('"pier")', f'"pier"{marked})'))
        passed(project.run("--quotes-record"), passed=1)
        assert endpoint.bodies[-1]["model"] == asked


def test_a_class_or_module_may_say_options_for_all_its_tests(project: Project, endpoint: Loopback) -> None:
    project.write(THREE_LINES + f'\npytestmark = pytest.mark.quotes(model="of-all", base_url={endpoint.url!r})\n')
    passed(project.run("--quotes-record"), passed=1)
    assert endpoint.bodies[0]["model"] == "of-all"
    passed(project.run(), passed=1)


def test_nothing_in_the_environment_changes_a_replay(
    project: Project, recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    project.write(TWO_TESTS)
    monkeypatch.setenv("QUOTES_MODEL", "another")
    monkeypatch.setenv("QUOTES_CONFIG", "nowhere.toml")
    monkeypatch.setenv("QUOTES_API_KEY", "sk-nobody")
    passed(project.run(), passed=2)
    assert os.environ["QUOTES_CONFIG"] == "nowhere.toml"


def test_fixtures_may_lie_elsewhere(project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.path / "replies" / "pier")
    project.configure(quotes_fixtures="replies")
    project.write(TWO_TESTS)
    passed(project.run(), passed=2)


# What fails a test, and how it reads


def test_a_miss_fails_the_test_with_what_differs_and_none_of_our_frames(project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    project.write(THREE_LINES.replace("The pier stays", "The pier never stays"))
    told = passed(project.run(), failed=1)
    assert "no reply is recorded" in told
    assert "the nearest, chunk 0 of 'pier'" in told
    assert "never stays" in told.partition("differs (recorded → asked)")[2]
    assert "record it: pytest --quotes-record test_it.py::test_the_pier" in told
    assert "quotes_replay.extract(" in told  # the line of the test
    assert "quotes/testing" not in told
    assert "During handling" not in told


def test_another_model_than_the_recorded_one_is_a_miss(project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    project.write(THREE_LINES.replace('"pier")', '"pier", model="large")'))
    assert "model: 'tiny' → 'large'" in passed(project.run(), failed=1)


def test_where_nothing_is_recorded_the_test_says_how(project: Project) -> None:
    project.write(THREE_LINES)
    told = passed(project.run(), failed=1)
    assert "no fixtures are recorded in" in told
    assert "record it: pytest --quotes-record test_it.py::test_the_pier" in told
    assert not project.fixtures.exists()


def test_a_damaged_fixture_says_where_it_is(project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    damaged = next((project.fixtures / "pier").glob("pier-0-*.json"))
    damaged.write_text("{")
    project.write(THREE_LINES)
    told = passed(project.run(), failed=1)
    assert damaged.name in told
    assert "is damaged" in told


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [(None, "no model is named"), (failure(401, "invalid_api_key", "no such key"), "wants a key")],
)
def test_what_cannot_be_recorded_fails_in_one_line(
    answer: Any, complaint: str, project: Project, endpoint: Loopback
) -> None:
    project.write(THREE_LINES)
    if answer is None:
        told = passed(project.run("--quotes-record"), failed=1)
    else:
        endpoint.answer = answer
        told = passed(project.record(endpoint), failed=1)
    assert "cannot be recorded: " in told
    assert complaint in told
    assert "quotes/testing" not in told


@pytest.mark.parametrize("name", ["../pier", "a/b", "/pier", "", ".", "..", "a\\\\b", "pier.sqlite", "-x", "a" * 101])
def test_a_name_that_is_no_name_of_a_folder_is_refused(name: str, project: Project) -> None:
    project.write(THREE_LINES.replace('"pier"', f'"{name}"'))
    assert 'quotes_replay needs @pytest.mark.quotes("name")' in passed(project.run(), errors=1)


@pytest.mark.parametrize(
    "marker", ["", "@pytest.mark.quotes", "@pytest.mark.quotes(7)", '@pytest.mark.quotes("a", "b")']
)
def test_a_marker_that_names_no_fixtures_is_refused(marker: str, project: Project) -> None:
    project.write(THREE_LINES.replace('@pytest.mark.quotes("pier")', marker))
    assert 'quotes_replay needs @pytest.mark.quotes("name")' in passed(project.run(), errors=1)


def test_options_that_are_not_the_tests_to_give_are_refused(project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    project.write(THREE_LINES.replace('"pier")', '"pier", cache="x")'))
    assert "takes no cache" in passed(project.run(), errors=1)
    project.write(THREE_LINES.replace('"pier")', '"pier", modell="x")'))
    assert "there is no option 'modell'" in passed(project.run(), failed=1)


# Fixtures that nobody uses


def with_unused(project: Project, recorded: Path) -> str:
    """The path of a fixture that no test uses, in a project of one test."""
    shutil.copytree(recorded, project.fixtures / "pier")
    project.write(THREE_LINES)
    return next(f"{FOLDER}/{name}" for name in project.files if name.startswith("pier/mill-0-"))


def test_a_fixture_that_no_test_of_a_full_run_used_is_reported(project: Project, recorded: Path) -> None:
    leftover = with_unused(project, recorded)
    told = passed(project.run(), passed=1)
    assert [line for line in told.splitlines() if line.startswith(FOLDER)] == [leftover]
    project.write(TWO_TESTS)
    assert FOLDER not in passed(project.run(), passed=2)


def test_shared_parts_that_only_unused_fixtures_need_are_reported_with_them(
    project: Project, recorded: Path, endpoint: Loopback
) -> None:
    project.write(THREE_LINES)
    passed(project.record(endpoint), passed=1)
    before = set(project.files)
    told = passed(project.record(endpoint, "-oquotes_model=large"), passed=1)
    assert {line.removeprefix(f"{FOLDER}/") for line in told.splitlines() if line.startswith(FOLDER)} <= before
    project.write(THREE_LINES.replace("stays", "lies"))
    told = passed(project.record(endpoint), passed=1)
    for line in [line for line in told.splitlines() if line.startswith(FOLDER)]:
        (project.path / line).unlink()
    assert FOLDER not in passed(project.run(), passed=1)
    with quotes.Extractor(replay=str(project.fixtures / "pier")) as extractor:
        assert extractor.extract(TEXT.replace("stays", "lies")).quotes


def test_a_folder_that_no_test_names_is_reported_as_one(project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.fixtures / "old")
    (project.fixtures / "notes").mkdir()  # is none of ours
    shutil.copytree(recorded, project.fixtures / "pier")
    project.write(TWO_TESTS)
    told = passed(project.run(), passed=2)
    assert [line for line in told.splitlines() if line.startswith(FOLDER)] == [f"{FOLDER}/old/ (no test names it)"]


@pytest.mark.parametrize(("word", "code", "told"), [("warn", 0, True), ("error", 1, True), ("ignore", 0, False)])
def test_the_project_says_what_unused_fixtures_are_worth(
    word: str, code: int, told: bool, project: Project, recorded: Path
) -> None:
    leftover = with_unused(project, recorded)
    project.configure(quotes_unused=word)
    result = project.run()
    result.assert_outcomes(passed=1)
    assert (result.ret, leftover in result.stdout.str()) == (code, told)


@pytest.mark.parametrize(
    "arguments",
    [("-k", "pier"), ("test_it.py::test_the_pier",), ("--deselect", "test_it.py::test_the_mill"), ("part",)],
)
def test_a_run_of_some_tests_says_nothing_of_fixtures(
    arguments: tuple[str, ...], project: Project, recorded: Path
) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    project.configure(quotes_unused="error")
    project.write(TWO_TESTS)
    (project.path / "part").mkdir()
    (project.path / "part" / "test_part.py").write_text(THREE_LINES)
    result = project.run(*arguments)
    assert result.ret == 0
    assert "no test used" not in result.stdout.str()


@pytest.mark.parametrize(
    "spoiler",
    [
        "@pytest.mark.skip(reason='not today')",
        "@pytest.mark.xfail(reason='not yet', strict=True, run=False)",
    ],
)
def test_a_test_that_did_not_pass_may_need_what_was_not_used(spoiler: str, project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    project.configure(quotes_unused="error")
    project.write(TWO_TESTS.replace("def test_the_mill", f"{spoiler}\ndef test_the_mill"))
    result = project.run()
    assert result.ret == 0
    assert FOLDER not in result.stdout.str()


def test_so_may_a_module_that_was_not_collected(project: Project, recorded: Path) -> None:
    with_unused(project, recorded)
    project.configure(quotes_unused="error")
    project.write("import pytest\npytest.skip('not here', allow_module_level=True)", "test_elsewhere")
    result = project.run()
    assert result.ret == 0
    assert "unused fixtures were not looked for: test_elsewhere.py was not collected" in result.stdout.str()


def test_fixtures_that_cannot_be_read_are_no_reason_to_break_off(project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    (project.fixtures / "pier" / "manifest.json").write_text('{"version": 99}')
    project.configure(quotes_unused="error")
    project.write(THREE_LINES.replace(f"quotes_replay.extract({TEXT!r})", "None").partition("    assert")[0])
    told = passed(project.run(), passed=1)
    assert "unused fixtures were not looked for: " in told
    assert "INTERNALERROR" not in told


def test_all_tests_may_be_asked_for_by_their_folder(project: Project, recorded: Path) -> None:
    leftover = with_unused(project, recorded)
    (project.path / "test_it.py").rename(project.path / "tests" / "test_it.py")
    assert leftover not in passed(project.run("tests"), passed=1)  # there may be others beside it
    project.configure(testpaths="tests")
    assert leftover in passed(project.run("tests"), passed=1)
    assert leftover in passed(project.run(), passed=1)


# Beside other plugins and projects


def test_workers_tell_what_they_used(project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    project.configure(quotes_unused="error")
    project.write(TWO_TESTS)
    result = project.run("-n2")
    result.assert_outcomes(passed=2)
    assert result.ret == 0
    project.write(THREE_LINES)
    result = project.run("-n2")
    result.assert_outcomes(passed=1)
    assert (result.ret, "pier/mill-0-" in result.stdout.str()) == (1, True)


def test_recording_is_the_work_of_one_process(project: Project) -> None:
    project.write(THREE_LINES)
    result = project.run("--quotes-record", "-n2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "give -n 0" in result.stderr.str()


def test_a_word_that_is_not_known_is_wrong_usage(project: Project) -> None:
    project.configure(quotes_unused="shout")
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "quotes_unused is one of warn, error, ignore" in result.stderr.str()


def test_a_project_that_does_not_use_it_hears_nothing_and_loads_nothing_heavy(project: Project, recorded: Path) -> None:
    shutil.copytree(recorded, project.fixtures / "pier")
    project.write(
        """
        import sys

        def test_nothing_heavy_is_loaded():
            heavy = {"openai", "httpx2", "jsonschema", "jinja2", "rich", "tenacity", "quotes.api", "quotes.cache"}
            assert heavy.isdisjoint(sys.modules)
        """
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        PLUGIN,
        PLUGIN,
        "-pno:cacheprovider",
        "-pno:xdist",
        "-pno:hypothesispytest",
    ]
    done = subprocess.run(command, cwd=project.path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "quotes" not in "\n".join(
        line for line in done.stdout.splitlines() if not line.startswith(("rootdir", "plugins"))
    )


def test_the_marker_and_the_fixture_are_described(project: Project) -> None:
    assert "@pytest.mark.quotes(name, **options): " in project.run("--markers").stdout.str()
    assert "quotes_replay -- " in project.run("--fixtures").stdout.str()
    assert "--quotes-record" in project.run("--help").stdout.str()


def test_pytest_finds_it_under_the_name_by_which_it_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"quotes.testing.plugin": "quotes.testing.plugin"}
    assert not any(needed.startswith("pytest") for needed in project["dependencies"])


def test_its_type_can_be_named() -> None:
    assert QuotesReplay.__module__.startswith("quotes.testing")
