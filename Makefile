# `make run` needs Python 3.11 or newer, nothing else; PYTHON=… names one.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
SERVICE := $(VENV)/.service-installed
DEV := $(VENV)/.dev-installed

define FIND_PYTHON
python=; for one in $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3 python); do \
  "$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python=$$one && break; done; \
if [ -z "$$python" ]; then echo "make: needs Python 3.11 or newer; PYTHON=… names one" >&2; exit 1; fi
endef

.PHONY: help run check test needs bench lock
.DEFAULT_GOAL := help

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

# exec, and the option: a signal to make, and its death, reach the command
run: $(SERVICE) ## Start the database and the service; Ctrl-C stops both
	@exec $(BIN)/taskapp run --end-with-parent

check: $(DEV) ## The quick checks: lint, types, imports, unit tests
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-cache > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }
	$(BIN)/python -m pytest -q -n 2 tests/unit

test: needs check ## All checks, on a real Cassandra, gunicorn, nginx and browser
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations 15 tests/integration tests/browser
	$(BIN)/python -m pytest -q --durations 5 tests/chaos

# What cannot be had is told before anything is installed; the rest is fetched before a test runs.
needs: ## Get what the tests need beside Python packages
	@if [ -x $(BIN)/python ]; then python=$(BIN)/python; else $(FIND_PYTHON); fi; "$$python" -m tests.needs
	@$(MAKE) --no-print-directory $(DEV)
	@$(BIN)/python -m tests.needs fetch

bench: $(DEV) $(VENV)/.bench-installed ## The service beside the floor and the tutorial's application
	$(BIN)/python -m bench

lock: $(SERVICE) ## Write the lock files anew
	requirements/lock.sh
	$(BIN)/python -m taskapp.localnode.lock

$(SERVICE): requirements/service.txt pyproject.toml $(BIN)/python
	@echo "Installing the service's packages into $(VENV)"
	@$(BIN)/python requirements/install.py requirements/service.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(SERVICE) requirements/dev.txt
	@echo "Installing the packages of the tests"
	@$(BIN)/python requirements/install.py requirements/dev.txt
	@touch $@

$(VENV)/.bench-installed: $(DEV) requirements/bench.txt
	@$(BIN)/python requirements/install.py requirements/bench.txt
	@touch $@

$(BIN)/python:
	@$(FIND_PYTHON); if ! "$$python" -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "make: $$python has no venv module (on Debian: apt install python3-venv)" >&2; exit 1; fi; \
	echo "Making $(VENV) with $$python"; "$$python" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
