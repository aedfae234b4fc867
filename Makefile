# The targets that people call; make help lists them.

GO ?= go
BIN := bin
GOLANGCI_LINT_VERSION := v2.5.0
GORELEASER_VERSION := v2.15.1
CYCLONEDX_VERSION := v1.10.0
NFPM_VERSION := v2.45.2
ACTIONLINT_VERSION := v1.7.12
APIDIFF_VERSION := v0.0.0-20261113113407-e3970619a1a4
HELM_VERSION := v3.19.5

.DEFAULT_GOAL := all
.PHONY: all help run test requests short generate check vet lint fuzz interop axe crash soak bench bench-sync figures screenshots build share install image packages pack-image pack-packages deploy-test bare-test dist release snapshot actionlint apidiff clean

all: check vet test ## generate check, vet and tests

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | awk -F'\t' '{ printf "  make %-11s %s\n", $$1, $$2 }'

# Not optimised, without C, and with few of the commands: compiling is all that this costs.
run: ## ask the built-in simulator for a lead's activity, over HTTP and SOAP
	CGO_ENABLED=0 $(GO) run -gcflags=all='-N -l' ./cmd/mktows/internal/try activity 318815 --demo

# The version tells the commit and its date, where there is git.
BUILD_FLAGS := -trimpath -buildvcs=auto -ldflags='-s -w'

build: ## build the command line into bin/
	$(GO) build $(BUILD_FLAGS) -o $(BIN)/mktows ./cmd/mktows

# Man pages and completions bear the date of the commit, so that who builds the same gets the same.
SHARE := $(BIN)/share
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),0)

share: ## man pages, and completions for the shells, into bin/share
	rm -rf $(SHARE)
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) GOOS= GOARCH= $(GO) run ./cmd/mktows/internal/manual/cmd $(SHARE)

PREFIX ?= /usr/local
install: build share ## install the command line, man pages and completions below PREFIX (/usr/local), in DESTDIR
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share
	install -m 0755 $(BIN)/mktows $(DESTDIR)$(PREFIX)/bin/mktows
	cp -R $(SHARE)/. $(DESTDIR)$(PREFIX)/share/

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

axe: ## axe-core looks at the pages of the inspector and at the report in a browser
	rm -rf $(AXE) && mkdir -p $(AXE) && cp testdata/interop/axe/package*.json $(AXE)
	cd $(AXE) && npm ci --silent --no-audit --no-fund
	MKTOWS_AXE=$(AXE)/node_modules/axe-core/axe.min.js $(GO) test -count=1 ./server/inspector ./leadsync/report -run 'TestBrowser|TestPage_inABrowser'

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

# What is handed out: see deploy/README.md. All of a platform lies in one folder.
DIST := $(BIN)/dist
ARCH ?= $(shell $(GO) env GOARCH)
VERSION ?= $(patsubst v%,%,$(or $(shell git describe --tags --abbrev=0 --match 'v*' 2>/dev/null),v0.0.0))
BINARY ?= $(DIST)/$(ARCH)/mktows

CGO ?= 0

.PHONY: static
static:
	CGO_ENABLED=$(CGO) GOOS=linux GOARCH=$(ARCH) $(GO) build $(BUILD_FLAGS) -o $(BINARY) ./cmd/mktows

image: static ## the container image of the gateway into bin/dist, without a container engine
	@$(MAKE) --no-print-directory pack-image

packages: static share $(BIN)/nfpm ## packages for Debian and RPM, with the gateway as a service, into bin/dist
	@$(MAKE) --no-print-directory pack-packages

# What is made of a program that is built: GoReleaser calls these for those that it has built.
pack-image:
	rm -f $(DIST)/$(ARCH)/*.tar
	mkdir -p $(DIST)/$(ARCH)
	$(GO) run ./deploy/internal/image -binary $(BINARY) -arch $(ARCH) -version $(VERSION) -out $(DIST)/$(ARCH)/mktows-gateway_$(VERSION)_$(ARCH).tar

pack-packages:
	rm -f $(DIST)/$(ARCH)/*.deb $(DIST)/$(ARCH)/*.rpm
	mkdir -p $(DIST)/$(ARCH)
	cd deploy/package && for kind in deb rpm; do \
		ARCH=$(ARCH) VERSION=$(VERSION) BIN=$(abspath $(BINARY)) SHARE=$(abspath $(SHARE)) SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) \
			$(abspath $(BIN))/nfpm package -p $$kind -t $(abspath $(DIST)/$(ARCH)) || exit 1; \
	done

deploy-test: image packages $(BIN)/helm ## build image and packages, install and run them; render the Helm chart
	$(GO) test -count=1 -v ./internal/testing/deploytest -deploy.built=$(abspath $(DIST)/$(ARCH))

bare-test: packages ## install the package on a bare Debian, which debootstrap makes once, and use it; as root
	$(GO) test -count=1 -v ./internal/testing/deploytest -run TestPackage_onBareDebian -deploy.built=$(abspath $(DIST)/$(ARCH))

# GoReleaser takes minutes to compile, once.
RELEASE_TOOLS := $(BIN)/goreleaser $(BIN)/cyclonedx-gomod $(BIN)/nfpm

dist: $(RELEASE_TOOLS) ## all that a release has, for all platforms, into bin/dist, and publish nothing
	$(BIN)/goreleaser release --snapshot --clean
	$(GO) test -count=1 -v ./internal/testing/deploytest -run TestDist -deploy.dist=$(abspath $(DIST))

release: $(RELEASE_TOOLS) ## publish a release of the tag that is checked out, with GITHUB_TOKEN
	$(BIN)/goreleaser release --clean

snapshot: $(BIN)/goreleaser ## look at .goreleaser.yaml, and build with it for this platform alone
	$(BIN)/goreleaser check
	$(BIN)/goreleaser build --snapshot --clean --single-target

actionlint: $(BIN)/actionlint ## look at the workflows of GitHub
	$(BIN)/actionlint

BASE ?=
apidiff: $(BIN)/apidiff ## compare the exported API with BASE (the last tag or landing): CHANGELOG.md has to name what breaks
	$(GO) run ./internal/testing/apicompare -tool $(abspath $(BIN)/apidiff) -base '$(BASE)'

$(BIN)/goreleaser:
	GOBIN=$(abspath $(BIN)) $(GO) install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)

$(BIN)/cyclonedx-gomod:
	GOBIN=$(abspath $(BIN)) $(GO) install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)

$(BIN)/actionlint:
	GOBIN=$(abspath $(BIN)) $(GO) install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)

$(BIN)/apidiff:
	GOBIN=$(abspath $(BIN)) $(GO) install golang.org/x/exp/cmd/apidiff@$(APIDIFF_VERSION)

$(BIN)/nfpm:
	GOBIN=$(abspath $(BIN)) $(GO) install github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM_VERSION)

$(BIN)/helm:
	GOBIN=$(abspath $(BIN)) $(GO) install helm.sh/helm/v3/cmd/helm@$(HELM_VERSION)

figures: ## the shape of the code: lengths, files per folder, comments, tests, duplicates
	$(GO) run ./internal/testing/figures

screenshots: ## the pictures of the README, by a chromium without a window; smaller where pngquant and optipng are there
	$(GO) test -count=1 ./leadsync/report -run TestReadme -readme $(abspath docs/images/report.png)
	! command -v pngquant >/dev/null || pngquant --force --skip-if-larger --ext .png --speed 1 docs/images/*.png || test $$? = 98
	! command -v optipng >/dev/null || optipng -quiet -strip all docs/images/*.png

clean: ## remove what was built
	rm -rf $(BIN) $(REQUESTS)
