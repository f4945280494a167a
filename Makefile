# Every target is an npm script; this file only saves typing.
.DEFAULT_GOAL := help
.PHONY: help install build test check demo format clean ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## exact dependencies from the lock file
	npm ci

build: ## compile src and the examples into dist
	npm run build

test: ## build, then every test
	npm test

check: ## every gate: format, lint, types, imports, purity, tests
	npm run check

demo: ## real services, real decisions, verified certificates
	npm run demo

format: ## rewrite files in the house format
	npm run format

clean: ## remove what a build or a run leaves behind
	npm run clean

ci: ## all of it in a fresh clone
	npm run ci
