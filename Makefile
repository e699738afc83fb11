# Everything a person needs: `make demo` shows the product, `make test` proves it. Both set up what they need.
PYTHON ?= python3
# The machine-learning library stands outside the hashed lock, because its CPU and GPU builds differ (docs/decisions/0019).
# Without a GPU, take the small CPU build:  make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu
# Who knows the hash of the build they want says it, and no other is taken:  make demo TORCH_HASH=sha256:...
TORCH ?= torch==2.13.0
TORCH_INDEX ?=
TORCH_HASH ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# One more than there are cores: a fifth of the time of tests is waiting, for a browser or for a program to start.
WORKERS := $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)' 2>/dev/null)
SLACK := node_modules/.package-lock.json
PIP_IN := python -m pip install --quiet --disable-pip-version-check
PIP := $(BIN)/$(PIP_IN)
PEERS := .venv-peers
export HF_HUB_OFFLINE = 1

.PHONY: help demo run setup test collected lint audit bench bench-matching bench-safety soak lock messages clean
help:
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: $(READY) ## install everything into .venv

$(READY): requirements/dev.txt requirements/beside-torch.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "winwin needs Python 3.11 or newer; '$(PYTHON)' is not. Install it, or say which: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --no-deps --require-hashes -r requirements/beside-torch.txt
	$(if $(TORCH_HASH),printf '%s --hash=%s\n' '$(TORCH)' '$(TORCH_HASH)' > $(VENV)/torch.txt)
	$(PIP) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) $(if $(TORCH_HASH),--no-deps --require-hashes -r $(VENV)/torch.txt,$(TORCH))
	$(PIP) --no-deps --require-hashes -r requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q adapters bot knowledge samples  # once, even where Python may not do it at the first start
	$(BIN)/python -m adapters.embedders
	@touch $(READY)

# A Slack on this machine, for tests alone; without npm they skip and say so.
$(SLACK): package-lock.json
	@if command -v npm >/dev/null; then npm ci --ignore-scripts --no-audit --no-fund --silent && touch $@; \
	else echo "npm is missing: tests that need a local Slack are skipped"; fi

demo: $(READY) ## the local community in your browser, nothing to configure
	$(BIN)/winwin demo

run: $(READY) ## the bot, with the settings in .env
	$(BIN)/winwin run

lint: $(READY) ## style, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

audit: ## is anything known against what is installed? (MUST=1: not having been able to ask counts as well)
	@$(PYTHON) requirements/audit.py $(if $(MUST),--must)

# pytest rewrites every test file before it runs one: once, beside lint, which leaves a core alone.
test: export PYTHONDONTWRITEBYTECODE =
test: $(READY) $(SLACK) ## what CI runs
	@$(MAKE) --no-print-directory -j2 lint collected
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

collected: $(READY)
	@$(BIN)/pytest --collect-only -qq >/dev/null || true

bench: $(READY) ## speed and scale, as ratios measured in one run (DATA=folder adds matching quality, SIZES="1000 1000000" libraries of so many passages)
	$(BIN)/python -m bench $(if $(DATA),--data $(DATA)) $(if $(SIZES),--sizes $(SIZES))

# txtai and Chroma stand in an environment of their own: they are compared with, and nothing of winwin needs them.
$(PEERS)/.ready: requirements/peers.txt requirements/torch.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/$(PIP_IN) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) $(TORCH)
	$(PEERS)/bin/$(PIP_IN) --no-deps --require-hashes -r requirements/peers.txt
	@touch $@

bench-matching: $(READY) $(PEERS)/.ready ## how well questions find their resource, beside other ways, on the sets in DATA (MPNET=its folder, PICTURE=file.png)
	$(BIN)/python -m bench.matching --data $(DATA) $(if $(MPNET),--mpnet $(MPNET)) $(if $(PICTURE),--picture $(PICTURE))

bench-safety: $(READY) ## recall and false alarms of triage on the sets in DATA
	$(BIN)/python -m bench.safety --data $(DATA)

soak: $(READY) $(SLACK) ## long fault and load runs
	HYPOTHESIS_PROFILE=searching $(BIN)/pytest -m soak --timeout 3600 -o addopts="-s -p no:simcord"
	HYPOTHESIS_PROFILE=searching $(BIN)/pytest -n auto --dist loadfile tests/bot tests/contracts tests/knowledge

lock: ## resolve the versions anew (needs uv); torch is left out on purpose
	uv pip compile $(LOCK) --output-file requirements/run.txt
	uv pip compile $(LOCK) --extra dev --constraints requirements/run.txt --output-file requirements/dev.txt
	uv pip compile requirements/peers.in $(HASHED) --overrides requirements/without-torch.txt --output-file requirements/peers.txt
	uv pip compile requirements/beside-torch.in $(HASHED) --constraints requirements/dev.txt --output-file requirements/beside-torch.txt

HASHED := --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade
LOCK := pyproject.toml $(HASHED) --overrides requirements/without-torch.txt

messages: $(READY) ## take new sentences into the catalogues; then translate bot/locale/es.po
	$(BIN)/pybabel --quiet extract --keyword say --no-location --output-file bot/locale/winwin.pot bot
	$(BIN)/pybabel --quiet update --locale es --input-file bot/locale/winwin.pot --output-file bot/locale/es.po

clean:
	rm -rf $(VENV) $(PEERS) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
