"""The options that several commands share, so that they mean and say the same everywhere."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

IO = "Input and output"
MODEL = "Model"
PROMPT = "Prompt"
CACHE = "Cache and replay"
RUN = "Limits of the run"

Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT",
        help="Files, folders of them, patterns such as 'news/**/*.html', or - for standard input. One article a file: "
        ".txt .md .html .docx; one a line, row or entry: .jsonl .csv .tsv .parquet, .xml of RSS and Atom.",
        show_default=False,
    ),
]

TextField = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The field (JSON Lines) or column (CSV, Parquet) with the text; a.b is b within a. Default: text.",
        show_default=False,
        rich_help_panel=IO,
    ),
]

IdField = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The field or column with the id. Default: id, else the file and the number of the row.",
        show_default=False,
        rich_help_panel=IO,
    ),
]

Limit = Annotated[int | None, typer.Option(metavar="N", min=1, help="Stop after N articles.", rich_help_panel=IO)]

Language = Literal["en", "de", "fr", "es"]

Lang = Annotated[
    Language | None,
    typer.Option(
        help="The language of the articles. Default: guessed for each.", show_default=False, rich_help_panel=IO
    ),
]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only errors on standard error.", rich_help_panel=IO)]

Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="More on standard error: what happens, step by step.", rich_help_panel=IO),
]

Backend = Annotated[
    Literal["rules", "model", "judge", "cascade"] | None,
    typer.Option(
        help="Who attributes: the built-in rules; a model checked by them; the rules with a (small) model that says "
        "yes or no to what they are unsure of; or the rules, and a model for what they leave open. Default: a model "
        "where one is named.",
        rich_help_panel=MODEL,
    ),
]

SecondOpinion = Annotated[
    bool | None,
    typer.Option(
        "--second-opinion/--no-second-opinion",
        help="Whether what a model finds is compared with what the rules find. Without it no rules are run, and the "
        "model's word holds as it stands. Default: it is.",
        show_default=False,
        rich_help_panel=MODEL,
    ),
]

Model = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The model to ask. Also: QUOTES_MODEL. Without one nothing is sent anywhere.",
        rich_help_panel=MODEL,
    ),
]

BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="An OpenAI-compatible endpoint. Also: QUOTES_BASE_URL. Default: OpenAI's.",
        rich_help_panel=MODEL,
    ),
]

Prompt = Annotated[
    str | None,
    typer.Option(
        metavar="PACK", help="A prompt pack: a shipped one by name, or your own folder.", rich_help_panel=PROMPT
    ),
]

ChunkTokens = Annotated[
    int | None,
    typer.Option(metavar="N", min=50, help="Tokens of article text in one request.", rich_help_panel=PROMPT),
]

ContextTokens = Annotated[
    int | None,
    typer.Option(metavar="N", min=0, help="Tokens of the text before it, shown as context.", rich_help_panel=PROMPT),
]

MaxOutputTokens = Annotated[
    int | None,
    typer.Option(metavar="N", min=16, help="Tokens a reply may have.", rich_help_panel=PROMPT),
]

Temperature = Annotated[
    float | None,
    typer.Option(metavar="T", min=0.0, max=2.0, help="Sampling temperature.", rich_help_panel=PROMPT),
]

NoTemperature = Annotated[
    bool,
    typer.Option("--no-temperature", help="Send none, for models that refuse one.", rich_help_panel=PROMPT),
]

Schema = Annotated[
    Literal["static", "tight", "auto"] | None,
    typer.Option(
        help="One response schema for all requests, one made for each, or (auto) the latter on this machine only.",
        rich_help_panel=PROMPT,
    ),
]

Cache = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Where replies are kept: an SQLite file, a folder or postgresql://host/database. "
        "Default: a file in your cache folder.",
        rich_help_panel=CACHE,
    ),
]

ApiKeyEnv = Annotated[
    str | None,
    typer.Option(
        metavar="VARIABLE",
        help="The variable that holds the key. Default: QUOTES_API_KEY; for OpenAI alone OPENAI_API_KEY.",
        rich_help_panel=MODEL,
    ),
]

Concurrency = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        max=1024,
        help="The most requests under way at the same time. Default: 8.",
        show_default=False,
        rich_help_panel=MODEL,
    ),
]

Timeout = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", min=0.1, help="How long to wait for one reply.", rich_help_panel=MODEL),
]

Config = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="A quotes.toml with profiles of endpoints. Also: QUOTES_CONFIG. None is read unless named.",
        rich_help_panel=MODEL,
    ),
]

Profile = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The profile of --config to use. Default: its default.", rich_help_panel=MODEL),
]

Local = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL.gguf",
        help="Serve this model from within the command, on this machine. Needs the extra: quotes\\[local].",
        rich_help_panel=MODEL,
    ),
]

Structured = Annotated[
    Literal["auto", "strict", "schema", "tool", "object", "prompt"] | None,
    typer.Option(
        help="How the form of an answer is asked for. Default: strictly, and less so where the endpoint refuses.",
        rich_help_panel=PROMPT,
    ),
]

Rpm = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=1, help="Requests a minute. Default: what the endpoint's headers say.", rich_help_panel=RUN
    ),
]

Tpm = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=1, help="Tokens a minute. Default: what the endpoint's headers say.", rich_help_panel=RUN
    ),
]

Transport = Annotated[
    Literal["httpx", "aiohttp"] | None,
    typer.Option(
        help="What moves the bytes. aiohttp costs less of the processor and needs the extra: quotes\\[aiohttp]. "
        "Default: httpx.",
        rich_help_panel=RUN,
    ),
]

ArticleTimeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        min=0.1,
        help="How long one article may take; what is then open is reported.",
        rich_help_panel=RUN,
    ),
]

MaxCost = Annotated[
    float | None,
    typer.Option(
        metavar="AMOUNT",
        min=0.0,
        help="End before requests cost more than this; prices stand in quotes.toml.",
        rich_help_panel=RUN,
    ),
]

MaxTokensTotal = Annotated[
    int | None,
    typer.Option(metavar="N", min=0, help="End before requests take more tokens, in and out.", rich_help_panel=RUN),
]

Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        min=0,
        max=1024,
        help="Work in N processes, for the cores of this machine; 0: as many as it has. The output is the same. "
        "Default: 1.",
        show_default=False,
        rich_help_panel=RUN,
    ),
]

FailFast = Annotated[
    bool,
    typer.Option("--fail-fast", help="End with the first article that is not complete.", rich_help_panel=RUN),
]

CacheMode = Annotated[
    Literal["auto", "replay", "refresh", "off"] | None,
    typer.Option(help="Ask only what is not kept; never ask; ask all again; keep nothing.", rich_help_panel=CACHE),
]

Replay = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help="Take all replies and settings from this folder; no network, no key.",
        rich_help_panel=CACHE,
    ),
]
