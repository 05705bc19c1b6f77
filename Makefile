# Talkoo's commands. `make demo` and `make test` need Python 3.11+ with venv, make and git, and nothing else.
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
# Installs a lock file and tells what it fetches.
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $(1) | sed -un "s/^Collecting \([^ =]*\).*/  \1/p"
# mypy's Django plugin reads the settings, which need these; no server is asked.
NO_SERVER := SECRET_KEY=00000000000000000000000000000000 DATABASE_URL=postgres://localhost/x REDIS_URL=redis://localhost \
	BASE_URL=http://localhost EMAIL_URL=smtp://localhost DEFAULT_FROM_EMAIL=x@network.example
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset test faults check fmt lock messages screenshots

help:
	@echo "make demo         start the demo network on this machine (Ctrl-C stops it)"
	@echo "make demo-reset   forget the demo's data and start over"
	@echo "make test         run the tests"
	@echo "make faults       digests under every fault: nothing lost, nothing twice (about ten minutes)"
	@echo "make check        linters, types, layers, migrations, translations"
	@echo "make fmt lock messages screenshots"

.venv/installed: requirements.lock
	@echo "Installing Talkoo into .venv (once)"
	@$(PYTHON) -c 'import sys; sys.exit("Talkoo needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(call INSTALL,requirements.lock)
	@touch $@

.venv/tools: .venv/installed tests/requirements.lock
	@echo "Installing the tools for tests and checks into .venv (once)"
	@$(call INSTALL,tests/requirements.lock)
	@touch $@

setup: .venv/tools

demo: .venv/installed
	@$(BIN)/python manage.py demo

demo-reset: .venv/installed
	@$(BIN)/python manage.py demo --reset

test: .venv/tools
	@command -v chromium >/dev/null || echo "No Chromium here: the browser tests are left out."
	$(BIN)/python -m pytest -n auto --dist worksteal $(TESTS)

faults: .venv/tools
	$(BIN)/python -m tests.faults $(FAULTS)

check: .venv/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djangofmt --quiet --check templates
	$(BIN)/djangofmt --quiet check templates
	$(NO_SERVER) $(BIN)/mypy .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run

fmt: .venv/tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djangofmt --quiet check --fix templates
	$(BIN)/djangofmt --quiet templates

lock: .venv/tools
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header -o requirements.lock
	$(BIN)/uv pip compile --group dev --quiet --universal --python-version 3.11 --generate-hashes --no-header -c requirements.lock -o tests/requirements.lock

screenshots: .venv/tools
	$(BIN)/python manage.py demo --screenshots screenshots
	cp screenshots/practice-1440-light.png docs/practice.png

messages: .venv/tools
	$(BIN)/python manage.py messages
