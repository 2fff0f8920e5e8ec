# Everything sets up what it needs in .venv; nothing has to be installed by hand but Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo ui test drill torture bench lint audit release lock clean

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12")'
	@echo "Installing into $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)  ## A TEMU shop and a JTL-Wawi work together for a minute, and the proof
	@$(BIN)/temu-assets demo

ui: $(READY)  ## Dagster's web UI on http://127.0.0.1:3000
	@$(BIN)/temu-assets ui

test: $(READY)  ## All tests; needs no server
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile

drill: $(READY)  ## Backup, loss and restore of a shop at work; its books are proof
	@$(BIN)/python -m temu_assets_tests.backup.drill

torture: $(READY)  ## The program is killed at every crash point and on 500 random days: nothing may be lost or doubled
	@$(BIN)/python -m temu_assets_tests.torture

bench: $(READY)  ## How fast and how lean the program is, beside what each figure is compared with; half an hour, alone on the machine
	@$(BIN)/python -m benchmarks.ratios --record

lint: $(READY)  ## Format, rules, strict types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

audit: $(READY)  ## Known holes in the locked packages; asks the database of PyPI, so it needs the network and is red without it
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r requirements.lock

release: $(READY)  ## Wheel, locked packages, list of everything in it (SBOM, CycloneDX) and checksums, in dist/
	@$(BIN)/python -m release.build dist

lock: $(READY)  ## Pin the newest versions the bounds in pyproject.toml allow
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev --extra sqlserver --extra postgresql pyproject.toml -o requirements.lock --no-header --quiet --upgrade

clean:  ## Remove what was made here: environment, demo, caches
	@rm -rf $(VENV) .demo .torture .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info
