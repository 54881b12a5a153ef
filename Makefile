# Two commands: `make run` and `make test`. Everything else is for those who change the code.
# Needs Python 3.11, make, gcc and a package registry.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= $(or $(shell command -v python3.11),python3)
PORT ?= 3000
BIN := .venv/bin
ENV := .venv/.made
# Idle threads sleep instead of spinning on cores that others need (store/threads.py).
export OMP_WAIT_POLICY ?= PASSIVE
# Compiled modules are kept: each of the many processes would compile thousands of files anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check format bench bench-models bench-features bench-plan bench-full env requirements wheel mlflow clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# --- The environment ---------------------------------------------------------------------------------------------

env: $(ENV)  ## .venv from the pinned, hash-checked requirements

$(ENV): requirements.txt requirements-uv.txt pyproject.toml tools/environment.sh
	@echo "environment: installing what requirements.txt pins into .venv"
	@rm -f $@
	@UV_COMPILE_BYTECODE=1 tools/environment.sh $(PYTHON) .venv --editable .
	@touch $@

requirements: $(ENV)  ## pin again, with hashes and without download addresses; UPGRADE=1 takes newer versions
	$(BIN)/uv pip compile pyproject.toml --quiet --generate-hashes --all-extras --no-emit-index-url \
		--no-annotate --no-header --system-certs $(if $(UPGRADE),--upgrade) --output-file requirements.txt

# --- The main job ------------------------------------------------------------------------------------------------
# What a step made is dated by a stamp that is written last, so an interrupted step is done again.

STAMPS := var/stamps
IMPORT_CODE := $(wildcard store/*.py store/contracts/*.py domain/*.py)
SIMULATOR := $(wildcard simulator/*.py simulator/*/*.py)
TRAIN_CODE := $(wildcard features/*.py features/*/*.py models/*.py models/*/*.py training/*.py)
SETTINGS := $(wildcard lanewise.toml)
PLAN_CODE := $(wildcard decisions/*.py optimization/*.py optimization/*/*.py governance/*)

run: $(STAMPS)/plan-flights $(STAMPS)/plan-network  ## real flights, a simulated network: train, plan; serve on port 3000
	@tools/what_is_there.sh $(PORT)
	@exec $(BIN)/lanewise serve var/data/flights --port $(PORT)

$(STAMPS)/import: $(wildcard examples/flights/*) $(IMPORT_CODE) requirements.txt | $(ENV)
	@mkdir -p $(@D)
	$(BIN)/lanewise import examples/flights --out var/data/flights
	@touch $@

$(STAMPS)/simulate: $(SIMULATOR) $(IMPORT_CODE) requirements.txt | $(ENV)
	@mkdir -p $(@D)
	$(BIN)/lanewise simulate --out var/data/network --truth-sample 500
	@touch $@

# The data as trained on: new only where an import or a simulation brought other rows.
$(STAMPS)/flights.json: $(STAMPS)/import
$(STAMPS)/network.json: $(STAMPS)/simulate
$(STAMPS)/%.json:
	@cmp --quiet var/data/$*/manifest.json $@ || cp var/data/$*/manifest.json $@

$(STAMPS)/train-%: $(STAMPS)/%.json $(TRAIN_CODE) $(SETTINGS)
	$(BIN)/lanewise train var/data/$*
	@touch $@

$(STAMPS)/plan-flights: MOMENT := 2013-12-23T17:00:00Z
$(STAMPS)/plan-network: MOMENT := 2024-12-10T16:00:00Z
$(STAMPS)/plan-%: $(STAMPS)/train-% $(PLAN_CODE) $(SETTINGS) $(wildcard policy.toml)
	@mkdir -p var/plans
	$(BIN)/lanewise plan var/data/$* --as-of $(MOMENT) --out var/plans/$*.json --html var/plans/$*.html
	@touch $@

.PRECIOUS: $(STAMPS)/%.json $(STAMPS)/train-% $(STAMPS)/plan-%

# --- Checks ------------------------------------------------------------------------------------------------------

test: $(ENV)  ## every test, in two processes
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(ENV)  ## format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

format: $(ENV)  ## mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

wheel: $(ENV)  ## build, look inside, install elsewhere, run
	@tools/check_wheel.sh

# --- Benchmarks --------------------------------------------------------------------------------------------------

BENCHED := flights cargo2000 cargo2000-legs ttc-bus-delays yourcabs

bench: bench-models bench-features bench-plan  ## the tables that README and docs/measured.md quote

bench-models: $(ENV)  ## of these: how good, how sure and how fast models are, drift, what training costs
	@sets=$$(tools/bench_data.sh $(BENCHED)); $(BIN)/python -m benchmarks.quality var/bench $$sets
	@$(BIN)/python -m benchmarks.calibrated var/bench $$(tools/bench_data.sh flights) network
	@$(BIN)/python -m benchmarks.scoring
	@$(BIN)/python -m benchmarks.market_turn var/bench/turning
	@$(BIN)/python -m benchmarks.drift var/bench/drift
	@test -f var/bench/million/manifest.json || \
		$(BIN)/lanewise simulate --shipments 1000000 --truth-sample 0 --seed 20302 --out var/bench/million
	@$(BIN)/python -m benchmarks.training_cost var/bench/million

bench-features: $(ENV)  ## of these: the simulated network, the history engine, the feature matrix
	@$(BIN)/python -m benchmarks.freight_facts var/bench/simulated
	@$(BIN)/python -m benchmarks.feature_engine
	@$(BIN)/python -m benchmarks.engine_matrix

bench-plan: $(ENV)  ## of these: the joint plan, its questions, docks and fleet
	@$(BIN)/python -m benchmarks.joint_plan --sizes 1000 10000 100000 300000 --everything --limit 120
	@$(BIN)/python -m benchmarks.plan_questions
	@$(BIN)/python -m benchmarks.docks_and_fleet

bench-full: $(ENV)  ## the same, ten million shipments, models over seeds, beside the ideal forecaster and AutoML; a dated table
	@mkdir -p var/bench/tables
	@{ $(MAKE) --no-print-directory bench && $(BIN)/python -m benchmarks.engine_matrix --ten-million && \
		$(BIN)/python -m benchmarks.rise var/bench $$(tools/bench_data.sh $(BENCHED)) && \
		$(BIN)/python -m benchmarks.state_size && $(BIN)/python -m benchmarks.beyond_memory && \
		$(BIN)/python -m benchmarks.calibration var/bench $$(tools/bench_data.sh $(BENCHED)) && \
		$(BIN)/python -m benchmarks.against_the_ideal var/bench/simulated && \
		$(BIN)/python -m benchmarks.automl var/bench $$(tools/automl_environment.sh $(PYTHON) var/automl) 300; } | \
		tee var/bench/tables/$$(date -u +%Y-%m-%d)-$$(git rev-parse --short HEAD).md

mlflow: $(ENV)  ## MLflow's pages over the runs, on port 5000, reporting nothing home
	@echo 'MLflow opens on its pages for language models; those of the runs: http://127.0.0.1:5000/#/experiments?workflowType=machine_learning'
	MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true $(BIN)/mlflow ui --backend-store-uri sqlite:///mlruns/mlflow.db

clean:  ## remove what was made: environment, data, models, plans, runs
	rm -rf .venv var dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find mlruns -mindepth 1 -not -name README.md -not -name .gitignore -delete
