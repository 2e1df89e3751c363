# make app    start the app          PORT=8501
# make test   ruff, mypy, all tests  CHROMIUM=/path/to/chromium
# make bench  measure, write benchmarks/results.json

PORT ?= 8501
PYTHON ?= $(firstword $(foreach version,3.11 3.12 3.13 3.14,$(shell command -v python$(version))) python3)
BIN := .venv/bin

.PHONY: app test bench lint
.DEFAULT_GOAL := app

app: .venv/app.stamp
	@echo "Latent Explorer: open http://localhost:$(PORT) (Ctrl-C stops it)"
	@$(BIN)/streamlit run app.py --server.port $(PORT) --server.headless true

test: lint
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest

lint: .venv/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: .venv/dev.stamp
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m benchmarks

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Latent Explorer needs Python 3.11 or newer: make PYTHON=/path/to/python"; exit 2; }
	$(PYTHON) -m venv .venv

.venv/app.stamp: requirements.txt | .venv/bin/python
	@echo "Installing what the app needs; this takes some minutes, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt requirements-train.txt .venv/app.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
