#!/usr/bin/env python3
"""Compute ``seeds/gold.jsonl`` from the sample articles and the marked passages written beside them.

    python scripts/build_seed_gold.py            write seeds/gold.jsonl
    python scripts/build_seed_gold.py --check    say whether it is up to date, and write nothing
    python scripts/build_seed_gold.py --show [ID …]   print every quote with its cue and speaker, to read over

The annotation of ``seeds/X.txt`` is ``seeds/X.gold.toml``; ``seeds/README.md`` describes it. Needs Python alone.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
KINDS = ("person", "organization", "document", "group", "anonymous", "unknown")
REASONS = ("scare", "title", "term", "other")
TYPES = ("direct", "indirect", "mixed")
PARTS = {"{": ("content", "}"), "<": ("cue", ">"), "|": ("speaker", "|")}
KEYS = {"": {"cases", "speakers", "quote", "skipped"}, "quote": {"who", "says", "type"}, "skipped": {"as", "text"}}
NEEDED = {"": {"cases"}, "quote": {"says"}, "skipped": {"as", "text"}}

_OPENING = "\"“„«「『‘‚'"
_QUOTATION = re.compile(r"""["“”„«»「」『』‘‚]|(?<!\w)'(?=\w)""")

Spans = list[list[int]]


class AnnotationError(ValueError):
    """An annotation that does not fit its article: one line that says which entry, and what to change."""


@dataclass(frozen=True)
class Passage:
    """A stretch copied from the article with its parts marked: a pattern, and the part each group stands for."""

    pattern: re.Pattern[str]
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, marked: str) -> Passage:
        """Read ``“{content}” |speaker| <cue>``; any run of white space stands for any other."""
        pattern, parts, plain, closer = "", [], "", ""
        for char in marked.strip():
            if closer and char == closer:
                pattern, plain, closer = pattern + _loosely(plain) + ")", "", ""
            elif closer and char in "{}<>|":
                raise AnnotationError(f"{char} inside an open part of: {marked.strip()[:60]}")
            elif char in PARTS:
                part, closer = PARTS[char]
                parts.append(part)
                pattern, plain = pattern + _loosely(plain) + "(", ""
            else:
                plain += char
        if closer:
            raise AnnotationError(f"a part is not closed with {closer} in: {marked.strip()[:60]}")
        return cls(re.compile(pattern + _loosely(plain)), tuple(parts))

    def find(self, text: str) -> dict[str, Spans]:
        """Where its parts stand in *text*, which must print the passage exactly once."""
        found = list(self.pattern.finditer(text))
        if len(found) != 1:
            remedy = "copy more of the words around it" if found else "copy it from the article again"
            raise AnnotationError(f"printed {len(found)} times ({remedy})")
        spans: dict[str, Spans] = {"content": [], "cue": [], "speaker": []}
        for group, part in enumerate(self.parts, start=1):
            spans[part].append(list(found[0].span(group)))
        return spans


def _loosely(plain: str) -> str:
    return "".join(r"\s+" if word.isspace() else re.escape(word) for word in re.split(r"(\s+)", plain))


def read_article(path: Path) -> str:
    """The article's text with its line ends as they are."""
    return path.read_bytes().decode("utf-8")


def quote_type(text: str, content: Spans) -> str:
    """*direct* where every piece follows an opening mark, *indirect* where no mark comes into it, else *mixed*."""
    pieces = set()
    for start, end in content:
        if text[:start].rstrip("\u00a0\u202f")[-1:] in tuple(_OPENING):
            pieces.add("direct")
        else:
            pieces.add("mixed" if _QUOTATION.search(text, start, end) else "indirect")
    return pieces.pop() if len(pieces) == 1 else "mixed"


def name_span(text: str, name: str) -> list[int]:
    """The first place that prints *name* as whole words."""
    match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    if match is None:
        raise AnnotationError(f"the article does not print the name {name!r}")
    return list(match.span())


def annotate_quote(text: str, entry: dict[str, Any], kinds: dict[str, str]) -> dict[str, Any]:
    """One quote of the gold format from one ``[[quote]]``."""
    spans = Passage.parse(entry["says"]).find(text)
    who = entry.get("who")
    if not spans["content"]:
        raise AnnotationError("no {content} is marked")
    if bool(spans["speaker"]) != (who is not None):
        raise AnnotationError("'who' and a |speaker| go together: give both or neither")
    if who is not None and who not in kinds:
        raise AnnotationError(f"{who!r} is missing from [speakers]")
    return {
        "type": entry.get("type") or quote_type(text, spans["content"]),
        **spans,
        "speaker_name": who,
        "speaker_name_span": None if who is None else name_span(text, who),
        "speaker_kind": "unknown" if who is None else kinds[who],
    }


def annotate_skipped(text: str, entry: dict[str, Any]) -> dict[str, Any]:
    """One quotation that is no quote from one ``[[skipped]]``; its span takes in the marks."""
    spans = Passage.parse(entry["text"]).find(text)
    if len(spans["content"]) != 1 or spans["cue"] or spans["speaker"]:
        raise AnnotationError("mark the one quotation with {}, its quotation marks inside")
    return {"span": spans["content"][0], "as": entry["as"]}


