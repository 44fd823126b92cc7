"""LangExtract on the other end of a pipe, for a Python of its own: this file imports nothing of this repository.

    /path/with/langextract/bin/python benchmarks/langextract_peer.py < jobs.jsonl

A line of standard input is a job, a line of standard output what came of it, both JSON. LangExtract is asked for
quotations as its documentation shows: a description, two worked examples, and with ``schema`` the constrained decoding
that it derives from them and its model applies (``OpenAISchema.from_examples``).
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import os
import sys
import time
import warnings
from typing import Any

DESCRIPTION = """\
Extract every statement that the text attributes to a source, in order of appearance: quotations in quotation marks, \
reported speech without them (said that ..., according to ...), and mixtures of both. The extraction is the words that \
are attributed, exactly as printed: do not paraphrase and do not overlap. Give for each its speaker, as printed where \
it is said, and the cue, the word or words that report it."""

_HARBOUR = """\
The harbour will stay shut until May, the council said on Friday. "We had no choice," Mara Ruiz, who leads it, told \
reporters. She added that repairs were "well under way" and would cost less than feared.

According to the engineer Jonas Pell, the north pier has moved by a hand since March."""

_GROWERS = """\
"It was a good year for the growers," said Edda Holm of the cooperative. "Nobody expected that." Prices fell all the \
same. Her deputy believes that they will recover in autumn; critics call the plan "a bet on the weather"."""

_EXAMPLES = (
    (
        _HARBOUR,
        (
            ("The harbour will stay shut until May", "the council", "said"),
            ("We had no choice", "Mara Ruiz", "told"),
            ('repairs were "well under way" and would cost less than feared', "She", "added"),
            ("the north pier has moved by a hand since March", "the engineer Jonas Pell", "According to"),
        ),
    ),
    (
        _GROWERS,
        (
            ("It was a good year for the growers", "Edda Holm", "said"),
            ("Nobody expected that.", "Edda Holm", "said"),
            ("they will recover in autumn", "Her deputy", "believes"),
            ("a bet on the weather", "critics", "call"),
        ),
    ),
)


def main() -> None:
    """Do the jobs of standard input, one after the other, until it ends; on the core that the first argument names."""
    if len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints is no answer
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    import langextract as lx

    print(json.dumps({"langextract": importlib.metadata.version("langextract")}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(_done(lx, json.loads(line)), ensure_ascii=False), file=out, flush=True)


def _done(lx: Any, job: dict[str, Any]) -> dict[str, Any]:
    """What came of *job*: its documents, the seconds and CPU seconds, the tokens, and the error it ended with."""
    model, used = _model(lx, job)
    documents = [lx.data.Document(text=one["text"], document_id=one["id"]) for one in job["documents"]]
    options = {"model": model, "use_schema_constraints": False, "show_progress": False, **job.get("settings", {})}
    options["max_workers"] = model.max_workers
    found: list[Any] = []
    begun, cpu, error = time.perf_counter(), time.process_time(), ""
    try:
        found = list(lx.extract(documents, prompt_description=DESCRIPTION, examples=_examples(lx), **options))
    except Exception as caught:  # what it ends with is a part of the measurement
        error = f"{type(caught).__name__}: {caught}"
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return {"documents": [_shown(one) for one in found], "seconds": seconds, "cpu": cpu, "error": error} | used


def _model(lx: Any, job: dict[str, Any]) -> tuple[Any, dict[str, int]]:
    """Its own provider for OpenAI, and where the tokens are counted that every answer reports."""
    from langextract.providers.openai import OpenAILanguageModel
    from langextract.providers.schemas.openai import OpenAISchema

    model = OpenAILanguageModel(job["model"], api_key="none", base_url=job["base_url"], **job.get("params", {}))
    if job.get("schema"):
        model.apply_schema(OpenAISchema.from_examples(_examples(lx)))
    used = {"requests": 0, "prompt_tokens": 0, "completion_tokens": 0}
    completions = model._client.chat.completions  # noqa: SLF001
    create = completions.create

    def counting(**asked: Any) -> Any:
        answer = create(**asked)
        used["requests"] += 1
        if answer.usage:
            used["prompt_tokens"] += answer.usage.prompt_tokens
            used["completion_tokens"] += answer.usage.completion_tokens
        return answer

    completions.create = counting
    return model, used


def _examples(lx: Any) -> list[Any]:
    return [
        lx.data.ExampleData(text=text, extractions=[_example(lx, *one) for one in said]) for text, said in _EXAMPLES
    ]


def _example(lx: Any, words: str, speaker: str, cue: str) -> Any:
    return lx.data.Extraction("quote", words, attributes={"speaker": speaker, "cue": cue})


def _shown(document: Any) -> dict[str, Any]:
    """The quotes of *document* that LangExtract has found in its text."""
    quotes = []
    for one in document.extractions or ():
        at = one.char_interval
        if at is not None and at.start_pos is not None and at.end_pos is not None:
            said = one.attributes if isinstance(one.attributes, dict) else {}
            quotes.append({"start": at.start_pos, "end": at.end_pos, "speaker": said.get("speaker")})
    return {"id": document.document_id, "quotes": quotes, "found": len(document.extractions or ())}


if __name__ == "__main__":
    main()
