# `make demo` and `make test` need nothing but git, make and Python 3.11. Every target first sets up
# what it needs inside this folder (.venv), reports each step, and skips it the next time.
#
#   make demo    two rendered people through the whole program, recorded in recordings/: in the
#                window, or in the terminal if there is no display or with NO_WINDOW=1 (where
#                DEMO_SECONDS=20 stops it); downloads 58 MB from apt, 300 MB of wheels and 35 MB for the model
#   make test    all tests, four at a time, and the coverage of the modules that must be covered whole;
#                PYTEST="tests/estimator -x" runs some of them, without coverage
#   make soak    long tests, an hour on two cores: eight simulated hours, a hundred killed sessions, a
#                minute of fuzzing for each reader of foreign files, a disk that fails at every call,
#                ten thousand short sessions in which everything happens, and all random cases of
#                the tests of estimator and identity
#   make lint    style, types and layers
#   make bench   the timings of benchmarks/, into results.json there and the table of the README;
#                OLD=FOLDER measures another checkout beside this one, and `make bench-quick` runs
#                once through the smallest of them
#   make screenshots    the README's pictures of the window, into docs/
#   make lock    choose the newest versions again and pin them in constraints.txt
#   make clean   remove the environment and the caches; recordings and the pose model stay
#
# PYTHON=/path/to/python chooses the Python; without it, the newest one found is used.

ifneq ($(PYTHON),)
ifeq ($(shell command -v "$(PYTHON)"),)
$(error PYTHON=$(PYTHON) was not found; give the path of Python 3.11 or newer)
endif
endif

VENV := .venv
BIN := $(VENV)/bin
# setuptools warns about editable installations; this one is intended.
INSTALL := PYTHONWARNINGS='ignore:Editable installation' \
    $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt

.PHONY: help demo test soak lint bench bench-quick screenshots lock clean model

help:
	@sed -n 's/^# \{0,1\}//; 1,/^PYTHON/p' Makefile

demo: $(VENV)/.mirror
	@echo "== Running the demo"
	$(BIN)/python -m mirror demo $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS)) $(if $(NO_WINDOW),--no-window)

# Four processes on two cores: some tests wait for real time. What they, IPython and the BIDS
# validator leave is deleted. Bytecode is kept: the tests start the program hundreds of times.
test: $(VENV)/.dev model
	@echo "== Running the tests"
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT INT TERM && chmod 755 "$$folder" && \
	env -u PYTHONDONTWRITEBYTECODE \
	    TMPDIR="$$folder" IPYTHONDIR="$$folder/ipython" DENO_DIR="$$folder/deno" \
	    $(BIN)/python -m pytest --numprocesses 4 --dist worksteal \
	    $(or $(PYTEST),--cov --cov-report=term)

soak: $(VENV)/.dev model
	@echo "== Running the long tests (an hour on two cores; figures at the end)"
	MIRROR_KILLS=100 MIRROR_SOAK_HOURS=8 MIRROR_FUZZING_SECONDS=60 MIRROR_FAULTS=all \
	    MIRROR_SESSIONS=10000 MIRROR_CASES=all \
	    $(BIN)/python -m pytest --numprocesses 2 --dist worksteal -rP --show-capture=stdout \
	    tests/fuzzing tests/cli/test_killed.py tests/cli/test_soak.py \
	    tests/recording/test_faults.py tests/recording/test_hostile_recordings.py \
	    tests/session/test_simulator.py tests/estimator tests/capture/test_hostile_files.py \
	    tests/identity/test_assignment.py $(PYTEST)

lint: $(VENV)/.dev
	@echo "== Checking style, types and layers"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev model
	@echo "== Running the benchmarks (some minutes)"
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.goals $(OLD) --readme README.md

bench-quick: $(VENV)/.dev
	@echo "== Running the shortest benchmarks"
	$(BIN)/python -m benchmarks.goals --rounds 1 --hours 0.05 --dyads 8 --output /dev/null

screenshots: $(VENV)/.mirror model
	@echo "== Taking screenshots"
	PYTHONPATH=. $(BIN)/python docs/screenshots.py

