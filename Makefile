# Two commands matter: `make demo` opens a running simulated hall, `make test` runs all tests.
.DEFAULT_GOAL := help
HALLWARE := .venv/bin/hallware
RUN := .venv/bin
FOR :=
DEMO :=
FUZZ :=
BENCH :=
FAULTS := 200
SEED :=
EXAMPLES :=
ONLY :=
KILLS :=
SUITE :=
# Many containers forbid Python to keep what it has compiled; a hall of many processes then compiles everything at each start.
unexport PYTHONDONTWRITEBYTECODE

help: ## say what can be made
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: ## install what the demo needs
	@scripts/setup.sh demo

setup-test: ## install what the tests need
	@scripts/setup.sh test

demo: setup ## run a simulated hall (FOR=60: for 60 s, then check its figures; DEMO="--speed 4": more options)
	@$(HALLWARE) demo $(if $(FOR),--for $(FOR)) $(DEMO)

test: setup-test lint ## run every check and every test
	@echo "==> running the tests"
	@$(RUN)/pytest

test-313: setup-test ## the tests on Python 3.13, where the machine has it (ONLY="tests/keys tests/sim": only these)
	@scripts/test_other_python.sh 3.13 $(ONLY)

properties: setup-test ## try the costly properties with ten times as many examples (EXAMPLES=100: a hundred times)
	@EXAMPLES=$(or $(EXAMPLES),10) $(RUN)/pytest --timeout 3600 $$(grep -rl "import examples" tests --include="test_*.py")

lint: setup-test ## style, types and arrows between folders
	@echo "==> checking style, types and the arrows between folders"
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check --quiet .
	@$(RUN)/mypy
	@$(RUN)/lint-imports --no-logo

test-new-mosquitto: setup-test ## the tests of who gets in on Mosquitto 2.1, from Debian's next release (ONLY=tests/trust/test_access.py: only these)
	@scripts/test_new_mosquitto.sh $(ONLY)

bench: setup-test ## measure, each figure as a ratio to its baseline in the same run (BENCH="call --short": only that)
	@$(RUN)/python -m benchmarks $(BENCH)

vm-test: setup-test ## test on a whole Linux machine with systemd (SUITE=trixie: with that Debian; KILLS=100: that many power cuts; ONLY="-k printer")
	@scripts/setup.sh machine
	@$(HALLWARE) sim machine --build $(if $(SUITE),--os $(SUITE))
	@KILLS=$(KILLS) SEED=$(SEED) $(if $(SUITE),scripts/test_other_python.sh $(SUITE),$(RUN)/pytest) tests/vm -m vm -n 0 $(ONLY)

chaos: setup-test ## break a running hall at random and check what every layer recorded (FAULTS=30 SEED=7)
	@$(RUN)/python -m tests.chaos --faults $(FAULTS) $(if $(SEED),--seed $(SEED))

fuzz: ## try any bytes on every parser of a wire, guided by what they reach (FOR=300: seconds in all; FUZZ="sim-ff68": only that)
	@scripts/setup.sh fuzz
	@$(RUN)/python -m tests.fuzz --for $(or $(FOR),300) $(FUZZ)

scenarios: setup ## play the library of scenarios in simulated halls (report: build/scenarios.html)
	@$(HALLWARE) sim run --all --parallel 4 --html build/scenarios.html --junit build/scenarios.xml

wheels: ## make a node's wheels for 64-bit Raspberry Pi OS on any machine, and try them (SUITE=trixie: for that release alone)
	@SUITE=$(SUITE) scripts/make_arm64_wheels.sh

arm64-check: setup ## import everything that a node needs on a Raspberry Pi's processor, under QEMU (SUITE=trixie)
	@SUITE=$(SUITE) scripts/arm64_check.sh

docs: setup-test ## write the documents that are made from the contract
	@$(HALLWARE) topics --as markdown > docs/topics.md
	@$(HALLWARE) topics --as asyncapi > docs/asyncapi.json

pictures: setup-test ## take all pictures of the documents, in both languages (ONLY=page: every page, from a simulated hall on a busy morning)
	@for kind in $(or $(ONLY),board city demo page paper touch wiring); do $(RUN)/python -m scripts.make_$${kind}_pictures || exit 1; done

clean: ## take away what the commands above made
	@rm -rf .venv .venv-* .tools build var tests/npm/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: pictures help setup setup-test demo test test-313 test-new-mosquitto lint bench vm-test chaos fuzz scenarios wheels arm64-check docs clean properties
