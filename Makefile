# The commands of the project. `make` lists them.

SHELL := /bin/bash
PACKAGES := libcurl4-openssl-dev libsqlite3-dev libssl-dev libyaml-dev libzip-dev zlib1g-dev \
	make curl python3 python3-pip nodejs tzdata
BUILD := swift build -c release --static-swift-stdlib --product millrace
PROGRAM := .build/release/millrace

.PHONY: help setup build run test check format bench

## help    lists the commands
help:
	@sed -n 's/^## /  make /p' Makefile

## setup   installs the Debian packages that are missing
setup:
	@command -v swift >/dev/null || { echo "Swift 6.2 or newer is needed: see https://www.swift.org/install/linux" >&2; exit 1; }
	@command -v apt-get >/dev/null || { echo "apt-get is needed to install: $(PACKAGES)" >&2; exit 1; }
	@missing=(); for package in $(PACKAGES); do \
		dpkg-query -W -f='$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$$package"); done; \
	command -v node >/dev/null && missing=("$${missing[@]/nodejs}"); \
	missing=($${missing[@]}); \
	[ $${#missing[@]} -eq 0 ] && exit 0; \
	echo "installing $${missing[*]}"; \
	root=(); [ "$$(id -u)" -eq 0 ] || root=(sudo); \
	"$${root[@]}" apt-get update -qq && "$${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${missing[@]}" >/dev/null

## build   builds the program
build: setup
	$(BUILD)

## run     builds the program and serves this project's functions, triggers and workflows
run: build
	$(PROGRAM) up .

## test    runs every test, one after the other: many of them want the machine to themselves
test: setup
	swift build --build-tests
	@set -o pipefail; swift test --skip-build --no-parallel 2>&1 | tee .build/test.log \
		|| { printf '\nWhat failed, once more (all of it is in .build/test.log):\n'; \
		grep -aE '^✘ (Test|Suite)|Fatal error|Program crashed' .build/test.log | tail -n 200; exit 1; }

## check   checks format and warnings, and that what is generated is what its sources give
check: setup
	swift format lint --strict --recursive $(shell ls -d Sources/* | grep -v AWSModels) Tests Benchmarks Package.swift
	swift build --build-tests
	swift run --skip-build OperationsPage --check
	@data=$$(python3 -c 'import botocore, os; print(os.path.dirname(botocore.__file__) + "/data")' 2>/dev/null) \
		|| { echo "botocore is not installed: the generated models were not compared"; exit 0; }; \
		swift run --skip-build ModelGenerator --botocore "$$data" --check

## format  formats the sources
format:
	swift format --in-place --recursive $(shell ls -d Sources/* | grep -v AWSModels) Tests Benchmarks Package.swift

## bench   runs the benchmarks and prints ratios to their bounds
bench: setup
	Benchmarks/run