def annotate(slug: str, folder: Path = SEEDS) -> dict[str, Any]:
    """The gold line of one article.

    Raises:
        AnnotationError: with the file and the entry, when the annotation does not fit the article.
    """
    text = read_article(folder / f"{slug}.txt")
    source = folder / f"{slug}.gold.toml"
    try:
        sheet = tomllib.loads(source.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise AnnotationError(f"{source.name}: {error}") from None
    kinds = sheet.get("speakers", {})
    _check_words(source, sheet)
    if clash := sorted(set("{}<>|") & set(text)):
        raise AnnotationError(f"{source.name}: the article prints {' '.join(clash)}, which mark the parts (reword it)")
    annotated: dict[str, list[dict[str, Any]]] = {"quote": [], "skipped": []}
    for part, entry in _entries(sheet):
        try:
            made = annotate_quote(text, entry, kinds) if part == "quote" else annotate_skipped(text, entry)
        except AnnotationError as error:
            words = " ".join(entry["says" if part == "quote" else "text"].split())
            raise AnnotationError(f"{source.name}: [[{part}]] {words[:70]}: {error}") from None
        annotated[part].append(made)
    return {
        "id": slug,
        "text": text,
        "quotes": sorted(annotated["quote"], key=lambda quote: (quote["content"], quote["cue"])),
        "skipped": sorted(annotated["skipped"], key=lambda skipped: skipped["span"]),
        "cases": sorted(sheet["cases"]),
    }


def _entries(sheet: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(part, entry) for part in ("quote", "skipped") for entry in sheet.get(part, [])]


def _check_words(source: Path, sheet: dict[str, Any]) -> None:
    """Refuse what is misspelt in *sheet*: a key, a kind, a type or a reason nobody would read."""
    kinds, entries = sheet.get("speakers", {}), _entries(sheet)
    used = {entry.get("who") for _, entry in entries}
    wrong = [f"unknown key {key!r}" for key in sheet.keys() - KEYS[""]]
    wrong += [f"unknown key {key!r} in [[{part}]]" for part, entry in entries for key in entry.keys() - KEYS[part]]
    wrong += [f"no {key!r}" for key in NEEDED[""] - sheet.keys()]
    wrong += [f"no {key!r} in a [[{part}]]" for part, entry in entries for key in NEEDED[part] - entry.keys()]
    wrong += [f"unknown kind {kind!r}" for kind in kinds.values() if kind not in KINDS]
    wrong += [f"unknown type {e['type']!r}" for _, e in entries if e.get("type", "direct") not in TYPES]
    wrong += [f"unknown reason {e['as']!r}" for _, e in entries if e.get("as", "other") not in REASONS]
    wrong += [f"{name!r} speaks in no [[quote]]" for name in kinds if name not in used]
    if wrong:
        raise AnnotationError(f"{source.name}: {'; '.join(sorted(wrong))}")


def build(folder: Path = SEEDS) -> str:
    """The whole gold file: one line an article, in the order of their names."""
    slugs = sorted(path.name.removesuffix(".txt") for path in folder.glob("*.txt"))
    return "".join(json.dumps(annotate(slug, folder), ensure_ascii=False) + "\n" for slug in slugs)


def show(line: dict[str, Any]) -> str:
    """The annotation of one article as lines to read."""

    def words(spans: Spans) -> str:
        return " … ".join(" ".join(line["text"][start:end].split()) for start, end in spans) or "–"

    rows = [f"# {line['id']}  (cases {', '.join(map(str, line['cases']))})"]
    for quote in line["quotes"]:
        name = f"{quote['speaker_name'] or '–'} ({quote['speaker_kind']})"
        rows.append(f"{quote['type']:8} {words(quote['content'])}")
        rows.append(f"{'':8} | {words(quote['cue'])} | {words(quote['speaker'])} = {name}")
    rows += [f"{skipped['as']:8} {words([skipped['span']])}" for skipped in line["skipped"]]
    return "\n".join(rows) + "\n"


def main() -> int:
    """Build, check or show; the exit code is 1 when something does not fit."""
    parser = argparse.ArgumentParser(description="Compute seeds/gold.jsonl from the annotations beside the articles.")
    parser.add_argument("--check", action="store_true", help="compare with seeds/gold.jsonl and write nothing")
    parser.add_argument("--show", nargs="*", metavar="ID", help="print the annotation of these articles (default: all)")
    options = parser.parse_args()
    target = SEEDS / "gold.jsonl"
    try:
        if options.show is not None:
            slugs = options.show or sorted(path.name.removesuffix(".gold.toml") for path in SEEDS.glob("*.gold.toml"))
            print("\n".join(show(annotate(slug)) for slug in slugs))
            return 0
        built = build().encode("utf-8")
    except (AnnotationError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if not options.check:
        target.write_bytes(built)
    elif not target.exists() or target.read_bytes() != built:
        print("seeds/gold.jsonl is out of date: run python scripts/build_seed_gold.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
