# make run: read the samples and show the rows.   make test: everything that must hold before a commit.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: run test format clean

run: .venv/installed
	$(BIN)/ocrpipe run samples/ --template samples/forms/remittance.toml --out results.parquet --overwrite
	$(BIN)/ocrpipe show results.parquet

test: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto

format: .venv/installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv results.parquet results.crops.parquet

.venv/installed: pyproject.toml constraints.txt
	tools/install.sh "$(PYTHON)" .
	touch $@

.venv/installed-test: pyproject.toml constraints.txt
	tools/install.sh "$(PYTHON)" ".[test]"
	touch $@ .venv/installed