# Without a traceback: the last line names the fix.
model: $(VENV)/.dev
	@$(BIN)/python -u -c 'import sys; sys.tracebacklimit = 0; \
	from mirror.capture.pose_model import provide_model; provide_model(announce=print)'

# Sets $$python to the first Python that is new enough, or to nothing. Names that exist but do not run
# (shims of a version manager) are skipped.
find_python = for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3) ""; do \
	    if [ -z "$$python" ] || "$$python" -c \
	      'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; done

# System packages. The stamp file holds the path of the chosen Python.
$(VENV)/.system: mirror/_support/system_libraries.py
	@$(find_python); \
	if [ -z "$$python" ]; then \
	    echo "$(if $(PYTHON),$(PYTHON) is older than Python 3.11 or does not run,No Python was found);" \
	        "mirror needs 3.11 or newer: make PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import platform as p, sys; sys.exit((p.system(), p.machine()) not in \
	    {("Linux", "x86_64"), ("Darwin", "arm64"), ("Windows", "AMD64")} or \
	    (p.system() == "Linux" and p.libc_ver()[0] != "glibc"))'; then \
	    echo "mirror runs on Linux x86-64 with glibc 2.28 or newer, macOS on Apple silicon and" \
	        "Windows x86-64: mediapipe 0.10.33 has no wheel for anything else" >&2; exit 1; \
	fi; \
	echo "== Using $$("$$python" --version) ($$python)"; \
	packages=$$("$$python" -I mirror/_support/system_libraries.py) || exit 1; \
	if [ -z "$$packages" ]; then :; \
	elif ! command -v apt-get >/dev/null; then \
	    echo "== Some system libraries are missing. If the next steps fail, install the" \
	        "equivalents of these Debian packages: $$packages"; \
	elif [ "$$(id -u)" -eq 0 ]; then \
	    echo "== Installing system packages: $$packages"; \
	    apt-get update -q && DEBIAN_FRONTEND=noninteractive \
	        apt-get install -q -y --no-install-recommends $$packages || exit 1; \
	else \
	    echo "Some system packages are missing. Run this once, then run make again:" >&2; \
	    echo "  sudo apt-get update && sudo apt-get install -y $$packages" >&2; exit 1; \
	fi; \
	mkdir -p $(VENV) && echo "$$python" >$@

$(VENV)/.created: | $(VENV)/.system
	@echo "== Creating a Python environment in $(VENV)"
	@"$$(cat $(VENV)/.system)" -m venv $(VENV)
	@touch $@

# pip first, by itself: it should not replace itself during another installation.
$(VENV)/.mirror: pyproject.toml constraints.txt $(VENV)/.created
	@echo "== Installing mirror and its dependencies"
	@$(INSTALL) pip && $(INSTALL) --editable . || { echo "== mirror could not be installed (see above)." \
	    "It needs the package index once: connect to the internet and run make again" >&2; exit 1; }
	@touch $@

$(VENV)/.dev: $(VENV)/.mirror
	@echo "== Installing the dependencies of tests and linters"
	@$(INSTALL) --editable '.[dev]'
	@touch $@

# In an empty environment, so that nothing installed already decides. On the oldest supported Python:
# versions that a newer one chooses may not exist for it.
lock: $(VENV)/.created
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	    echo "Versions are pinned on Python 3.11: make clean, then make lock PYTHON=python3.11" >&2; \
	    exit 1; }
	@echo "== Choosing versions"
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(BIN)/python -m venv "$$folder" && \
	"$$folder/bin/python" -m pip install --quiet --upgrade pip && \
	"$$folder/bin/python" -m pip install --editable '.[dev]' && \
	{ \
	    echo "# Exact versions of everything that mirror and its tests install."; \
	    echo "# Made by \`make lock\`, which installs the newest versions that pyproject.toml allows"; \
	    echo "# into an empty environment on Python 3.11 and lists them. Do not edit."; \
	    "$$folder/bin/python" -m pip freeze --all --exclude-editable \
	        --exclude setuptools --exclude wheel; \
	} >"$$folder/constraints.txt" && \
	cp "$$folder/constraints.txt" constraints.txt
	@echo "== Pinned in constraints.txt"

clean:
	rm -rf $(VENV) build ./*.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache \
	    .hypothesis
	find mirror ui tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +
