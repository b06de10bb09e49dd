# make run: read the samples and show the rows.   make test: everything that must hold before a commit.
# make prove: what takes an hour: kills at random, hostile files, mutations of good ones, memory over 20,000 pages.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: run test prove format clean

run: .venv/installed
	$(BIN)/ocrpipe run samples/ --template samples/forms/remittance.toml --out results.parquet --overwrite
	$(BIN)/ocrpipe show results.parquet

test: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto

prove: .venv/installed-test
	$(BIN)/python -m tests.chaos.kills --kills 40 --pages 300
	$(BIN)/python -m tests.chaos.kills --kills 20 --pages 300 --dataset
	$(BIN)/python -m tests.hostile.prove
	HYPOTHESIS_PROFILE=prove $(BIN)/pytest -n auto tests/hostile/test_mutations.py
	$(BIN)/python -m tests.chaos.soak

format: .venv/installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv results.*

.venv/installed: pyproject.toml constraints.txt
	tools/install.sh "$(PYTHON)" .
	touch $@

.venv/installed-test: pyproject.toml constraints.txt
	tools/install.sh "$(PYTHON)" ".[test]"
	tools/browser.sh
	touch $@ .venv/installed
