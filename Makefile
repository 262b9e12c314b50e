# Everything that is built, tested and measured. `make demo` and `make test` need Debian and a Rust toolchain, and
# bring the rest themselves when run as root; without root they name what is missing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check bench policies peers advisories clean \
	setup-build setup-test setup-bench fetch format lint docs core licences build doctests tests

NEXTEST := 0.9.143
CARGO_DENY := 0.20.2

# One choice of packages and features for every step, so that no dependency is compiled twice in one profile.
WHOLE := --locked --workspace --all-features

heading = @printf '\n== %s\n' "$(1)"

help:
	@sed -n 's/^## //p' Makefile

## make demo        a county and a province on this machine, with their consoles
demo: setup-build policies
	$(call heading,The node)
	cargo build --locked --release --package lika
	target/release/lika demo --policies target/policies

## make test        every check and every test; the count comes last
test: setup-test fetch format lint docs core licences build policies doctests tests

## make check       format, lints and unit tests of what is being worked on, without set-up
check: format lint
	$(call heading,Unit tests)
	cargo test $(WHOLE) --lib --bins

## make bench       figures against a limit or a peer of the same run
bench: setup-bench policies peers
	$(call heading,The node)
	cargo build --locked --release --package lika
	$(call heading,Figures)
	cargo bench --locked --package lika-tests

## make policies    plugins/* as components in target/policies
policies:
	$(call heading,Policies)
	tools/build-policies

## make peers       what figures are held against and Debian does not have, in target/peers
peers:
	$(call heading,Peers)
	tools/build-peers

## make advisories  known vulnerabilities in dependencies (needs the network)
advisories:
	$(call heading,Advisories)
	$$(tools/cargo-tool cargo-deny $(CARGO_DENY)) --locked check advisories

## make clean       everything that was built or fetched
clean:
	rm -rf target

setup-build setup-test setup-bench: setup-%:
	$(call heading,What is needed to $*)
	tools/setup $*

# The checks after it then work without the network.
fetch:
	$(call heading,Dependencies)
	cargo fetch --locked --quiet

format:
	$(call heading,Format)
	cargo fmt --all --check

lint:
	$(call heading,Lints)
	cargo clippy $(WHOLE) --all-targets -- -D warnings

docs:
	$(call heading,Documentation)
	RUSTDOCFLAGS='-D warnings' cargo doc $(WHOLE) --no-deps

core:
	$(call heading,Purity of core)
	tools/check-core

licences:
	$(call heading,Licences$(comma) bans and sources)
	$$(tools/cargo-tool cargo-deny $(CARGO_DENY)) --locked --offline check --hide-inclusion-graph licenses bans sources

build:
	$(call heading,The node and its tests)
	cargo build $(WHOLE) --bins --tests

doctests:
	$(call heading,Examples in the documentation)
	cargo test $(WHOLE) --doc

# Last, so that the output ends with the runner's own count.
tests:
	$(call heading,Tests)
	tools/python-env
	tools/js-env
	nextest=$$(tools/cargo-tool cargo-nextest $(NEXTEST)); \
	"$$nextest" nextest run $(WHOLE) --profile ci --no-tests fail

comma := ,
