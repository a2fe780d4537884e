# Two commands are enough for a newcomer: `make demo` and `make test`. Both set up what they need.

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
# Those of the versions in tests/ansible_cores/ansible_cores.py that the molecule scenarios and Ansible's own tests are run on.
CORES ?= oldest default newest

PATH_OUTSIDE := $(PATH)

# The tools of .venv come first, and Ansible finds the collection as if it had been installed.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(COLLECTIONS)
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible

##@ For everyone

help: ## this list
	@awk -F ':.*## ' \
		'/^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: installed $(VENV) ## obtain a token in a playbook from a throwaway homeserver, and use it
	@tools/demo

test: setup installed cores $(GALAXY) $(MITOGEN) ## everything that must pass before a change lands
	@tools/side-by-side "lint galaxy sanity mitogen" "cargo-test plugin"
	@$(MAKE) --no-print-directory leaks molecule documentation check-dist
	@echo "make test: all passed"

bench: setup installed $(VENV) ## how fast and how small it is, next to curl, ansible.builtin.uri and matrix-nio; wants a machine with nothing else to do
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

check-dist: setup dist cores ## try what `make dist` made: each binary on a real homeserver, the collection installed, this machine's part built twice
	pytest --quiet tests/release
	pytest --quiet tests/architectures
	@tools/reproducible $(ARCHITECTURE)

reproducible: dist ## build the whole release twice and compare
	@tools/reproducible

lint: lint-rust lint-python lint-yaml lint-pages lint-shell lint-workflows ## formatting and static checks

lint-rust: setup
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --locked --all-targets -- -D warnings

lint-python: $(VENV)
	black --quiet --check --diff .
	mypy tests/homeserver tests/parity tests/consumers demo
	mypy tests/ansible_cores
	mypy tests/documentation
	mypy tests/galaxy
	mypy tests/leaks
	mypy tests/mitogen
	mypy tools
	mypy tests/plugin/*.py
	mypy ansible/plugins/action ansible/plugins/filter ansible/plugins/plugin_utils
	mypy bench
	mypy tests/architectures
	mypy tests/release

lint-yaml: $(VENV) collection
	yamllint --strict .
	ansible-lint -q

lint-pages: $(VENV) collection
	python tools/options_page.py | diff -u docs/options.md -

lint-shell: setup
	shellcheck .ci/run $$(git grep -lE '^(#!.*bash|# shellcheck shell=)' tools ansible)

lint-workflows: setup
	@tools/lint-workflows

unit: setup ## cargo test, without the tests that start a homeserver
	cargo test --locked --lib --bins

integration: setup $(VENV) ## cargo test, the tests against real and hostile servers
	cargo test --locked --test '*'

cargo-test: setup $(VENV) ## cargo test, all of it
	cargo test --locked

fuzz: setup-build ## try to break the reading of the args file, for FUZZ_SECONDS=60
	@tools/fuzz

cores: $(VENV) ## environments for all versions of ansible-core that this machine has a Python for
	@python tests/ansible_cores/ansible_cores.py

plugin: setup installed cores ## what the action plugin spares, against Ansible's standard path, on each version of ansible-core
	pytest --quiet tests/plugin

mitogen: setup installed cores $(MITOGEN) ## the collection and the drop-in under Mitogen's strategy, on each version of ansible-core
	pytest --quiet tests/mitogen

leaks: setup installed cores ## search for secrets in all that Ansible prints and leaves behind, on each version of ansible-core
	@PYTHONPATH=tests/ansible_cores python tests/leaks/callback_plugins.py
	pytest --quiet tests/leaks

mutations: leaks ## take the guards of the action plugin away one by one; the leak hunt must notice
	python tests/leaks/mutations.py

documentation: setup installed dist ## run every block and command of the documentation, on a homeserver that is example.com
	pytest --quiet tests/documentation

galaxy: setup installed cores $(GALAXY) ## examine the collection as Ansible Galaxy does
	pytest --quiet tests/galaxy

sanity: setup cores ## ansible-test sanity, on CORES="oldest default newest"
	pytest --quiet tests/ansible_cores
	@python tests/ansible_cores/sanity.py $(CORES)

molecule: setup installed cores ## every molecule scenario, on CORES="oldest default newest"; one alone: make molecule-default
	@python tests/ansible_cores/scenarios.py $(CORES)

matrix: ## every molecule scenario, on all versions of ansible-core
	@$(MAKE) --no-print-directory molecule CORES=all

molecule-%: setup installed $(VENV)
	molecule test --scenario-name $*

picture: installed $(VENV) ## record docs/demo.svg, what a terminal shows of the demo
	python demo/picture.py docs/demo.svg

options-page: $(VENV) collection ## write docs/options.md, what ansible-doc shows of the module
	python tools/options_page.py > docs/options.md

requirements: $(VENV) ## pin requirements.txt anew from requirements.in, in tests and each folder of it that has one
	pip install --quiet pip-tools
	for folder in tests tests/consumers tests/galaxy tests/mitogen; do \
		pip-compile --quiet --upgrade --strip-extras --allow-unsafe --no-header --annotation-style=line \
			--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
			--output-file $$folder/requirements.txt $$folder/requirements.in; \
	done

clean: ## remove all that was built or set up in this folder
	rm -rf .cache .venv dist target ansible/plugins/modules/__bin molecule/drop_in/library \
		ansible/LICENSES/RUST-STANDARD-LIBRARY.html ansible/LICENSES/THIRD-PARTY.txt

# Once per change of the pinned requirements.
$(VENV): tests/requirements.txt | setup-build
	@echo "installing the Python tools into .venv"
	@PATH="$(PATH_OUTSIDE)" python3 -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
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
installed: build collection
	@cmp --quiet $(BINARY) $(IN_COLLECTION) || install -D -m 0755 $(BINARY) $(IN_COLLECTION)

collection:
	@mkdir -p $(COLLECTIONS)/ansible_collections/selfhosted
	@ln -sfn $(CURDIR)/ansible $(COLLECTIONS)/ansible_collections/selfhosted/matrix

.PHONY: help demo test bench bench-docs setup setup-build build dist check-dist reproducible lint lint-rust lint-python \
	lint-yaml lint-pages lint-shell lint-workflows unit integration cargo-test fuzz plugin leaks mutations molecule picture \
	options-page requirements clean installed collection cores matrix sanity galaxy documentation mitogen
# One after the other, whatever -j says: they share cargo's lock, two cores, and a reader.
.NOTPARALLEL:
