# Every job of a developer. `make` alone lists them; CI runs the same ones.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
# Touched last: an installation that was interrupted is done again.
INSTALLED := $(VENV)/.installed
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip --quiet --quiet --disable-pip-version-check --no-input
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--custom-compile-command "make lock" $(UPGRADE)

.PHONY: help setup run demo test test-fast test-long side-by-side simulate bench chaos soak mutants promises lint \
	format types imports migrate migration check-migrations shell docs clients postman release lock audit clean

help: ## List the jobs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## Make .venv, or bring it up to date

$(INSTALLED): requirements.txt requirements-dev.txt
	@rm -f $@
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
		found=; for candidate in python3.11 python3.12 python3; do \
			$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
				&& found=$$candidate && break; \
		done; \
		test -n "$$found" || { \
			echo "Python 3.11 or later is needed, and there is none on PATH." >&2; exit 1; }; \
		echo "Making $(VENV) with $$($$found --version) ..."; \
		$$found -m venv --clear $(VENV); \
	}
	@echo "Installing what requirements-dev.txt lists (a minute or two the first time) ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

run: setup ## Serve the whole shop on http://127.0.0.1:8000 until Ctrl-C (PORT, SANDBOX_PORT)
	@exec $(PYTHON) -m dev.run

demo: setup ## Buy from a cold start, hold a flash sale, check the books; nothing is left running
	@exec $(PYTHON) -m dev.demo

promises: setup ## Run what shows each promise, and what breaks it (docs/reliability.md)
	@$(PYTHON) -m dev.promises

test: setup ## Run every test
	@$(PYTHON) -m pytest -n 2

test-fast: setup ## Run the tests without those that start processes of their own
	@$(PYTHON) -m pytest -n 2 $(addprefix --ignore=tests/,browser chaos cluster crashes drill engines journeys outages overload \
		races rollout sim)

test-long: setup ## Run every test, the searches and races at full length (half an hour and more)
	@ORA_TESTS=long $(PYTHON) -m pytest -n 2

side-by-side: setup ## Serve an older commit beside this one, on this one's tables (OLD; docs/deploying.md)
	@OLD="$(OLD)" ORA_TESTS=long $(PYTHON) -m pytest tests/rollout/test_side_by_side.py

SEED ?= 1
HISTORIES ?= 100
simulate: setup ## Play histories of the shop that a seed tells (SEED, HISTORIES; docs/simulation.md)
	@$(PYTHON) -m sim --seed $(SEED) --histories $(HISTORIES)

bench: setup ## Measure the shop beside its ceilings (docs/speed.md has the other measurements)
	@$(PYTHON) -m bench

chaos: setup ## Break the whole shop by plan under real traffic: make chaos SEED=1 MINUTES=5
	@$(PYTHON) -m chaos --seed $(or $(SEED),1) --minutes $(or $(MINUTES),5)

soak: setup ## Half load for long; memory, connections, keys and queues have to stay flat (MINUTES)
	@$(PYTHON) -m chaos.soak --minutes $(or $(MINUTES),60)

JOBS ?= 1
mutants: setup ## Switch the guards off one by one; a test has to miss each (JOBS; docs/mutants.md)
	@$(PYTHON) -m mutants --jobs $(JOBS)

lint: setup ## Check style, types, imports and migrations
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(MAKE) types imports check-migrations

format: setup ## Format the code, and repair what can be repaired by a machine
	@$(PYTHON) -m ruff check --fix-only
	@$(PYTHON) -m ruff format

types: setup ## Check the types
	@$(PYTHON) -m mypy

imports: setup ## Check which room may import which
	@$(VENV)/bin/lint-imports

migrate: setup ## Migrate the database of `make run`, running or not
	@$(PYTHON) -m dev.shell sh -c 'alembic upgrade head && flask --app wsgi grant-rights'

migration: setup ## Write a migration from the models: make migration m="add a column"
	@test -n "$(m)" || { echo 'Say what it does: make migration m="add a column"' >&2; exit 2; }
	@$(PYTHON) -m dev.shell sh -c 'alembic upgrade head && alembic revision --autogenerate -m "$$0"' "$(m)"

check-migrations: setup ## Migrate an empty database up, down and up, and compare it with the models
	@$(PYTHON) -m dev.check_migrations

shell: setup ## Open a Python shell in the app, on the servers of `make run`, running or not
	@$(PYTHON) -m dev.shell flask --app wsgi shell

docs: setup ## Build the documentation as a site; fails where a link is broken
	@$(PYTHON) -m dev.site

release: setup ## Check, number, tag and build what is there: make release VERSION=1.4.0 (without: what changed)
	@$(PYTHON) -m dev.release $(or $(VERSION),--what)

clients: setup ## Write what of the clients comes from the OpenAPI document (CHECK=--check only looks)
	@$(PYTHON) -m dev.clients $(CHECK)

postman: setup ## Run the Postman collection against the shop that `make run` serves
	@$(PYTHON) -m dev.postman

lock: setup ## Pin requirements*.in with hashes, from the network (UPGRADE=--upgrade: the newest)
	@$(PIP) install uv
	@$(COMPILE) requirements.in --output-file requirements.txt
	@$(COMPILE) requirements-dev.in --output-file requirements-dev.txt --constraint requirements.txt

audit: setup ## Ask whether a weakness is known of a pinned package (ends with 3 if nobody could be asked)
	@$(PYTHON) -m dev.audit

clean: ## Remove the data of `make run`, the caches and .venv
	@if test -x $(PYTHON); then $(PYTHON) -m dev.clean; else rm -rf .data; fi
	@rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .mypy_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
