# make book   builds the book         make test   checks everything but the browser
# PYTHON=... names another interpreter. Only the tests need TensorFlow Quantum (more than half of
# the disk), to compare with: TFQ=0 leaves it out there, too, TFQ=1 installs it everywhere.

# The first that runs: a version manager's shim may be there and not work.
PYTHON ?= $(shell for p in python3.11 python3.12 python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# A core that runs out of tests takes half of what another has left.
OVER_ALL_CORES := $(BIN)/pytest --numprocesses=logical --maxprocesses=8 --dist=worksteal

# Tests, notebooks and studies run in one process a core; more threads would only take turns.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

# Two targets install: not at once.
.NOTPARALLEL:
.PHONY: headline book test lint test-browser lab pdf class release rehearse data study notebooks bench lock setup everything clean

book: setup
	@$(BIN)/python tools/book.py
	@$(BIN)/python tools/launch.py --downloads

test: everything lint
	rm -rf _build/.doctrees
	$(BIN)/python tools/book.py
	$(OVER_ALL_CORES) tests --ignore=tests/browser
	PYTHONPATH=tools $(BIN)/pytest -p replay --nbval-lax -p no:cacheprovider book

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test-browser: book
	$(OVER_ALL_CORES) tests/browser

# Opens copies of the chapters that are plain Markdown; with SOURCES=1 the sources, for writing.
lab: setup
ifdef SOURCES
	$(BIN)/jupyter lab book
else
	$(BIN)/python tools/launch.py
	JUPYTER_CONFIG_PATH=$(CURDIR)/tools/launching $(BIN)/jupyter lab _build/launch/book/index.ipynb
endif

# One file of all pages; needs Chromium.
pdf: book
	$(BIN)/python tools/pdf.py

# Notebooks for a class: exercises alone, and apart from them solutions.
class: book
	$(BIN)/python tools/classroom.py

# All that is worth keeping, with checksums.
release: pdf class
	$(BIN)/python tools/release.py

# Does what Binder does with HEAD, in an environment of its own, and runs three chapters there.
rehearse: setup
	$(BIN)/python tools/rehearse_binder.py

# Trains again what data/ keeps.
data: setup
	$(BIN)/python tools/make_data.py
	$(BIN)/python tools/by_design.py
	$(BIN)/python tools/make_tables.py
	$(BIN)/python tools/make_networks.py
	$(BIN)/python tools/make_digits.py
	$(BIN)/python study/train.py

# Runs the comparison; after a kill it goes on where it stopped. With METHOD=, MODEL= or TASK= and
# the path of a file it judges that instead, beside what is there.
study: setup
ifneq ($(METHOD)$(MODEL)$(TASK),)
	$(BIN)/python study/enter.py $(if $(METHOD),--method "$(METHOD)") \
		$(if $(MODEL),--model "$(MODEL)") $(if $(TASK),--task "$(TASK)") $(WORDS)
else
	$(BIN)/python study/run.py
endif

# Draws the README's picture again.
headline: setup
	$(BIN)/python tools/headline.py

# Refreshes the text outputs that nbval compares with, then the table of how claims came out; if
# that changes, what the last chapter of part IV says of it is old, and this has to run again.
notebooks: setup
	$(BIN)/python tools/notebooks.py
	$(BIN)/python tools/verdicts.py

# Times the library beside its peers; an environment of its own, with gigabytes of PyTorch.
# The first three run with the threads that everything takes by default, as for a user.
bench:
	@$(PYTHON) tools/install.py --bench
	for part in run arithmetic threads; do \
		env -u OPENBLAS_NUM_THREADS -u OMP_NUM_THREADS \
			.venv-bench/bin/python benchmarks/$$part.py || exit 1; \
	done
	.venv-bench/bin/python benchmarks/game.py
	.venv-bench/bin/python benchmarks/shots.py
	.venv-bench/bin/python benchmarks/recipes.py
	.venv-bench/bin/python benchmarks/dialects.py
	.venv-bench/bin/python benchmarks/crossing.py
	.venv-bench/bin/python benchmarks/growth.py
	.venv-bench/bin/python benchmarks/scale.py
	.venv-bench/bin/python benchmarks/quantus_metrics.py
	.venv-bench/bin/python benchmarks/classical.py

# Resolves pyproject.toml anew; needs uv.
lock:
	tools/lock.sh

setup:
	@TFQ=$(TFQ) $(PYTHON) tools/install.py

everything:
	@TFQ=$(or $(TFQ),1) $(PYTHON) tools/install.py

clean:
	rm -rf _build .venv .venv-bench
