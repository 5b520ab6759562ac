# Two commands matter: `make report` runs the main job, `make test` the tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PLAN ?= analyses/trd.yaml

.PHONY: help report test test-fast check fix hooks data docs validation lock bench wheel clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(VENV)/run.done: requirements/run.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.lock
	@# the package itself, without a build: the environment looks into src/
	@echo "$(CURDIR)/src" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ketaoutcomes.pth"
	@touch $@

$(VENV)/dev.done: requirements/dev.lock $(VENV)/run.done
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

report: $(VENV)/run.done  ## run PLAN (analyses/trd.yaml) and write reports/
	PYTHONPATH=src $(BIN)/python -m ketaoutcomes run $(PLAN)

test: $(VENV)/dev.done  ## format, lint, types, imports and all tests
	$(MAKE) check
	$(BIN)/python -m pytest -n auto

test-fast: $(VENV)/dev.done  ## tests without the slow ones and the browser
	$(BIN)/python -m pytest -n auto -m "not slow and not browser"

check: $(VENV)/dev.done  ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/dev.done  ## apply every automatic fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

hooks: $(VENV)/dev.done  ## check each commit before it is made
	git config core.hooksPath .githooks

wheel: $(VENV)/dev.done  ## build the wheel and the source archive in dist/
	$(BIN)/python -m build --no-isolation

data: $(VENV)/run.done  ## regenerate data/synthetic and its manifest
	PYTHONPATH=src $(BIN)/python -m ketaoutcomes simulate --subjects 40

bench: $(VENV)/dev.done  ## run the speed benchmarks
	@# one thread of linear algebra, as the commands of the package take
	for file in benchmarks/*.py; do OPENBLAS_NUM_THREADS=1 $(BIN)/python $$file; done

docs: $(VENV)/dev.done  ## build the documentation site in docs/_build
	PYTHONPATH=src $(BIN)/python docs/gallery.py
	$(BIN)/python -m sphinx -b html -W --keep-going -q docs docs/_build/html

validation: $(VENV)/dev.done  ## compare with other software again and write docs/validation.csv
	$(BIN)/python -m pytest -q tests --validation docs/validation.csv -m "not browser"

lock:  ## resolve the dependency locks again (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra dev -c requirements/run.lock pyproject.toml -o requirements/dev.lock

clean:  ## remove what can be made again
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
