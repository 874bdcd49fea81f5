# Each target makes .venv and installs what it needs, with plain venv and pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check smoke bench bench-large test-slow toolchain clean

demo: $(VENV)/.all
	$(BIN)/dejavu demo

test: check smoke
	$(BIN)/pytest -n 2 -m "not slow and not bench"

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The built wheel in an environment of its own: three packages, no developer's tools, no torch.
smoke: $(VENV)/.dev
	rm -rf build/smoke
	$(BIN)/python -m build --no-isolation --wheel --outdir build/smoke . > /dev/null
	$(BIN)/check-wheel-contents build/smoke/*.whl
	$(PYTHON) -m venv build/smoke/venv
	build/smoke/venv/bin/pip install --quiet build/smoke/*.whl
	cd build/smoke && venv/bin/python ../../tests/smoke.py

test-slow: $(VENV)/.dev
	$(BIN)/pytest -m slow

bench: $(VENV)/.dev
	$(BIN)/pytest -m "bench and not large" -s

# Searches of up to 13 GB of vectors: half an hour, 14 GB of disk.
bench-large: $(VENV)/.dev
	$(BIN)/pytest -m large -s

$(VENV)/.all: pyproject.toml | toolchain
	@echo "installing into $(VENV): a few minutes, torch is large"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[all]'
	touch $@

$(VENV)/.dev: pyproject.toml | toolchain
	@echo "installing into $(VENV): a few minutes, torch is large"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[all,dev]'
	touch $@ $(VENV)/.all

toolchain:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "dejavu needs Python 3.11 or newer; say which with: make PYTHON=python3.12 demo" >&2; exit 1; }
	@command -v c++ > /dev/null || command -v g++ > /dev/null || command -v clang++ > /dev/null || \
	  { echo "hnswlib comes as source and needs a C++ compiler and the Python headers: install g++ (Debian: apt install g++ python3-dev)" >&2; exit 1; }
	@$(PYTHON) -c 'import pathlib, sys, sysconfig; sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").is_file())' || \
	  { echo "hnswlib comes as source and needs a C++ compiler and the Python headers: install python3-dev (Fedora: python3-devel)" >&2; exit 1; }

clean:
	rm -rf $(VENV) build dist *.egg-info
