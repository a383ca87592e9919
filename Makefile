# `make demo` and `make test` are all a newcomer needs; both set everything up first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint bench setup lock clean

demo: setup
	$(BIN)/shopgraph demo

test: setup lint
	$(BIN)/python -m pytest

# The quick half of the checks: style, types, the dependency rule.
lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m benchmarks

setup: $(VENV)/.ready

# PyTorch goes first and alone: the resolver then keeps the build that is found here (a CPU
# build where one is at hand) instead of weighing CUDA packages against it.
$(VENV)/.ready: constraints.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,spacy-model,minilm]'
	touch $@

# Write the versions installed now as the locked ones.
lock: setup
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt
	touch $(VENV)/.ready

clean:
	git clean -fdXq
