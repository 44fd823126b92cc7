"""Suggested aliases: which names of many articles look like one speaker, as a draft of the file a person edits."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from quotes.model import SpeakerKind
from quotes.text.cues import Lexicon, load_lexicon
from quotes.text.forms import folded, on_one_line

_HEAD = """\
# Names that look like one speaker. Read it over: delete what is wrong, add what is missing, then
#   quotes speakers OUT --aliases THIS_FILE
# An entry is one speaker: the name it is counted under, and the other forms of it.
"""
_NAMELESS = frozenset({"group", "anonymous", "document"})
_TITLE_OR_GIVEN = frozenset({"dean", "prince", "king", "bishop", "pope", "justice", "judge", "major", "lord", "sister"})
"""Titles that people are also called by: with one word behind them they are left, so that no two people are joined."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One printed *name* in its *parts*, folded, titles and suffixes apart."""

    name: str
    parts: tuple[str, ...]
    suffixes: tuple[str, ...]
    kind: SpeakerKind

    @property
    def fullness(self) -> tuple[int, int, int, str]:
        """Greater for the fuller form: words that are no initials, then words, then the one with fewer titles."""
        return sum(len(part.rstrip(".")) > 1 for part in self.parts), len(self.parts), -len(self.name), self.name


def suggest_aliases(names: Mapping[str, SpeakerKind], language: str = "en") -> str:
    """The draft of an alias file for *names*, each with its kind: TOML, with comments on what is left apart.

    Joined are: forms of one first and last name that differ in titles, middle names or initials; a surname
    or first name that only one full name has; an acronym of one organisation. What fits several is left
    apart, as are different first names of one surname, and told in a comment. Two full names are never
    joined unless one's first and middle names are the other's, or initials of them. Groups, documents and
    anonymous sources have no names to join. *language* names the lexicon of titles.
    """
    lexicon = load_lexicon(language)
    forms = [form for name, kind in names.items() if kind not in _NAMELESS and (form := _form(name, kind, lexicon))]
    organisations = [form for form in forms if _is_organisation(form, lexicon)]
    people = [form for form in forms if not _is_organisation(form, lexicon)]
    full = [form for form in people if len(form.parts) > 1]
    clusters, remarks = _join_full(full)
    same: dict[tuple[str, ...], list[_Form]] = defaultdict(list)
    for form in organisations:
        if len(form.parts) > 1:
            same[form.parts].append(form)
    clusters += same.values()
    short = [form for form in (*people, *organisations) if len(form.parts) == 1]
    remarks += _join_short(short, clusters)
    return "\n".join([_HEAD, *_written(clusters), *_comments(remarks)])


def _form(name: str, kind: SpeakerKind, lexicon: Lexicon) -> _Form | None:
    words = [word.rstrip(",") for word in folded(name).removesuffix("'s").split()]
    suffixes = []
    while len(words) > 1 and lexicon.has("suffixes", words[-1]):
        suffixes.append(words.pop().rstrip("."))
    while len(words) > 1 and (words[0] == "the" or _is_title(words, lexicon)):
        words.pop(0)
    capital = name.split()[-1 - len(suffixes)][:1]
    named = capital == capital.upper() and not lexicon.has("titles", words[0])
    return _Form(on_one_line(name), tuple(words), tuple(suffixes), kind) if named or len(words) > 1 else None


def _is_title(words: Sequence[str], lexicon: Lexicon) -> bool:
    title = lexicon.has("titles", words[0]) or lexicon.has("demonyms", words[0])
    return title and not (len(words) == 2 and words[0] in _TITLE_OR_GIVEN)


def _is_organisation(form: _Form, lexicon: Lexicon) -> bool:
    return form.kind == "organization" or any(lexicon.has("org_words", part) for part in form.parts)


# ------------------------------------------------------------------ joining


