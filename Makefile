# Every command a contributor needs. `make help` lists them.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
# As many random models as make up 100,000 cases: one in four of them is a case of each law.
NIGHTLY ?= 32000
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo check static test peers nightly fix golden docs bench lock clean

help: ## List the commands
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with everything that is needed
$(READY): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3 …"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

demo: $(READY) ## Simulator up, sync, three questions answered, simulator down
	$(BIN)/metric-cube demo

check: static test peers ## All that CI does

static: $(READY) ## Format, lint, types, import contracts, model check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/metric-cube check semantic

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest -n auto -m "not nightly"

PEERS := tests/peers/node_modules/.ready
peers: $(READY) $(PEERS) ## Try the servers with other people's tools
	$(BIN)/python -m pytest -n auto tests/peers
$(PEERS): tests/peers/package-lock.json | $(READY)
	$(BIN)/python -m tests.peers.install
	@touch $@

nightly: $(READY) ## A hundred thousand random cases, and the other long runs
	$(BIN)/python -m pytest -m nightly
	METRIC_CUBE_EXAMPLES=$(NIGHTLY) $(BIN)/python -m pytest -n auto tests/engine/test_properties.py tests/engine/test_laws.py tests/engine/test_fuzz.py

fix: $(READY) ## Format and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: $(READY) ## Rewrite the golden SQL and the contract with agents
	$(BIN)/python -m pytest tests/engine/test_golden.py tests/server/agents/test_contract.py --golden

docs: $(READY) ## Write the generated parts of docs/
	$(BIN)/python -m tests.docs_pages

bench: $(READY) ## Measure, side by side
	$(BIN)/python -m tests.benchmarks

lock: $(READY) ## Pin the newest allowed dependencies in requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml -o requirements.lock

clean: ## Remove what the other commands made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
