# What CI runs is what people run. STACK chooses the environment everywhere.
STACK ?= local
SERVICE ?= iris
CLIENT ?=
PYTHON ?= python3
UV_VERSION := 0.13.8

# Without byte code every import takes two to three times as long.
unexport PYTHONDONTWRITEBYTECODE
export PULUMI_SKIP_UPDATE_CHECK := true

UV := .pulumi/tools/bin/uv
# The extras of each stack: what its targets need, and nothing of other clouds.
EXTRAS_local := local
EXTRAS_dev := aws
EXTRAS_staging := aws
EXTRAS_prod := aws
EXTRAS_kubernetes := kubernetes
EXTRAS = $(or $(EXTRAS_$(STACK)),$(error no extras are known for STACK=$(STACK); name them as EXTRAS_$(STACK) in the Makefile))
ENV = . ./env.sh &&
TEST_PYTHON := .venv-test/bin/python

.DEFAULT_GOAL := help
.PHONY: cluster ended help packages setup setup-test prepare-local up adopt down rehearse outputs key preview test check lint types layers soak bench docs lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 18

$(UV):
	@echo "setup: installing uv $(UV_VERSION) for this checkout"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "setup: Python is %s; it must be 3.11 or later: make PYTHON=python3.12 …" % sys.version.split()[0])'
	@$(PYTHON) -m venv .pulumi/tools && .pulumi/tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.$(STACK): pyproject.toml requirements.lock $(UV)
	@echo "setup: installing the packages of $(STACK) into .venv"; date +%s > .pulumi/began
	@test -x .venv/bin/python || $(UV) venv --quiet --seed --python "$$(command -v $(PYTHON))" .venv
	@$(UV) pip install --quiet --python .venv/bin/python --constraints requirements.lock --editable '.[$(EXTRAS)]'
	@# Where the official dynamic provider looks, which does not know `main:`.
	@ln -sfn ../.venv stacks/.venv
	@touch $@ && echo "setup: packages installed in $$(($$(date +%s) - $$(cat .pulumi/began))) s"

.venv-test/.installed: pyproject.toml requirements.lock $(UV)
	@echo "setup: installing every extra and the development tools into .venv-test"
	@test -x .venv-test/bin/python || $(UV) venv --quiet --seed --python "$$(command -v $(PYTHON))" .venv-test
	@$(UV) pip install --quiet --python $(TEST_PYTHON) --constraints requirements.lock --editable '.[aws,kubernetes,local]' --group dev
	@touch $@

packages: .venv/.$(STACK)
	@engine=$$($(PYTHON) tools/engine/engine.py --python .venv/bin/python) && mkdir -p .pulumi && ln -sfn "$$engine" .pulumi/engine
	@$(ENV) .venv/bin/python tools/workspace/backend.py $(STACK)

setup-test: .venv-test/.installed
	@engine=$$($(PYTHON) tools/engine/engine.py --python $(TEST_PYTHON)) && mkdir -p .pulumi && ln -sfn "$$engine" .pulumi/engine

prepare-local: packages
	@.venv/bin/python tools/workspace/samples.py local
prepare-%: packages ;

setup: prepare-$(STACK) ## Install what STACK needs into .venv, find or build the Pulumi CLI, make the stack

up: setup ## Bring STACK up and print how to use it
	@$(ENV) .venv/bin/python tools/workspace/up.py $(STACK)

preview: setup ## Show what `make up` would change
	@$(ENV) pulumi preview --stack $(STACK)

down: ## Destroy STACK; registered models stay in .modelberth/STACK/registry
	@if test -x .venv/bin/python; then $(ENV) .venv/bin/python tools/workspace/down.py $(STACK); else echo "down: nothing was set up here"; fi

adopt: setup ## After a cut-off run against AWS: take what it made and did not record under STACK's control
	@$(ENV) .venv/bin/python tools/workspace/adopt.py $(STACK)

rehearse: setup-test ## Bring STACK up on the real engine against a stand-in AWS, or a real Kubernetes API server, and take it down again
	@$(ENV) $(TEST_PYTHON) tools/workspace/rehearse.py $(STACK)

outputs: ## Print STACK's outputs as JSON, secrets shown
	@$(ENV) .venv/bin/python tools/workspace/outputs.py $(STACK)

key: ## Print the header with the API key of SERVICE (and CLIENT)
	@$(ENV) .venv/bin/python tools/workspace/outputs.py $(STACK) key $(SERVICE) "$(CLIENT)"

cluster: setup-test ## Find or build the programs of the control plane that tests run
	@$(TEST_PYTHON) tools/cluster/build.py

test: setup-test lint types layers cluster ## Everything that CI runs: lint, types, import contracts, tests
	@$(ENV) $(TEST_PYTHON) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --ignore-glob='tests/engine/test_*.py'
	@# Real servers on this machine, some of them timed: one after the other.
	@$(ENV) $(TEST_PYTHON) -m pytest tests/engine/test_*.py

check: setup-test ## Rules and cost of STACK, without engine and cloud
	@$(ENV) $(TEST_PYTHON) -m modelberth.cli.main check --stack $(STACK)

lint: setup-test
	@.venv-test/bin/ruff check . && .venv-test/bin/ruff format --check .

types: setup-test
	@.venv-test/bin/pyright --pythonpath $(TEST_PYTHON)

layers: setup-test
	@PYTHONPATH=components:policies .venv-test/bin/lint-imports

soak: setup-test ## The full counts of every kill and load test; prints its figures
	@$(ENV) MODELBERTH_SOAK=1 $(TEST_PYTHON) -m pytest -m soak -s

bench: setup-test ## Side-by-side measurements; prints ratios
	@$(ENV) for file in benchmarks/bench_*.py; do $(TEST_PYTHON) $$file; done

docs: setup-test ## Write anew what is generated: README's matrix, docs/reference, the configuration's JSON schema
	@PYTHONPATH=tools:components:policies $(TEST_PYTHON) -m docs.generate

lock: $(UV) ## Resolve every version anew into requirements.lock
	@$(UV) lock --quiet --upgrade && $(UV) export --quiet --frozen --all-extras --all-groups --no-emit-project --no-annotate --no-header --output-file requirements.lock

# Without .venv nothing could be ended, and its files must stay to find it by.
ended:
	@test -x .venv/bin/python || test ! -d .modelberth || { echo "clean: .venv is gone, so what runs cannot be ended; run 'make setup' first"; exit 1; }
	@$(MAKE) --no-print-directory down

clean: ended ## Destroy STACK, then remove environments, state and models
	@rm -rf .venv .venv-test .pulumi .modelberth stacks/config/pins.local.yaml