def _join_full(full: Iterable[_Form]) -> tuple[list[list[_Form]], list[str]]:
    """Full names of one surname joined where each fits each; remarks on those that fit several."""
    families: dict[str, list[_Form]] = defaultdict(list)
    for form in full:
        families[form.parts[-1]].append(form)
    clusters: list[list[_Form]] = []
    remarks: list[str] = []
    for surname in sorted(families):
        family: list[list[_Form]] = []
        for form in sorted(families[surname], key=lambda form: form.fullness, reverse=True):
            fitting = [cluster for cluster in family if all(_compatible(form, other) for other in cluster)]
            if len(fitting) == 1:
                fitting[0].append(form)
                continue
            if fitting:
                remarks.append(f"{_quoted(form.name)} fits {_either(fitting)}: left apart")
            family.append([form])
        if len(family) > 1:
            remarks.append(f"one surname, different people? {_either(family, 'and')}: left apart")
        clusters += family
    return clusters, remarks


def _compatible(one: _Form, other: _Form) -> bool:
    """Whether the two can be one person: first names the same or an initial of it, and no middle name against it."""
    if one.suffixes != other.suffixes or not _same(one.parts[0], other.parts[0]):
        return False
    shorter, longer = sorted((one.parts[1:-1], other.parts[1:-1]), key=len)
    rest = iter(longer)
    return all(any(_same(middle, candidate) for candidate in rest) for middle in shorter)


def _same(one: str, other: str) -> bool:
    shorter, longer = sorted((one.replace(".", ""), other.replace(".", "")), key=len)
    return shorter == longer or (len(shorter) == 1 and longer.startswith(shorter))


def _join_short(short: Sequence[_Form], clusters: list[list[_Form]]) -> list[str]:
    """Put every form of one word into the only cluster it fits; remarks on those that fit several."""
    remarks = []
    by_word: dict[str, list[list[_Form]]] = defaultdict(list)
    for cluster in clusters:
        for word in {word for form in cluster for word in _words_for(form)}:
            by_word[word].append(cluster)
    alone: dict[str, list[_Form]] = defaultdict(list)
    for form in short:
        fitting = by_word.get(form.parts[0].replace(".", ""), [])
        if form.suffixes:
            fitting = [cluster for cluster in fitting if all(form.suffixes == other.suffixes for other in cluster)]
        if len(fitting) == 1:
            fitting[0].append(form)
        elif fitting:
            remarks.append(f"{_quoted(form.name)} fits {_either(fitting)}: left apart")
        else:
            alone[form.parts[0]].append(form)
    # A surname that no full name has: "Ms. Ruiz" and "Ruiz" are one, "Mr. Ruiz" and "Ms. Ruiz" may be two.
    for forms in alone.values():
        bare = [form for form in forms if folded(form.name) == form.parts[0]]
        titled = [form for form in forms if form not in bare]
        if bare and len(titled) == 1:
            clusters.append([*titled, *bare])
        elif len(forms) > 1:
            remarks.append(f"one surname, different people? {_either([[form] for form in forms], 'and')}: left apart")
    return remarks


def _words_for(form: _Form) -> Iterator[str]:
    """The single words that may stand for a full name."""
    if form.kind == "organization":
        yield "".join(part[0] for part in form.parts if part not in {"of", "the", "for", "and", "on"})
        return
    yield form.parts[-1]
    if len(form.parts[0].rstrip(".")) > 1:
        yield form.parts[0]


# ------------------------------------------------------------------ writing


def _written(clusters: Iterable[Sequence[_Form]]) -> Iterator[str]:
    entries = (
        sorted(cluster, key=lambda form: form.fullness, reverse=True) for cluster in clusters if len(cluster) > 1
    )
    for first, *others in sorted(entries, key=lambda entry: entry[0].name):
        lines = ["[[speaker]]", f"name = {_quoted(first.name)}"]
        kinds = [form.kind for form in (first, *others) if form.kind != "unknown"]
        if kinds:
            lines.append(f"kind = {_quoted(kinds[0])}")
        aliases = ", ".join(_quoted(form.name) for form in others)
        yield "\n".join([*lines, f"aliases = [{aliases}]", ""])


def _comments(remarks: Sequence[str]) -> Iterator[str]:
    if remarks:
        yield "# Left apart:"
        yield from (f"# {remark}" for remark in remarks)
        yield ""


def _either(clusters: Iterable[Sequence[_Form]], word: str = "or") -> str:
    return f" {word} ".join(_quoted(max(cluster, key=lambda form: form.fullness).name) for cluster in clusters)


def _quoted(name: str) -> str:
    """*name* as a TOML string, which is a JSON one but for the character 127."""
    return json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
