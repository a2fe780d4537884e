# `make demo` shows the whole way, `make check` is what to run before each commit, `make test` what must pass. Each sets up what it needs.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

ARCHITECTURE := $(patsubst armv%l,arm,$(shell uname -m))
BINARY := dist/matrix_access_token
IN_COLLECTION := ansible/plugins/modules/__bin/linux_$(ARCHITECTURE)/matrix_access_token
COLLECTIONS := $(CURDIR)/.cache/collections
VENV := .venv/.installed
GALAXY := .cache/galaxy/.installed
MITOGEN := .cache/mitogen/.installed
# Those of the versions in tests/ansible_cores/ansible_cores.py that whatever runs Ansible is run on.
CORES ?= oldest newest
export CORES

# Those that a release is made for: `all`, or `make test`'s own, this machine's.
ARCHITECTURES ?= all
export ARCHITECTURES

# What needs a release makes one, unless `make test` has just done it for all that run side by side.
NEW_DIST := $(if $(DIST_IS_MADE),,dist)

PATH_OUTSIDE := $(PATH)

# The tools of .venv come first, and Ansible finds the collection as if it had been installed.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(COLLECTIONS)
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible

##@ For everyone

help: ## this list
	@awk -F ':.*## ' \
		'/^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: install-binary $(VENV) ## obtain a token in a playbook from a throwaway homeserver, and use it
	@tools/demo

check: setup $(VENV) ## what to run before each commit: lint, unit and integration tests, the plugin on the default ansible-core
	@CORES=default tools/side-by-side "lint" "test-rust test-plugin"
	@echo "make check: all passed"

test: ARCHITECTURES := $(ARCHITECTURE)
# Molecule's scenarios come last, for they can use both processors.
test: setup ## everything that must pass before a change lands, on the oldest and the newest ansible-core, with this machine's binary
	@tools/side-by-side "build" "$(VENV) venvs lint"
	@$(MAKE) --no-print-directory dist install-binary
	@DIST_IS_MADE=yes tools/side-by-side "test-release test-leaks test-docs test-molecule" "test-rust test-plugin"
	@echo "make test: all passed"

test-all: ## for a night: make test on every ansible-core and for every architecture, Mitogen, published bots, ansible-test sanity, Galaxy's own examination, fuzzing, mutants, each binary built twice
	@$(MAKE) --no-print-directory test CORES=all ARCHITECTURES=all
	@tools/side-by-side "deny test-mitogen test-sanity test-galaxy fuzz test-mutants reproducible"
	@echo "make test-all: all passed"

bench: setup install-binary $(VENV) ## how fast and how small it is, next to curl, ansible.builtin.uri and matrix-nio; wants a machine with nothing else to do
	@for machine in x86_64 aarch64; do tools/build $$machine dist/matrix_access_token-linux_$$machine; done
	@python -m bench

bench-docs: ## put the table of the last make bench into docs/performance.md, and draw its picture
	@python3 -m bench.page

##@ Parts

setup: ## install what the tests need and this machine lacks (Debian packages, parts of Rust)
	@tools/setup

setup-build: ## the same for builds and the demo alone
	@tools/setup build

build: setup-build ## dist/matrix_access_token: static, for this machine
	@tools/build

dist: setup-build $(VENV) ## a whole release in dist/: the binary for each architecture, the collection, checksums
	@tools/dist
	@cat dist/SHA256SUMS

test-release: setup $(NEW_DIST) venvs ## try what `make dist` made: each binary on a real homeserver, the collection installed
	pytest --quiet tests/release

reproducible: dist ## build the whole release twice and compare
	@tools/reproducible

lint: lint-rust lint-python lint-yaml lint-pages lint-shell lint-workflows ## formatting and static checks

lint-rust: setup
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo metadata --locked --quiet --format-version=1 --manifest-path fuzz/Cargo.toml >/dev/null
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items --quiet

