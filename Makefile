# Two commands matter: `make demo` and `make test`. Each makes what it needs, from Python 3.11 and make alone.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help demo test test-spark test-spark-whole fuzz soak check bench docs web screenshots clean
help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.pip: Makefile
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	touch $@

$(VENV)/.demo: $(VENV)/.pip pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[sandbox,explorer]'
	touch $@

$(VENV)/.dev: $(VENV)/.demo pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[sandbox,explorer]' --group dev
	touch $@

$(VENV)/.spark: $(VENV)/.dev pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[spark]' 'pyspark[connect]'
	touch $@

$(VENV)/.docs: $(VENV)/.demo pyproject.toml
	$(BIN)/python -m pip install --quiet --group docs
	touch $@

demo: $(VENV)/.demo ## Play the whole job against a stand-in Encord on this machine
	$(BIN)/metaquery demo

test: $(VENV)/.dev ## Run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile -q

test-spark: $(VENV)/.spark ## Run the tests that ask Spark (Java 17 or later)
	$(BIN)/python -m pytest -q tests/spark

test-spark-whole: $(VENV)/.spark ## The same with a thousand random filters, more sessions, and Spark Connect (minutes)
	$(BIN)/python -m pytest -q tests/spark --hypothesis-profile=fuzz

fuzz: $(VENV)/.dev ## Look for faults in the filter language (minutes)
	$(BIN)/python -m pytest -n 2 -q --hypothesis-profile=fuzz tests/differential tests/properties tests/unit/explorer/test_fuzz.py
	$(BIN)/python -m tests.fuzz --seconds 60

soak: $(VENV)/.dev ## Kill syncs at 200 random moments, and each job at every step (minutes)
	$(BIN)/python -m tests.crash.soak

check: $(VENV)/.dev ## Lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

bench: $(VENV)/.dev ## Run the benchmarks (minutes)
	$(BIN)/python -m benchmarks.bench_query
	$(BIN)/python -m benchmarks.bench_start
	$(BIN)/python -m benchmarks.bench_language
	$(BIN)/python -m benchmarks.bench_store
	$(BIN)/python -m benchmarks.bench_history
	$(BIN)/python -m benchmarks.bench_complete
	$(BIN)/python -m benchmarks.bench_facets
	$(BIN)/python -m benchmarks.bench_explorer
	$(BIN)/python -m benchmarks.bench_scroll
	$(BIN)/python -m benchmarks.bench_collections
	$(BIN)/python -m benchmarks.bench_edits
	$(BIN)/python -m benchmarks.bench_reading
	$(BIN)/python -m benchmarks.bench_shell
	$(BIN)/python -m benchmarks.bench_sync
	$(BIN)/python -m benchmarks.bench_files
	$(BIN)/python -m benchmarks.bench_lake

docs: $(VENV)/.docs ## Make a site of docs/ in build/site, every link and anchor checked
	$(BIN)/sphinx-build --builder html --fail-on-warning --keep-going --nitpicky --fresh-env --quiet \
		--conf-dir docs --doctree-dir build/doctrees . build/site
	@echo "The site is in build/site/index.html"

web: ## Build the Explorer's page from its sources (node and npm)
	cd metaquery/explorer/web && npm install --no-package-lock --no-audit --no-fund --silent && npm run --silent build

screenshots: $(VENV)/.dev ## Make the pictures of docs/explorer.md (chromium)
	$(BIN)/python -m tests.browser.screenshots

clean: ## Remove what the targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
