# Everything a person runs, CI runs too. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= data/demo
RECORDED := .venv-litellm
VALIDATED := .venv-focus
AUDITED := .venv-audit

.PHONY: help setup demo test test-slow record focus lineage wheel wheels fuzz sbom audit picture reference lint ui kills bench clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# The stamp is newer than both files as long as the environment is what they say.
$(VENV)/.stamp: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Outlay needs Python 3.11 or newer; set PYTHON=python3.x" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

setup: $(VENV)/.stamp ## make .venv with the pinned packages

demo: setup ## an invented company's 120 days, from files to pages, in data/demo
	$(BIN)/outlay demo $(DEMO)

test: setup ## the tests, in ten minutes, and the slowest twenty; test-slow has the rest
	$(BIN)/python -m pytest -m "not slow" --durations=20 -rs

test-slow: setup ## whole runs, kills, power cuts, arrival orders: the tests that take long
	$(BIN)/python -m pytest -m slow --durations=20 -rs

# LiteLLM's proxy pins what Outlay pins otherwise: it has an environment of its own.
$(RECORDED)/.stamp: tests/recording/requirements.txt
	@test -x $(RECORDED)/bin/python || $(PYTHON) -m venv $(RECORDED)
	$(RECORDED)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

record: setup $(RECORDED)/.stamp ## run LiteLLM's real proxy and compare its log with the recording
	$(BIN)/python -m pytest -n 0 tests/recording/live.py

# The validator of FOCUS wants Python 3.12 and older packages than Outlay.
$(VALIDATED)/.stamp: tests/demo/validator/requirements.txt
	@test -x $(VALIDATED)/bin/python || $$($(BIN)/python -m tests.packaging.interpreters 3.12) -m venv $(VALIDATED)
	$(VALIDATED)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

focus: setup $(VALIDATED)/.stamp ## judge the demo's FOCUS export by the public validator
	$(BIN)/python -m pytest -n 0 tests/demo/validator/live.py

fuzz: setup ## damage every format 200,000 times; ROUNDS=5 for 10,000
	OUTLAY_FUZZ_ROUNDS=$(or $(ROUNDS),100) $(BIN)/python -m pytest tests/ingest/fuzzing

# What looks at the packages is none of them: it has an environment of its own.
$(AUDITED)/.stamp: tests/packaging/audit/requirements.txt
	@test -x $(AUDITED)/bin/python || $(PYTHON) -m venv $(AUDITED)
	$(AUDITED)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

sbom: setup $(AUDITED)/.stamp ## what Outlay is made of, as CycloneDX: build/sbom.cdx.json
	@mkdir -p build
	$(AUDITED)/bin/cyclonedx-py environment $(VENV) --pyproject pyproject.toml \
		--output-reproducible --of JSON -o build/sbom.cdx.json
	$(BIN)/python -m tests.packaging.sbom build/sbom.cdx.json

audit: setup $(AUDITED)/.stamp ## known vulnerabilities of the pinned packages; asks a public service
	$(AUDITED)/bin/pip-audit --requirement requirements.txt --no-deps --disable-pip --strict

lineage: setup ## see a report's lineage in Dagster's page, in a real browser
	$(BIN)/python -m pytest -n 0 tests/pipelines/orchestration/live.py

wheel: setup ## build the wheel, install it in an empty environment and run it there
	$(BIN)/python -m tests.packaging.wheel

wheels: setup ## the same with every supported Python of this machine
	$(BIN)/python -m tests.packaging.wheel --every

picture: setup ## take the README's picture of the demo's overview page
	$(BIN)/python -m tests.dashboards.picture

reference: setup ## write the generated reference pages and the index of DECISIONS.md
	$(BIN)/python -m tests.house.reference

lint: setup ## style, types, import contracts, SQL
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 dbt_project/models dbt_project/tests

ui: setup ## Dagster on the demo workspace
	$(BIN)/outlay ui --workspace $(DEMO)

kills: setup ## stop run, close, reprice ... at fifty places and go on; EVERY=1 for each flush
	$(if $(EVERY),OUTLAY_KILLS=every) $(BIN)/python -m tests.bench kills

bench: setup ## the measured promises, in one run
	$(BIN)/python -m tests.bench

clean: ## remove what the targets made
	rm -rf $(VENV) $(RECORDED) $(VALIDATED) $(AUDITED) data/demo data/bench .pytest_cache .mypy_cache .ruff_cache
