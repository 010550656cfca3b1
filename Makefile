# Horizon. Two commands: `make run` and `make test`. PYTHON names the interpreter (3.11 or newer) that the .venv is made of.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501
WORKERS ?= auto
TIMES ?= 10

unexport PYTHONDONTWRITEBYTECODE  # else every process that the tests start compiles everything anew

.PHONY: run dev test lint types check claims faults bench load results pictures clean

run: .venv/app
	$(BIN)/streamlit run streamlit_app.py --server.port $(PORT)

dev: .venv/app
	$(BIN)/streamlit run streamlit_app.py --server.port $(PORT) --server.fileWatcherType auto

test: lint types check

lint: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/tests
	$(BIN)/pyright

check: .venv/tests
	-$(BIN)/python -m tests.browser.chromium
	-$(BIN)/python -m tests.hosting.nginx
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

claims: WORKERS = 2
claims: .venv/tests
	$(BIN)/python -m pytest -m claim -n $(WORKERS) --dist loadfile tests/claims

faults: .venv/tests
	for time in $$(seq $(TIMES)); do $(BIN)/python -m pytest -m fault || exit 1; done

bench: .venv/tests
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.hosting.nginx
	$(BIN)/python -m tests.bench

load: .venv/tests
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.load all
	$(BIN)/python -m tests.load browse --visitors 20 --chromium 3

results: .venv/app
	$(BIN)/python -m lib results
	$(BIN)/python -m dashboard pictures

pictures: .venv/app
	$(BIN)/python -m dashboard pictures

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis

.venv/app: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Horizon needs Python 3.11 or newer; got " + sys.version.split()[0] + "; name another one: make PYTHON=python3.12 run")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/tests: .venv/app tests/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps torchattacks==3.5.1
	@touch $@
