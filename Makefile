# The targets that people call; make help lists them.

GO ?= go
BIN := bin
GOLANGCI_LINT_VERSION := v2.5.0
NFPM_VERSION := v2.45.2
HELM_VERSION := v3.19.5

.DEFAULT_GOAL := all
.PHONY: all help run test requests short generate check vet lint fuzz interop axe crash soak bench bench-sync figures build image packages deploy-test clean

all: check vet test ## generate check, vet and tests

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | awk -F'\t' '{ printf "  make %-11s %s\n", $$1, $$2 }'

# Not optimised, without C, and with few of the commands: compiling is all that this costs.
run: ## ask the built-in simulator for a lead's activity, over HTTP and SOAP
	CGO_ENABLED=0 $(GO) run -gcflags=all='-N -l' ./cmd/mktows/internal/try activity 318815 --demo

build: ## build the command line into bin/
	$(GO) build -trimpath -o $(BIN)/mktows ./cmd/mktows

# The race detector needs a C compiler; without one the tests run all the same. SQLite is C in the form of Go, which the
# detector makes several times slower and has nothing to find in: that alone is compiled without it.
CAN_RACE = $(shell test "$$($(GO) env CGO_ENABLED)" = 1 && command -v "$$($(GO) env CC)" >/dev/null && echo yes)
RACE = $(if $(CAN_RACE),-race -gcflags='modernc.org/...=-race=false -d=checkptr=0')

# A test needs no symbols for a debugger, which cost a quarter of the time of linking.
TEST_FLAGS = -ldflags=-w

# All clients log, for the whole to be searched for secrets, and one request of each shape that goes to the REST API is kept
# for make requests. The folder is outside of the module and always the same, so that results of tests stay cached. make vet
# vets all packages, so that the tests do not once more, with the flags of the race detector.
REQUESTS = $(or $(TMPDIR),/tmp)/mktows-requests
AXE = $(or $(TMPDIR),/tmp)/mktows-axe

test: ## all tests, with the race detector where there is a C compiler; nothing that they print or log may be secret
	@test -n "$(CAN_RACE)" || echo "no C compiler: without the race detector"
	MKTOWS_TEST_LOG=debug MKTOWS_TEST_REQUESTS=$(REQUESTS) $(GO) run ./internal/testing/secretsearch \
		$(GO) test -json -vet=off $(TEST_FLAGS) $(RACE) -timeout 20m ./...

requests: ## have Prism judge the requests that make test has kept
	MKTOWS_TEST_REQUESTS=$(REQUESTS) $(GO) test -count=1 -v ./internal/testing/interop -run TestBridgeRequestsByPrism -interop.full

short: ## the tests without the race detector and the long ones
	$(GO) test $(TEST_FLAGS) -short ./...

generate: ## rebuild package gen from the documents in wsdl/
	$(GO) generate ./gen

check: ## fail when package gen is not what the documents give
	$(GO) test -count=1 -run TestGeneratedCodeIsCurrent ./wsdl/internal/wsdlgen

vet: ## go vet and gofmt
	$(GO) vet ./...
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }

lint: $(BIN)/golangci-lint ## the linters of .golangci.yml
	$(BIN)/golangci-lint run

$(BIN)/golangci-lint:
	GOBIN=$(abspath $(BIN)) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

FUZZTIME ?= 30s
fuzz: ## every fuzz test for FUZZTIME (30s)
	@$(GO) list -f '{{.ImportPath}}' ./... | while read pkg; do \
		$(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' | while read name; do \
			echo "== $$pkg $$name"; $(GO) test -run xxx -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done || exit 1; \
	done

interop: ## real foreign SOAP and REST clients against the mock server, and the schema check
	MKTOWS_TEST_REQUESTS=$(REQUESTS) $(GO) test -count=1 -v ./internal/testing/interop -interop.full

axe: ## axe-core looks at the pages of the inspector in a browser
	rm -rf $(AXE) && mkdir -p $(AXE) && cp testdata/interop/axe/package*.json $(AXE)
	cd $(AXE) && npm ci --silent --no-audit --no-fund
	MKTOWS_AXE=$(AXE)/node_modules/axe-core/axe.min.js $(GO) test -count=1 ./server/inspector -run TestBrowser

bench: ## codec and calls beside encoding/xml and gSOAP, as ratios in one run; calls over the REST API and by the gateway beside those over SOAP
	$(GO) run ./internal/testing/bench/cmd
	$(GO) test -run '^$$' -bench 'Port|Decode' ./bridge ./bridge/internal/rest
	$(GO) test -run '^$$' -bench . -benchtime 500x ./internal/testing/soak

SEED ?= 0
crash: ## kill a synchronisation 50 times and look at the copy, on SQLite and PostgreSQL; SEED=n repeats one
	$(GO) test -count=1 -v -timeout 70m ./internal/testing/crashtest -crash.full -crash.seed $(SEED)

SOAKTIME ?= 10m
soak: ## load the gateway at its limits for SOAKTIME (10m), with reloads and a REST API that fails now and then; 10,000 idle connections
	$(GO) test -count=1 -v -timeout 60m ./internal/testing/soak -soak.time $(SOAKTIME) -soak.idle 15000

bench-sync: ## copy 10,000 and 1,000,000 activities into SQLite and PostgreSQL, and 200,000 over the REST API by pages and in bulk: rows a second, calls, memory
	$(GO) run ./internal/testing/syncbench/cmd

# What the gateway is run with: see deploy/README.md.
DIST := $(BIN)/dist
ARCH ?= $(shell $(GO) env GOARCH)
VERSION ?= $(patsubst v%,%,$(or $(shell git describe --tags --abbrev=0 --match 'v*' 2>/dev/null),v0.0.0))
STATIC := $(DIST)/$(ARCH)/mktows

.PHONY: $(STATIC)
$(STATIC):
	CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) $(GO) build -trimpath -ldflags=-s -o $@ ./cmd/mktows

image: $(STATIC) ## the container image of the gateway into bin/dist, without a container engine
	rm -f $(DIST)/mktows-gateway_*.tar
	$(GO) run ./deploy/internal/image -binary $(STATIC) -arch $(ARCH) -version $(VERSION) -out $(DIST)/mktows-gateway_$(VERSION)_$(ARCH).tar

packages: $(STATIC) $(BIN)/nfpm ## packages for Debian and RPM, with the gateway as a service, into bin/dist
	rm -f $(DIST)/*.deb $(DIST)/*.rpm
	cd deploy/package && for kind in deb rpm; do \
		ARCH=$(ARCH) VERSION=$(VERSION) BIN=$(abspath $(STATIC)) $(abspath $(BIN))/nfpm package -p $$kind -t $(abspath $(DIST)) || exit 1; \
	done

deploy-test: image packages $(BIN)/helm ## build image and packages, install and run them; render the Helm chart
	$(GO) test -count=1 -v ./internal/testing/deploytest -deploy.built=$(abspath $(DIST))

$(BIN)/nfpm:
	GOBIN=$(abspath $(BIN)) $(GO) install github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM_VERSION)

$(BIN)/helm:
	GOBIN=$(abspath $(BIN)) $(GO) install helm.sh/helm/v3/cmd/helm@$(HELM_VERSION)

figures: ## the shape of the code: lengths, files per folder, comments, tests, duplicates
	$(GO) run ./internal/testing/figures

clean: ## remove what was built
	rm -rf $(BIN) $(REQUESTS)
