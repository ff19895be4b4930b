# make app: open the app on the example study.  make test: every check.  make audit: known vulnerabilities.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= $(shell nproc)

.PHONY: app test audit bench clean

.venv/app: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: .venv/app requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

app: .venv/app
	$(BIN)/streamlit run streamlit_app.py

test: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

audit: .venv/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip setuptools
	$(BIN)/python -m pip_audit --local --strict --vulnerability-service osv --progress-spinner off

bench: .venv/dev
	for name in $(filter-out measure hosting visitors,$(basename $(notdir $(wildcard benchmarks/*.py)))); do $(BIN)/python -m benchmarks.$$name || exit 1; done

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache
