-- The database that quotes writes: one row an article, what was found in it in tables of its own.
-- Spans are half-open offsets in code points into the text of the article, as JSON [[start, end], …].

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE articles (
    number INTEGER PRIMARY KEY,  -- the order of the records
    id TEXT NOT NULL,
    title TEXT NOT NULL,         -- that of the metadata, else the id
    status TEXT NOT NULL,
    schema TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    model TEXT,
    prompt TEXT,
    requests INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    metadata TEXT NOT NULL,      -- JSON
    json TEXT,                   -- the whole record, where a string of it holds what UTF-8 cannot
    text TEXT                    -- none where it was left out
);
CREATE INDEX articles_by_id ON articles (id);

CREATE TABLE speakers (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE quotes (
    number INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (number),
    words TEXT NOT NULL,
    speaker_name TEXT,
    speaker INTEGER REFERENCES speakers (number),
    speaker_kind TEXT NOT NULL,
    type TEXT NOT NULL,
    confidence TEXT NOT NULL,
    cue_text TEXT NOT NULL,
    speaker_text TEXT NOT NULL,
    found_by TEXT NOT NULL,
    chunk INTEGER,
    request_key TEXT,
    content_spans TEXT NOT NULL, -- JSON
    cue_spans TEXT NOT NULL,     -- JSON
    speaker_spans TEXT NOT NULL, -- JSON
    name_start INTEGER,
    name_end INTEGER
);
CREATE INDEX quotes_by_article ON quotes (article);
CREATE INDEX quotes_by_speaker ON quotes (speaker);

CREATE TABLE skipped (
    number INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (number),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX skipped_by_article ON skipped (article);

CREATE TABLE unresolved (
    number INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (number),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX unresolved_by_article ON unresolved (article);

CREATE TABLE rejected (
    number INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (number),
    reason TEXT NOT NULL,
    item TEXT NOT NULL           -- JSON, as it was answered
);
CREATE INDEX rejected_by_article ON rejected (article);

CREATE TABLE errors (
    number INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (number),
    chunk INTEGER NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL
);
CREATE INDEX errors_by_article ON errors (article);

CREATE VIRTUAL TABLE articles_search USING fts5 (
    title, text, content="articles", content_rowid="number", tokenize="unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE quotes_search USING fts5 (
    words, speaker_name, speaker_text, content="quotes", content_rowid="number",
    tokenize="unicode61 remove_diacritics 2"
);

CREATE VIEW quotes_with_articles AS
    SELECT quotes.number, articles.id AS article_id, articles.title,
        quotes.speaker_name, quotes.speaker_kind, quotes.words, quotes.type, quotes.confidence, quotes.cue_text,
        quotes.speaker_text, articles.model
    FROM quotes JOIN articles ON articles.number = quotes.article;

CREATE VIEW speakers_with_counts AS
    SELECT speakers.name, count(*) AS quotes, count(DISTINCT quotes.article) AS articles
    FROM speakers JOIN quotes ON quotes.speaker = speakers.number
    GROUP BY speakers.number ORDER BY quotes DESC, speakers.name;