# Folder by folder: those of tests and plugins have files of the same names.
lint-python: $(VENV)
	black --quiet --check --diff .
	mypy tests/homeserver tests/parity tests/consumers demo bench tools
	for folder in ansible_cores documentation galaxy leaks mitogen release; do mypy tests/$$folder; done
	mypy tests/plugin/*.py
	mypy ansible/plugins/action ansible/plugins/filter ansible/plugins/plugin_utils

lint-yaml: $(VENV) collection
	yamllint --strict .github .config .pre-commit-config.yaml
	@# It has yamllint look at the rest.
	ansible-lint -q

lint-pages: $(VENV) collection
	python tools/options_page.py | diff -u docs/options.md -

lint-shell: setup
	shellcheck .ci/run $$(git grep -lE '^(#!.*bash|# shellcheck shell=)' tools ansible)

deny: setup ## known vulnerabilities, licences and sources of all crates, by cargo-deny
	@[ -x .cache/cargo-deny/bin/cargo-deny ] || cargo install --quiet --locked --root .cache/cargo-deny cargo-deny
	.cache/cargo-deny/bin/cargo-deny --log-level error check

lint-workflows: setup $(VENV)
	actionlint
	zizmor --offline --no-progress --quiet --min-severity medium .github

test-unit: setup ## cargo test, without the tests that start a homeserver
	cargo test --locked --lib --bins

test-integration: setup $(VENV) collection ## cargo test, the tests against real and hostile servers
	cargo test --locked --test '*'

# Most of these tests wait most of the time: for a pause, or for a homeserver.
test-rust: export RUST_TEST_THREADS := $(shell echo $$((2 * $$(nproc))))
test-rust: setup $(VENV) collection ## cargo test, all of it
	cargo test --locked

fuzz: setup-build ## try to break the reading of the args file, for FUZZ_SECONDS=60
	@tools/fuzz

venvs: $(VENV) ## environments for CORES="oldest newest" that this machine has a Python for; also: default, all, 2.19
	@python tests/ansible_cores/ansible_cores.py $(CORES)

test-plugin: setup venvs collection ## compare the plugin's local and pipelined runs with Ansible's standard path
	pytest --quiet tests/plugin

test-mitogen: setup install-binary venvs $(MITOGEN) ## the collection and the drop-in under Mitogen's strategy
	pytest --quiet tests/mitogen

test-leaks: setup install-binary venvs ## search for secrets in all that Ansible prints and leaves behind
	@PYTHONPATH=tests/ansible_cores python tests/leaks/callback_plugins.py
	pytest --quiet tests/leaks

test-mutants: setup install-binary venvs ## take the guards of the action plugin away one by one; the leak scan must notice
	@PYTHONPATH=tests/ansible_cores python tests/leaks/callback_plugins.py
	python tests/leaks/mutations.py

test-docs: setup $(NEW_DIST) install-binary ## run every block and command of the documentation, on a homeserver that is example.com
	pytest --quiet tests/documentation

test-galaxy: setup install-binary venvs $(GALAXY) ## examine the collection as Ansible Galaxy does
	pytest --quiet tests/galaxy

# On the newest of them only, unless all are wanted: it looks at files, and knows more each year.
test-sanity: setup venvs ## ansible-test sanity
	@python tests/ansible_cores/sanity.py $(lastword $(CORES))

test-molecule: setup install-binary venvs ## every molecule scenario; one alone: make test-molecule-default
	pytest --quiet tests/ansible_cores
	@python tests/ansible_cores/scenarios.py $(CORES)

test-molecule-%: setup install-binary $(VENV)
	molecule test --scenario-name $*

demo-svg: install-binary $(VENV) ## record docs/demo.svg, what a terminal shows of the demo
	python demo/picture.py docs/demo.svg

options-page: $(VENV) collection ## write docs/options.md, what ansible-doc shows of the module
	python tools/options_page.py > docs/options.md

lock: $(VENV) ## pin requirements.txt anew from requirements.in, in tests and each folder of it that has one
	pip install --quiet pip-tools
	for folder in tests tests/consumers tests/galaxy tests/mitogen; do \
		pip-compile --quiet --upgrade --strip-extras --allow-unsafe --no-header --annotation-style=line \
			--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
			--output-file $$folder/requirements.txt $$folder/requirements.in; \
	done

clean: ## remove all that was built or set up in this folder
	rm -rf .cache .venv dist target ansible/plugins/modules/__bin \
		ansible/LICENSES/RUST-STANDARD-LIBRARY.html ansible/LICENSES/THIRD-PARTY.txt

# Once per change of the pinned requirements.
$(VENV): tests/requirements.txt | setup-build
	@echo "installing the Python tools into .venv"
	@PATH="$(PATH_OUTSIDE)" python3 -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[^ ]*' $<)"
	@# In a twentieth of the time; but it doesn't read pip's settings, which may name another index.
	@.venv/bin/uv pip install --quiet --python .venv/bin/python -r $< || .venv/bin/python -m pip install --quiet -r $<
	@touch $@

$(GALAXY): tests/galaxy/requirements.txt | $(VENV)
	@echo "installing what examines the collection into .cache/galaxy"
	@python -m venv --clear .cache/galaxy
	@.cache/galaxy/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Only a folder, no environment: each version of ansible-core finds the strategy there.
$(MITOGEN): tests/mitogen/requirements.txt | $(VENV)
	@echo "installing Mitogen into .cache/mitogen"
	@rm -rf .cache/mitogen
	@python -m pip install --quiet --disable-pip-version-check --target .cache/mitogen -r $<
	@touch $@

# This machine's binary in the collection's place for it, where it may be running already.
install-binary: $(if $(DIST_IS_MADE),,build) collection
	@cmp --quiet $(BINARY) $(IN_COLLECTION) || install -D -m 0755 $(BINARY) $(IN_COLLECTION)

collection:
	@mkdir -p $(COLLECTIONS)/ansible_collections/selfhosted
	@ln -sfn $(CURDIR)/ansible $(COLLECTIONS)/ansible_collections/selfhosted/matrix

.PHONY: help demo check test test-all bench bench-docs setup setup-build build dist test-release reproducible lint lint-rust lint-python \
	lint-yaml lint-pages lint-shell lint-workflows deny test-unit test-integration test-rust fuzz test-plugin test-leaks test-mutants test-molecule demo-svg \
	options-page lock clean install-binary collection venvs test-sanity test-galaxy test-docs test-mitogen
# One after the other, whatever -j says: they share cargo's lock, two cores, and a reader.
.NOTPARALLEL:
