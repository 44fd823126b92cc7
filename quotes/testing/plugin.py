"""The pytest plugin: the marker ``quotes``, the fixture ``quotes_replay``, ``--quotes-record``, and unused fixtures.

It is loaded at the start of every pytest where this package is installed, and does nothing where no test asks for it.
It asserts nothing, so PYTEST_DONT_REWRITE: who asks for it with -p although it is loaded gets no warning.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from quotes.testing.ledger import unused
from quotes.testing.recordings import Recordings
from quotes.testing.replay import QuotesReplay

FIXTURE: Final = "quotes_replay"
_WORDS: Final = ("warn", "error", "ignore")
_OUTPUT: Final = "quotes_ledger"  # where a worker of pytest-xdist leaves it
_NAME: Final = re.compile(r"\w[\w-]{0,99}")
_USAGE: Final = f'{FIXTURE} needs @pytest.mark.quotes("name"), the name of a folder: letters, digits, - and _'
_OF_THE_PLUGIN: Final = frozenset({"record", "replay", "cache", "cache_mode", "api_key"})
_LEAVES_OUT: Final = ("collectonly", "lf", "setuponly", "setupplan")
"""Options with which a run is not all of the tests."""

_LISTED: Final = 20  # unused fixtures, unless -v asks for all

_RECORDINGS: Final = pytest.StashKey[Recordings]()
_UNUSED: Final = pytest.StashKey[list[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option of the command and the lines of the configuration."""
    group = parser.getgroup("quotes", "replies of a model, recorded and replayed")
    group.addoption(
        "--quotes-record",
        action="store_true",
        dest="quotes_record",
        help="ask the model and keep its replies as fixtures, afresh; without it they are replayed",
    )
    parser.addini("quotes_fixtures", "folder of the fixtures, from the root", default="tests/fixtures/quotes")
    parser.addini("quotes_unused", "fixtures that no test of a full run used: warn, error or ignore", default="warn")
    parser.addini("quotes_model", "model to record with, where the marker names none", default="")
    parser.addini("quotes_base_url", "endpoint to record with, where the marker names none", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker.

    Raises:
        UsageError: the options cannot be meant.
    """
    config.addinivalue_line(
        "markers",
        "quotes(name, **options): fixtures to replay, and the options of quotes.Extractor to record them with",
    )
    if config.getini("quotes_unused") not in _WORDS:
        raise pytest.UsageError(f"quotes_unused is one of {', '.join(_WORDS)}")
    recording = bool(config.getoption("quotes_record"))
    if recording and config.getoption("numprocesses", None):
        raise pytest.UsageError("--quotes-record asks for every reply once, in one process: give -n 0 with it")
    said = {name: str(config.getini(f"quotes_{name}")).strip() for name in ("model", "base_url")}
    config.stash[_RECORDINGS] = Recordings(
        config.rootpath / config.getini("quotes_fixtures"),
        {name: value for name, value in said.items() if value},
        recording=recording,
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    """A line that says when fixtures are recorded."""
    recordings = config.stash[_RECORDINGS]
    return f"quotes: recording into {_shown(recordings.root, config)}" if recordings.recording else None


@pytest.fixture
def quotes_replay(request: pytest.FixtureRequest) -> QuotesReplay:
    """Extracts as quotes.Extractor does, from the recorded replies that @pytest.mark.quotes("name") names."""
    recordings, test = request.config.stash[_RECORDINGS], request.node.nodeid
    name, options = _name_of(request.node), _options_of(request.node)
    if name is None:
        pytest.fail(_USAGE, pytrace=False)
    if taken := _OF_THE_PLUGIN & options.keys():
        pytest.fail(f"@pytest.mark.quotes takes no {min(taken)}: the plugin knows where replies are", pytrace=False)
    recordings.ledger.tests[test] = name
    return QuotesReplay(
        name,
        recordings.root / name,
        test=test,
        recording=recordings.recording,
        open_extractor=partial(recordings.extractor, name, options),
    )


def _name_of(item: pytest.Item) -> str | None:
    """The name of the fixtures of *item*; ``None`` where no marker says one that may be the name of a folder."""
    named: tuple[Any, ...] = next((marker.args for marker in item.iter_markers("quotes") if marker.args), ())
    sound = len(named) == 1 and isinstance(named[0], str) and _NAME.fullmatch(named[0])
    return str(named[0]) if sound else None


def _options_of(item: pytest.Item) -> dict[str, Any]:
    """What the markers of *item* say beside the name, its own before those of its class and module."""
    said = [marker.kwargs for marker in item.iter_markers("quotes")]
    return {name: value for options in reversed(said) for name, value in options.items()}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note which tests ask for fixtures, before any of them is left out."""
    tests = config.stash[_RECORDINGS].ledger.tests
    for item in items:
        if FIXTURE in getattr(item, "fixturenames", ()) and (name := _name_of(item)) is not None:
            tests[item.nodeid] = name


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Note a module that is skipped or broken: nobody knows what its tests ask for."""
    report = yield
    if not report.passed:
        collector.config.stash[_RECORDINGS].ledger.gaps.add(f"{collector.nodeid} was not collected")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note which tests passed."""
    report = yield
    if report.when == "call" and report.passed:
        item.config.stash[_RECORDINGS].ledger.passed.add(item.nodeid)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take in what a worker of pytest-xdist noted."""
    part = getattr(node, "workeroutput", {}).get(_OUTPUT)
    if part is not None:
        node.config.stash[_RECORDINGS].ledger.add(part)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Close what is open, and look for unused fixtures; with ``quotes_unused = error`` they fail the run."""
    config = session.config
    recordings = config.stash[_RECORDINGS]
    recordings.close()
    if hasattr(config, "workeroutput"):
        config.workeroutput[_OUTPUT] = recordings.ledger.to_json()
        return
    ended = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    if not recordings.ledger.tests or config.getini("quotes_unused") == "ignore" or not ended:
        return
    recordings.ledger.gaps.update(_gaps(config))
    found = _unused(recordings)
    config.stash[_UNUSED] = found
    if found and config.getini("quotes_unused") == "error" and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell where the texts of a recording went, and the fixtures that nobody used."""
    recordings, write = config.stash[_RECORDINGS], terminalreporter.write_line
    if recordings.notes:
        terminalreporter.section("quotes: recorded")
        for note in sorted(recordings.notes):
            write(note)
    found = config.stash.get(_UNUSED, [])
    if found:
        terminalreporter.section("quotes: fixtures that no test used")
        listed = found if config.get_verbosity() > 0 else found[:_LISTED]
        for path in listed:
            write(f"{_shown(path, config)}{'/ (no test names it)' if path.is_dir() else ''}")
        if len(listed) < len(found):
            write(f"and {len(found) - len(listed)} more, which -v lists")
        write("delete them, or say quotes_unused = ignore")
    elif recordings.ledger.tests and recordings.ledger.gaps and config.getini("quotes_unused") == "error":
        write(f"quotes: unused fixtures were not looked for: {min(recordings.ledger.gaps)}")


def _unused(recordings: Recordings) -> list[Path]:
    from quotes.errors import QuotesError

    try:
        return unused(recordings.root, recordings.ledger)
    except QuotesError as error:
        recordings.ledger.gaps.add(str(error))
        return []


def _gaps(config: pytest.Config) -> list[str]:
    """Why this run may not have been all of the tests."""
    gaps = [f"--{name} was given" for name in _LEAVES_OUT if config.getoption(name, False)]
    said = [str(argument) for argument in config.invocation_params.args]
    gaps += [f"{argument} was given" for argument in said if argument.startswith("--ignore")]
    places = [config.invocation_params.dir / argument.partition("::")[0] for argument in config.args]
    places = [place for place, argument in zip(places, config.args, strict=True) if "::" not in argument]
    wanted = [path for glob in config.getini("testpaths") for path in config.rootpath.glob(glob)] or [config.rootpath]
    if any(not any(path.is_relative_to(place) for place in places) for path in wanted):
        gaps.append("only some of the tests were asked for")
    return gaps


def _shown(path: Path, config: pytest.Config) -> str:
    return str(path.relative_to(config.rootpath)) if path.is_relative_to(config.rootpath) else str(path)
