# Needs Python 3.11 or later, pip, make and git; everything else is installed into .venv from requirements.lock.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
UV ?= uv

.DEFAULT_GOAL := help
.PHONY: help setup demo test prove lint bench translations screenshots settings-doc lock

help:  ## list what can be done
	@sed -nE 's/^([a-z-]+):.*## (.*)$$/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS='|' read -r name what; do \
		printf 'make %-13s %s\n' "$$name" "$$what"; done

setup: $(READY)  ## install what is needed into .venv; nothing happens when it is already there

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed (make PYTHON=python3.12 ...)")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## play a year of a made-up city and show it in the browser
	$(BIN)/duban demo

test: $(READY)  ## all tests but the long proofs, and every branch of the rules covered
	$(BIN)/python -m pytest -n 2 -m "not prove" --cov=domain --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

prove: $(READY)  ## the long proofs: kills, races, large counts (at most an hour)
	HYPOTHESIS_PROFILE=prove $(BIN)/python -m pytest -m prove --timeout=1200 --session-timeout=3600

lint: $(READY)  ## style, types, direction of imports, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-logo
	@if find templates -name '*.html' | grep -q .; then $(BIN)/djlint --quiet --lint templates; fi

bench: $(READY)  ## measure this machine against the figures in docs
	$(BIN)/python -m bench

translations: $(READY)  ## add new sentences to the Chinese catalogue, empty, and take out old ones
	$(BIN)/python -m locales.messages

screenshots: $(READY)  ## take the pictures of docs/screenshots anew (needs Chromium)
	$(BIN)/python -m tests.browser.screenshots

settings-doc: $(READY)  ## write docs/settings.md from config/settings.py
	$(BIN)/python -m config.document

lock:  ## resolve the dependencies anew into requirements.lock (needs uv; no address of any registry gets in)
	$(UV) export --quiet --upgrade --no-emit-project --all-groups --format requirements-txt --output-file requirements.lock
	rm -f uv.lock
	@if grep -n '://' requirements.lock; then echo 'requirements.lock names an address' >&2; exit 1; fi
