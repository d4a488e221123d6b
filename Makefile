# `make demo` and `make test` are all that a newcomer needs. Every target first does its own set-up,
# inside this folder (.venv), says what it is doing, and finds it done the next time.
#
#   make demo    two rendered people through the whole program, kept in recordings/: in a window,
#                or in the terminal where there is no display (DEMO_SECONDS=20 makes it stop then)
#   make test    every test, on all cores (PYTEST="-k clock -x" passes options on)
#   make soak    the long ones of them: eight hours simulated, a hundred killed sessions,
#                and a minute of fuzzing for each thing that reads what a stranger wrote
#   make lint    style, types and the import contracts
#   make bench   the side-by-side measurements of benchmarks/
#   make screenshots    the README's pictures of the window, into docs/
#   make lock    choose the newest versions again and pin them in constraints.txt
#   make clean   remove the environment and the caches; recordings and the pose model stay
#
# PYTHON=/path/to/python picks the Python to use; without it the newest one found is.

VENV := .venv
BIN := $(VENV)/bin
# setuptools warns of editable installations as such; that is what is wanted here.
INSTALL := PYTHONWARNINGS='ignore:Editable installation' \
    $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt

.PHONY: help demo test soak lint bench screenshots lock clean model

help:
	@sed -n 's/^# \{0,1\}//; 1,/^PYTHON/p' Makefile

demo: $(VENV)/.mirror
	@echo "== Running the demo"
	$(BIN)/python -m mirror demo $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS))

test: $(VENV)/.dev model
	@echo "== Running the tests"
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(PYTEST)

soak: $(VENV)/.dev model
	@echo "== Fuzzing, killing a hundred sessions, running one of eight hours; this takes half an hour"
	MIRROR_KILLS=100 MIRROR_SOAK_HOURS=8 MIRROR_FUZZING_SECONDS=60 $(BIN)/python -m pytest -s \
	    tests/fuzzing tests/test_killed.py tests/test_soak.py $(PYTEST)

lint: $(VENV)/.dev
	@echo "== Looking at style, types and imports"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev model
	@echo "== Measuring; this takes some minutes"
	$(BIN)/python -m benchmarks

screenshots: $(VENV)/.mirror model
	@echo "== Taking pictures of the window"
	$(BIN)/python docs/screenshots.py

# Any trace but the last line, which names the fix, would be noise here.
model: $(VENV)/.dev
	@$(BIN)/python -u -c 'import sys; sys.tracebacklimit = 0; \
	from mirror.capture.pose_model import provide_model; provide_model(announce=print)'

# A shell that leaves in $$python the first Python that is new enough, or nothing. Names that exist
# but do not run (a version manager's) are passed over.
find_python = for python in $(PYTHON) python3.13 python3.12 python3.11 python3 ""; do \
	    if [ -z "$$python" ] || "$$python" -c \
	      'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; done

# What the system itself must have. The stamp holds the Python that was chosen.
$(VENV)/.system: mirror/_support/system_libraries.py
	@$(find_python); \
	if [ -z "$$python" ]; then \
	    echo "mirror needs Python 3.11 or newer, and found none; install one, or name it:" \
	        "make PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	echo "== Using $$("$$python" --version) ($$python)"; \
	packages=$$("$$python" -I mirror/_support/system_libraries.py) || exit 1; \
	if [ -z "$$packages" ]; then :; \
	elif ! command -v apt-get >/dev/null; then \
	    echo "== This system lacks some libraries. Should the next steps fail, install its" \
	        "equivalents of these Debian packages: $$packages"; \
	elif [ "$$(id -u)" -eq 0 ]; then \
	    echo "== Installing system packages: $$packages"; \
	    apt-get update -q && DEBIAN_FRONTEND=noninteractive \
	        apt-get install -q -y --no-install-recommends $$packages || exit 1; \
	else \
	    echo "Some system packages are missing. Run this once, then make again:" >&2; \
	    echo "  sudo apt-get update && sudo apt-get install -y $$packages" >&2; exit 1; \
	fi; \
	mkdir -p $(VENV) && echo "$$python" >$@

$(VENV)/.created: | $(VENV)/.system
	@echo "== Making a local Python environment in $(VENV)"
	@"$$(cat $(VENV)/.system)" -m venv $(VENV)
	@touch $@

# pip goes first, by itself: it should not replace itself in the middle of other work.
$(VENV)/.mirror: pyproject.toml constraints.txt $(VENV)/.created
	@echo "== Installing mirror and the packages it needs"
	@$(INSTALL) pip
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.mirror
	@echo "== Installing the packages that the tests and the linters need"
	@$(INSTALL) --editable '.[dev]'
	@touch $@

# In an environment of its own, so that nothing already installed decides. The oldest Python that is
# supported must choose: what a newer one chooses may not exist for it.
lock: $(VENV)/.created
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	    echo "Pins are chosen on Python 3.11: make clean, then make lock PYTHON=python3.11" >&2; \
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
