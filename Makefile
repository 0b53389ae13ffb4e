# make demo      the main job on rendered footage: table and report
# make test      the whole suite, on up to 4 cores
# make quick     the suite without slow tests and browser tests: under a minute
# make check     ruff and the type checker
# make pictures  README's animation, picture and table, all of the demo; needs Chromium
# make benchmark speed against plain code, into benchmarks/results.json and docs/performance.md; an hour
# make bench     what each stage reaches on this machine; benchmarks that need arguments say so

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo pictures test quick check benchmark bench clean

# Threads that wait for work sleep: by default OpenMP's wait in a loop, which takes the processor from the others.
demo: $(READY)
	OMP_WAIT_POLICY=PASSIVE OPENBLAS_NUM_THREADS=1 $(BIN)/scenewise demo --config examples/demo.toml --out runs/demo

pictures: demo
	$(BIN)/python docs/make_pictures.py runs/demo

test: $(READY)
	$(BIN)/pytest -n auto --maxprocesses 4

quick: $(READY)
	$(BIN)/pytest -n 2 -m 'not slow and not browser'

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmark: $(READY)
	cd benchmarks && ../$(BIN)/python -m performance

bench: $(READY)
	for script in benchmarks/*.py; do $(BIN)/python $$script || [ $$? -eq 2 ] || exit 1; done

# The virtual environment is complete once .ready is there; it is made anew when the requirements change.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Scenewise needs Python 3.11 or newer")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(READY)

clean:
	rm -rf .venv runs .pytest_cache .mypy_cache .ruff_cache .hypothesis
