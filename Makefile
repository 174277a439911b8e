# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DELETE_ON_ERROR:
.PHONY: run test slow check bench messages lock vendor pictures clean

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed (set PYTHON=...)")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

run: $(READY)  ## install, migrate, load the Gyeonggi catalogue, serve
	$(BIN)/testbed serve --demo --examples

# Compiled test files are kept even where the environment says not to: three processes read them.
test: $(READY)  ## install and pass the fast tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2

slow: $(READY)  ## everything marked slow: races, PostgreSQL, oracles, browser
	$(BIN)/pytest -m slow -n 2 --dist loadfile

check: $(READY)  ## style, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## measure the speed table and write docs/benchmarks.md
	$(BIN)/python -m tests.bench

messages: $(READY)  ## bring the Korean texts up to date with the code, and compile them
	mkdir -p build
	$(BIN)/pybabel -q extract -F web/babel.cfg -k lazy_gettext --no-location --sort-output -o build/messages.pot .
	$(BIN)/pybabel -q update -i build/messages.pot -d web/translations --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	$(BIN)/pybabel -q compile -d web/translations

lock:  ## resolve the versions of requirements.lock again (needs uv)
	uv pip compile pyproject.toml --extra dev --extra dask --generate-hashes --no-header --no-annotate --python-version 3.11 -o requirements.lock

vendor:  ## copy the pages' scripts and styles from their locked packages (needs npm)
	web/assets/vendor.sh

pictures: $(READY)  ## take the README's pictures again (needs Chromium and a Korean font)
	mkdir -p docs/pictures
	PICTURES=$(CURDIR)/docs/pictures $(BIN)/pytest -m slow tests/browser/test_pictures.py

clean:
	rm -rf $(VENV) build *.egg-info
