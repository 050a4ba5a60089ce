# The commands that people type. `make demo` and `make test` do all the set-up themselves.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY)  ## show the main job on embedded simulators, every promise checked
	@$(BIN)/akb-sync demo

test: lint docs unit simulated faults conformance e2e  ## lint, types, layers, the manual, and every test that this machine can

check: lint unit  ## the fast inner loop: lint, types, layers, pure tests

lint: $(READY)  ## ruff, mypy (strict) and the import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

docs: $(READY)  ## build the manual into build/site; a broken link or a stale page is an error
	$(BIN)/python docs/generate.py --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

unit: $(READY)  ## the pure tests
	$(PYTEST) tests/unit

simulated: $(READY)  ## the tests against both simulators
	$(PYTEST) tests/simulated

conformance: ansible  ## the APIC simulator and clients that nobody here wrote: Ansible's cisco.aci and others
	$(PYTEST) tests/conformance

# Without a package index this says so in one line and its tests are left out; under CI=true it is an error.
ansible: $(READY)  ## install Ansible for the conformance tests (once, into .cache)
	@$(BIN)/python tests/conformance/ansible/environment.py || test $$? -eq 3

sbom: $(READY)  ## write build/akb-sync.cdx.json: a CycloneDX list of what users install
	@$(BIN)/python -m supply_chain.sbom

# Ends with 1 for a known weakness; with 3 where the advisory database cannot be asked, which fails nothing here.
audit: $(READY)  ## hold every pinned package against the public advisory database
	@$(BIN)/python -m supply_chain.audit || test $$? -eq 3

bench: $(READY)  ## time, memory and requests against the bounds and against other ways to do it (20 minutes)
	$(BIN)/python -m benchmarks

mutants: $(READY)  ## take out each guard in turn: the tests that it names have to turn red (nightly)
	$(BIN)/python -m tests.mutation

PROFILE ?= ci
faults: $(READY)  ## a fault at every point of ten stories, the rows of faults, the proxy (PROFILE=nightly: all points)
	AKB_SYNC_FAULTS=$(PROFILE) $(PYTEST) tests/faults

e2e: control-plane  ## the tests against a real control plane and real processes (needs Go; FULL=1: hours, all of it)
	$(PYTEST) tests/e2e

matrix: control-plane  ## of these, the story matrix and the scale tests (FULL=1: every story at every moment)
	$(PYTEST) tests/e2e/matrix tests/e2e/scale

lab: control-plane  ## leave a real control plane, an APIC simulator and the engine running, to try things by hand
	@$(BIN)/python -m tests.e2e.run_lab

# Without Go this says so in one line and the e2e tests are left out; under CI=true it is an error.
control-plane: $(READY)  ## build etcd, Kubernetes, kwok and MetalLB for the e2e tests (minutes, once)
	@$(BIN)/python tests/e2e/controlplane/build.py || test $$? -eq 3

format: $(READY)  ## put the code into its canonical form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove everything that was built
	rm -rf $(VENV) .cache build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(READY): requirements.txt setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "akb-sync needs Python 3.11 or newer, this is " + sys.version)'
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.PHONY: help demo test check lint docs unit simulated conformance ansible sbom audit bench mutants faults e2e matrix control-plane lab format clean
