# Everything a person types. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# What Python has compiled is kept, whatever the machine says: the tests start many processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo check fix test kill docs eval serve lock

help:  ## list these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(STAMP): requirements/dev.txt pyproject.toml
	@start=$$(date +%s); \
	$(PYTHON) -m venv .venv && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/uv.txt && \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt && \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps -e . && \
	touch $@ && echo "set-up: $$(( $$(date +%s) - start )) s"

demo: $(STAMP)  ## watch an attack contained, confirmed and reverted in a simulated organisation
	@$(BIN)/stanch demo

check: $(STAMP)  ## format, lint, types, floors, generated pages, tests: what CI runs
	$(BIN)/ruff format --check src tests bench docs
	$(BIN)/ruff check src tests bench docs
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python docs/generate.py --check
	$(BIN)/pytest

fix: $(STAMP)  ## format and mend what can be mended
	$(BIN)/ruff format src tests bench docs
	$(BIN)/ruff check --fix src tests bench docs

test: $(STAMP)  ## the fast tests only, without those that kill processes
	$(BIN)/pytest -m "not kill and not slow"

kill: $(STAMP)  ## the tests that kill processes, at every moment there is (long)
	STANCH_EVERY_MOMENT=1 $(BIN)/pytest -m kill

docs: $(STAMP)  ## write the generated pages under docs/
	$(BIN)/python docs/generate.py

eval: $(STAMP)  ## measure decision quality on the labelled set and write docs/evaluation.md (minutes; VARIANTS=n)
	$(BIN)/python docs/evaluate.py $(if $(VARIANTS),--variants $(VARIANTS))

serve: $(STAMP)  ## run the worker on the sources of stanch.toml until interrupted
	@$(BIN)/stanch serve

lock:  ## pin the dependencies again
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra lab --extra sigma --group dev pyproject.toml -o requirements/dev.txt
	grep -A99 '^uv==' requirements/dev.txt | awk 'NR==1 || /^    /{print; next} {exit}' > requirements/uv.txt
