"""A small model on this machine: what a right attribution costs in tokens and in time, here and with LangExtract.

    python -m benchmarks.model --gold articles.jsonl --base-url http://127.0.0.1:8080/v1 --model NAME [--full] [--json]

The same articles, the same model, one request at a time, article by article in turn. All that is found is scored by
the rules of ``quotes eval``. What each article has brought is kept beside, so that an interrupted run goes on where it
stopped; the texts themselves are kept nowhere.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from benchmarks.peer import LangExtract, MissingPeer, langextract
from benchmarks.results import Row, middle
from quotes.api import Extractor
from quotes.evaluation import Annotation, ArticleCounts, GoldArticle, annotation_of, counts_of, read_gold, report_of
from quotes.model import Span

ARTICLES, FEW = 10, 3
PEER = "LangExtract"
OWN = {"judge": "quotes --backend judge"}
_SHOWN = {
    "completion_tokens_per_right": "tokens written for a right attribution",
    "joint_f1_all": "joint F1",
}
_TIMEOUT = 3600.0  # seconds a request; nothing that was merely slow is to be asked twice
# Without a bound a small model that repeats itself goes on until its context is full. Its temperature is left to the
# server, as is the default there: at 0 it repeats itself in every other chunk.
_PEER_PARAMS = {"max_output_tokens": 1024, "max_workers": 1}


@dataclass(frozen=True)
class Found:
    """What *system* made of *article*: quotes as spans, in *seconds*, with so many tokens; *error* is how it ended."""

    system: str
    article: str
    seconds: float
    prompt_tokens: int
    completion_tokens: int
    quotes: tuple[dict[str, Any], ...]
    error: str = ""

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """The quotes as scoring sees them."""
        return tuple(
            Annotation(
                content=tuple(Span(*pair) for pair in quote["content"]),
                speaker=tuple(Span(*pair) for pair in quote["speaker"]),
                name=quote["name"],
            )
            for quote in self.quotes
        )


System = Callable[[str, str], Found]


def own(extractor: Extractor, name: str) -> System:
    """This program as *extractor* is set up."""

    def run(article: str, text: str) -> Found:
        begun = time.perf_counter()
        extraction = extractor.extract(text, id=article)
        seconds = time.perf_counter() - begun
        seen = [annotation_of(quote) for quote in extraction.quotes]
        quotes = [
            {"content": [*map(list, one.content)], "speaker": [*map(list, one.speaker)], "name": one.name}
            for one in seen
        ]
        used = extraction.usage
        error = "; ".join(one.message for one in extraction.errors)
        return Found(name, article, seconds, used.prompt_tokens, used.completion_tokens, tuple(quotes), error)

    return run


def theirs(peer: LangExtract, base_url: str, model: str) -> System:
    """LangExtract, with two examples and the schema that it makes of them."""

    def run(article: str, text: str) -> Found:
        done = peer.extract([(article, text)], base_url, model, params=_PEER_PARAMS)
        found = done["documents"][0]["quotes"] if done["documents"] else []
        quotes = [
            {
                "content": [[one["start"], one["end"]]],
                "speaker": mention(text, one["speaker"], one["start"], one["end"]),
                "name": one["speaker"] if isinstance(one["speaker"], str) and one["speaker"].strip() else None,
            }
            for one in found
        ]
        used = done["prompt_tokens"], done["completion_tokens"]
        return Found(PEER, article, done["seconds"], *used, tuple(quotes), done["error"])

    return run


def mention(text: str, speaker: Any, start: int, end: int) -> list[list[int]]:
    """Where *speaker* is printed nearest to ``text[start:end]``, outside of it; no span where it is printed nowhere."""
    if not isinstance(speaker, str) or not speaker.strip():
        return []
    words = r"\s+".join(map(re.escape, speaker.split()))
    places = [one.span() for one in re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE)]
    outside = [place for place in places if place[1] <= start or place[0] >= end]
    if not outside:
        return []
    nearest = min(outside, key=lambda place: max(start - place[1], place[0] - end))
    return [[nearest[0], nearest[1]]]


def figures(gold: Sequence[GoldArticle], found: Iterable[Found]) -> dict[str, dict[str, Any]]:
    """For each system its scores, and what an article and a right attribution cost."""
    by_system: dict[str, dict[str, Found]] = {}
    for one in found:
        by_system.setdefault(one.system, {})[one.article] = one
    return {name: _figures_of(gold, done) for name, done in by_system.items()}


def _figures_of(gold: Sequence[GoldArticle], done: Mapping[str, Found]) -> dict[str, Any]:
    counted: list[ArticleCounts] = [
        counts_of(one.article.text, one.quotes, done[one.article.id].annotations) for one in gold
    ]
    total = reduce(add, counted)
    report = report_of(total)
    right = total.groups["all"].joint
    tokens = sum(one.completion_tokens for one in done.values())
    return {
        "articles": len(done),
        "right_attributions": right,
        "completion_tokens": tokens,
        "prompt_tokens": sum(one.prompt_tokens for one in done.values()),
        "completion_tokens_per_right": round(tokens / right, 2) if right else None,
        "joint_f1_all": round(report["all"]["joint"]["f1"], 3),
        "joint_f1_direct_mixed": round(report["direct+mixed"]["joint"]["f1"], 3),
        "content_f1_all": round(report["all"]["overlap_0.5"]["f1"], 3),
        "errors": sum(bool(one.error) for one in done.values()),
    }


def rows(gold: Sequence[GoldArticle], found: Sequence[Found], of: Mapping[str, Any]) -> list[Row]:
    """Each of our systems beside LangExtract: tokens for a right attribution, time, and how much is right."""
    seconds = {(one.system, one.article): one.seconds for one in found}
    names = [one.article.id for one in gold]
    theirs_all = sum(seconds[PEER, name] for name in names)
    answer: list[Row] = []
    for system in (one for one in of if one != PEER):
        own, peer = of[system], of[PEER]
        what = f"a 1.5B model here, `{system.partition(' ')[2]}`"
        whole = sum(seconds[system, name] for name in names) / theirs_all
        answer.append(Row(f"{what}: time for an article", PEER, middle([whole])))
        for name, figure in _SHOWN.items():
            if own[name] and peer[name]:
                answer.append(Row(f"{what}: {figure}", PEER, middle([own[name] / peer[name]])))
    return answer


def measure(
    gold_path: str,
    base_url: str,
    model: str,
    *,
    count: int,
    state: Path,
    python: str | None,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """The part's results for the first *count* articles of *gold_path*; *state* keeps what is done.

    Raises:
        MissingPeer: LangExtract is not there.
    """
    gold = read_gold(gold_path)[:count]
    done = _kept(state)
    with langextract(python) as peer, _extractors(base_url, model) as extractors:
        systems = {OWN[name]: own(extractor, OWN[name]) for name, extractor in extractors.each.items()}
        systems[PEER] = theirs(peer, base_url, model)
        for number, one in enumerate(gold):
            order = [*systems][number % len(systems) :] + [*systems][: number % len(systems)]
            for system in order:
                if (system, one.article.id) not in done:
                    new = systems[system](one.article.id, one.article.text)
                    done[system, one.article.id] = new
                    _keep(state, new)
                    tell(f"model: article {number + 1} of {len(gold)}: {system}: {new.seconds:.0f} s")
        chosen = [done[system, one.article.id] for one in gold for system in systems]
        version = peer.version
    found = figures(gold, chosen)
    versions = {"langextract": version, "model": model}
    return {"figures": found, "rows": rows(gold, chosen, found), "versions": versions, "missing": ""}


class _extractors:  # noqa: N801
    """Extractors of this program, closed in the end."""

    def __init__(self, base_url: str, model: str) -> None:
        self.each: dict[str, Extractor] = {}
        self._options = {"base_url": base_url, "model": model, "cache_mode": "off", "concurrency": 1}

    def __enter__(self) -> _extractors:
        for name in OWN:
            self.each[name] = Extractor(backend=name, timeout=_TIMEOUT, **self._options)  # type: ignore[arg-type]
        return self

    def __exit__(self, *_error: object) -> None:
        for one in self.each.values():
            one.close()


def _kept(state: Path) -> dict[tuple[str, str], Found]:
    if not state.exists():
        return {}
    lines = [json.loads(line) for line in state.read_text(encoding="utf-8").splitlines()]
    found = [replace(Found(**line), quotes=tuple(line["quotes"])) for line in lines]
    return {(one.system, one.article): one for one in found}


def _keep(state: Path, found: Found) -> None:
    state.parent.mkdir(parents=True, exist_ok=True)
    with state.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(found), ensure_ascii=False) + "\n")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this part."""
    parser.add_argument("--gold", help="articles with their gold quotes, for the part of the model")
    parser.add_argument("--base-url", help="the endpoint of a model, for the part of that name")
    parser.add_argument("--model", help="the model's name there")
    parser.add_argument("--state", default="build/benchmarks/model.jsonl", help="keeps what each article has brought")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add_arguments(parser)
    parser.add_argument("--full", action="store_true", help=f"{ARTICLES} articles instead of {FEW}")
    parser.add_argument("--langextract-python", help="a Python that has LangExtract, where this one has not")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if not (chosen.gold and chosen.base_url and chosen.model):
        parser.error("name --gold, --base-url and --model")
    import sys

    try:
        found = measure(
            chosen.gold,
            chosen.base_url,
            chosen.model,
            count=ARTICLES if chosen.full else FEW,
            state=Path(chosen.state),
            python=chosen.langextract_python,
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )
    except MissingPeer as missing:
        found = {"figures": {}, "rows": [], "missing": str(missing)}
    print(json.dumps(found, indent=None if chosen.json else 2))


if __name__ == "__main__":
    main()
