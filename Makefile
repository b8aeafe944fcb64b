# Two commands set up everything on a fresh Debian or Ubuntu machine, as root, with git, make and Go installed:
#   make demo    a day in a household's life, with real calls on a real Asterisk
#   make test    every test
# and after each change:
#   make quick   vet, and the unit tests of what has changed
#   make words   what a native speaker would not say in pages, prompts and documents
SHELL := /bin/bash
# The same flags for all: what is built for the program is not built again for its tests, SQLite above all, which takes a minute. -w leaves out what
# only a debugger reads: linking a test with the race detector took 4.6 s of the processor with it, and takes 2.5 s.
export GOFLAGS := $(strip $(GOFLAGS) -trimpath -ldflags=-w)
BIN := bin/ringfence

.PHONY: build race demo test quick words pages faults fuzz bench lint clean tools axe radicale litestream pip packed pictures deb deb-speech release docker-test package-test

# What is missing is installed through apt, and said so. cgo (SQLite) needs a C compiler; Asterisk comes later, by
# "ringfence asterisk install".
define need
@missing=""; \
for pair in $(1); do command -v "$${pair%%:*}" >/dev/null 2>&1 || missing="$$missing $${pair##*:}"; done; \
if [ -n "$$missing" ] && ! command -v apt-get >/dev/null; then echo "Please install:$$missing" >&2; exit 1; fi; \
if [ -n "$$missing" ]; then \
  echo "==> Installing through apt:$$missing"; \
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null || exit 1; \
fi
endef

tools:
	$(call need,gcc:gcc gcc:libc6-dev)
	@[ -e /usr/include/stdlib.h ] || (echo "==> Installing through apt: libc6-dev"; apt-get update -qq && apt-get install -y -qq libc6-dev >/dev/null)

build: tools
	@echo "==> Building Ringfence (the first time SQLite is compiled, which takes a minute or two)"
	@CGO_ENABLED=1 go build -o $(BIN) ./cmd/ringfence

# SQLite is one file in C: another core compiles it for the race detector at the same time.
race: tools
	@go build -race github.com/mattn/go-sqlite3

demo: build
	@$(BIN) demo --exit

# axe-core checks pages for those who cannot see or point well. It is a script for browsers, which comes in a package of Python's.
AXE_PACKAGE := axe-playwright-python==0.1.8
AXE := $(or $(RINGFENCE_AXE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ringfence/axe.min.js)
axe: pip
	@[ -s "$(AXE)" ] || { echo "==> Getting axe-core"; dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT \
	  && python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: -d "$$dir" $(AXE_PACKAGE) \
	  && mkdir -p "$(dir $(AXE))" && python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("axe_playwright_python/axe.min.js"))' "$$dir"/*.whl >"$(AXE).new" \
	  && mv "$(AXE).new" "$(AXE)"; }

# Radicale is a CardDAV server in Python, for the test that keeps contacts in step with a real one.
RADICALE_PACKAGE := radicale==3.5.4
RADICALE := $(or $(RINGFENCE_RADICALE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ringfence/radicale-3.5.4)
radicale: pip
	@[ -d "$(RADICALE)" ] || { echo "==> Getting Radicale"; mkdir -p "$(dir $(RADICALE))" && rm -rf "$(RADICALE).new" \
	  && python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --no-warn-conflicts --only-binary :all: --target "$(RADICALE).new" $(RADICALE_PACKAGE) \
	  && mv "$(RADICALE).new" "$(RADICALE)"; }

# Litestream follows the database into a replica. It is a program of its own, built as its authors say.
LITESTREAM_VERSION := v0.5.18
export RINGFENCE_LITESTREAM := $(or $(RINGFENCE_LITESTREAM),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ringfence/litestream-$(LITESTREAM_VERSION))
litestream: tools
	@[ -x "$(RINGFENCE_LITESTREAM)" ] || { echo "==> Building Litestream (once, which takes a few minutes)"; dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT \
	  && GOBIN="$$dir" go install github.com/benbjohnson/litestream/cmd/litestream@$(LITESTREAM_VERSION) \
	  && mkdir -p "$(dir $(RINGFENCE_LITESTREAM))" && mv "$$dir/litestream" "$(RINGFENCE_LITESTREAM)"; }

pip: tools
	@[ -s "$(AXE)" -a -d "$(RADICALE)" ] || python3 -m pip --version >/dev/null 2>&1 || ! command -v apt-get >/dev/null || { \
	  echo "==> Installing through apt: python3-pip (for axe-core, which checks the pages, and Radicale, a server of address books)"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-pip >/dev/null; }

# Everything but the calls and the browser runs with the race detector, but for what has nothing to see for it, which runs without it after
# that: ALONE are packages that start no goroutine, nor do their tests (concurrent_test.go sees to it), and which take up to fourteen times
# as long with it. Of other packages, -short leaves out what only computes and takes long: LONG are those whose tests look for -short.
# A time limit is only for what hangs: on a machine that has much else to do, everything takes many times as long.
# In the tests of calls it is the program under test that is built with it, once for each subject, not the softphones, which have to keep up with the sound of
# all these calls. Tests of calls wait for their turn themselves, those that take long first, so that go test holds none of them back. Nothing
# runs beside them: they go before all others on the machine (cmd/ringfence's tests see to it) and leave too little of two cores for unit tests.
CALLS := ./cmd/ringfence
RACE := GORACE=atexit_sleep_ms=0
PAGES := ./web ./web/hubpages ./web/setuppages ./app/card
PAGES_IN ?= dist/pages
ALONE := ./ ./calllog/ ./cmd/faults/ ./docs/ ./internal/guesses/ ./internal/homenet/ ./internal/repeat/ ./internal/wording/ ./licences/internal/gather/ ./prompts/ ./screening/ ./setup/tomledit/ ./sharing/columns/ ./sharing/evidence/ ./sharing/filekind/ ./softphone/audio/ ./softphone/g722/ ./sound/ ./speech/script/ ./web/chart/ ./web/qr/
LONG = $(sort $(dir $(shell grep -rl --include=*_test.go 'testing\.Short()' .)))
test:
	@$(MAKE) --no-print-directory -j4 build race axe radicale litestream
	@$(MAKE) --no-print-directory radicale
	$(call need,unshare:util-linux mount:mount mkfs.ext4:e2fsprogs ip:iproute2 getent:libc-bin minisign:minisign mosquitto:mosquitto)
	@command -v chromium chromium-browser google-chrome >/dev/null || ! command -v apt-get >/dev/null || { \
	  echo "==> Installing through apt: chromium (a browser for the tests of pages)"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null \
	  || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-browser fonts-dejavu-core >/dev/null \
	  || echo "==> No Chromium could be installed; the tests of pages will fail, and say so"; }
	@command -v chromium-headless-shell >/dev/null || ! apt-cache show chromium-headless-shell >/dev/null 2>&1 || { \
	  echo "==> Installing through apt: chromium-headless-shell (the same without a user interface, for half of the processor's time)"; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null || true; } # the whole one does, too
	@echo "==> Asterisk"
	@$(BIN) asterisk install
	@echo "==> Formatting and go vet"
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not formatted: $$unformatted" >&2; exit 1; }
	@go vet ./...
	@echo "==> Unit tests, with the race detector"
	@$(RACE) go tool gotestsum --format pkgname --hide-summary skipped -- -race -vet=off -short -skip InABrowser -timeout 60m -p 4 $$(go list ./... | grep -v -x -F "$$(go list $(CALLS) $(ALONE))")
	@echo "==> What only computes, and what takes long: a hub of 10,000 households, every recording as it is heard, every region's numbers, every deed by every way, the package unpacked"
	@go tool gotestsum --format pkgname -- -vet=off -timeout 60m -parallel 16 $(sort $(ALONE) $(LONG))
	@echo "==> The pages in a real Chromium"
	@go tool gotestsum --format testname -- -vet=off -timeout 60m -run InABrowser $(PAGES)
	@echo "==> Real calls on real Asterisks, eight side by side for each core: about nine minutes"
	@go tool gotestsum --format testname -- -vet=off -timeout 60m -parallel 1000 $(CALLS)

# How many words every page has, and how long it is on a phone; its picture on a phone and on a computer. The pictures and the table are put into the folder PAGES_IN.
pages: axe
	@mkdir -p "$(PAGES_IN)" && RINGFENCE_PAGES="$(abspath $(PAGES_IN))" go test -vet=off -count=1 -run TestMeasureEveryPageInABrowser $(PAGES) && cat "$(PAGES_IN)"/*.md

# What to run after each change: vet of everything, which finds what no longer fits, and the unit tests of the packages with a file that differs
# from main's last commit, and of the documents. Where nothing differs, it is the files of the last commit. What vet has seen in packages that
# have not changed, it remembers. No calls, no browser, and not the tests of what is built on the change, which for store/ take minutes: "make test" runs them.
quick: tools
	@base=$$(git merge-base HEAD main 2>/dev/null || git rev-parse HEAD); \
	files=$$({ git diff --name-only "$$base"; git ls-files --others --exclude-standard; } | sort -u); \
	[ -n "$$files" ] || files=$$(git diff --name-only HEAD~1); \
	packages=$$(go list ./... | FILES="$$files" MODULE="$$(go list -m)" awk -f quick.awk | grep -v -x "$$(go list -m)/$(CALLS:./%=%)") || exit 1; \
	echo "==> go vet"; go vet ./... || exit 1; \
	echo "==> Unit tests"; go test -short -vet=off -skip InABrowser $$packages

# What a native speaker would not say, with what to say instead, in three seconds. WORDS="web/templates docs/rules.md" shows those alone.
words:
	@go run ./cmd/words $(WORDS)

# Gives every reader of files, headers and forms made-up input, FUZZ_TIME each and FUZZ_AT_ONCE at a time. FUZZ=sharing/ is those of some folders. Input that
# makes one fail is kept in its testdata/fuzz, where go test tries it again.
FUZZ ?= .
FUZZ_TIME ?= 10m
FUZZ_AT_ONCE ?= 2
fuzz: tools
	@grep -rHo --include=*_test.go '^func Fuzz[A-Za-z0-9]*' . | sed 's|/[^/]*:func | |' | grep -E -- "$(FUZZ)" | sort -u | xargs -r -n 2 -P $(FUZZ_AT_ONCE) bash -c ' \
	  if out=$$(go test -vet=off -run "^$$" -fuzz "^$$1$$" -fuzztime $(FUZZ_TIME) -parallel 2 "$$0" 2>&1); then echo "$$0 $$1 $$(grep elapsed: <<<"$$out" | tail -n 1)"; \
	  else echo "$$0 $$1"; echo "$$out"; exit 1; fi'

# Breaks Ringfence on purpose, in every way, and writes docs/dependability.md: half an hour, with nothing else on the machine. As root: it mounts
# disks of its own.
faults: build litestream
	$(call need,mkfs.ext4:e2fsprogs mount:mount)
	@$(BIN) asterisk install
	@go run ./cmd/faults

bench: build
	$(call need,sipp:sip-tester sox:sox)
	@$(BIN) asterisk install
	@go test -run '^$$' -bench . -benchmem ./screening ./store ./store/lists
	@go run ./cmd/bench/speech
	@go run ./cmd/bench
	@go run ./cmd/bench -households 1000 -talks 0 -strangers 0 -load 0 -screened 0
	@go run ./cmd/bench/households -minutes 10

# The pictures of README.md and docs/, of the real program with a call in progress, in a real Chromium: two minutes.
pictures: build
	$(call need,chromium:chromium)
	@$(BIN) asterisk install
	@go run ./cmd/pictures

# The recordings, packed without losing a bit, for the programs in packages.
packed: tools
	@echo "==> Packing the recordings"
	@go run ./prompts/pack prompts/packed

# Debian packages, with Debian's own tools, in dist/. ARCHES="amd64" makes one kind alone; VERSION=1.2.3 gives it another version than app/release.go.
# A compiler for another kind of machine is installed only where ARCHES asks for that kind. "make deb-speech" makes ringfence-speech: what it has comes
# from PyPI, once, through Python's pip.
ARCHES ?= amd64 arm64 armhf
SPEECH_FILES := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ringfence/speech-for-
NATIVE = $(shell dpkg --print-architecture)
CROSS_amd64 := x86_64-linux-gnu-gcc:gcc-x86-64-linux-gnu x86_64-linux-gnu-gcc:libc6-dev-amd64-cross
CROSS_arm64 := aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu aarch64-linux-gnu-gcc:libc6-dev-arm64-cross
CROSS_armhf := arm-linux-gnueabihf-gcc:gcc-arm-linux-gnueabihf arm-linux-gnueabihf-gcc:libc6-dev-armhf-cross
deb: packed
	$(call need,dpkg-deb:dpkg xz:xz-utils objdump:binutils $(foreach arch,$(filter-out $(NATIVE),$(ARCHES)),$(CROSS_$(arch))))
	@for arch in $(ARCHES); do \
	  echo "==> Building Ringfence for $$arch (the first time SQLite is compiled, which takes a while on a small computer)"; \
	  packaging/build-binary dist $$arch || exit 1; \
	  echo "==> Making its package: a minute or more"; \
	  packaging/build-deb dist $$arch dist/ringfence-linux-$$arch $(VERSION) || exit 1; done

deb-speech: tools
	$(call need,dpkg-deb:dpkg xz:xz-utils objdump:binutils)
	@for arch in $(filter $(shell go run ./cmd/speechfiles),$(ARCHES)); do \
	  echo "==> Making the package of speech recognition for $$arch"; \
	  go run ./cmd/speechfiles $$arch "$(SPEECH_FILES)$$arch" || exit 1; \
	  packaging/build-speech-deb dist $$arch "$(SPEECH_FILES)$$arch" $(VERSION) || exit 1; done

# Everything that a release has, in dist/: packages, programs, licences, a bill of materials, checksums and their signature by
# KEY, a secret key of minisign's ("ringfence list key FILE" makes one). The same commit gives the same bytes.
release: build
	@[ -n "$(KEY)" ] || { echo "make release takes KEY=FILE, a secret key of minisign's: make one with bin/ringfence list key FILE" >&2; exit 1; }
	@rm -rf dist
	@$(MAKE) --no-print-directory deb deb-speech
	@go run ./cmd/release --key "$(KEY)" dist

# Installs the package in clean Debians that systemd boots, as root, and breaks what breaks at home: about ten minutes. It installs the one for arm64
# under QEMU, and runs the one for armhf there, too. Then docker-test. CONTRIBUTING.md says how to run one step alone; what needs no boot is in "make test".
package-test: build
	$(call need,systemd-nspawn:systemd-container mmdebstrap:mmdebstrap ip:iproute2 nsenter:util-linux dnsmasq:dnsmasq-base qemu-aarch64-static:qemu-user-static)
	@$(MAKE) --no-print-directory deb ARCHES="$(sort $(NATIVE) arm64 armhf)"
	@$(MAKE) --no-print-directory deb-speech ARCHES=$(NATIVE)
	@arch=$$(dpkg --print-architecture); RINGFENCE_COMPRESSION=none packaging/build-deb dist $$arch dist/ringfence-linux-$$arch 99.0.0
	@go test -count=1 -tags packed ./prompts
	@go test -count=1 -tags packed -run TestDemonstrationHasItsVoices ./softphone
	@RINGFENCE_PACKAGES=$(CURDIR)/dist go test -v -count=1 -parallel 7 -timeout 60m ./packaging
	@$(MAKE) --no-print-directory docker-test

# Follows docs/docker.md: builds the images with a Docker engine of Debian's, and rings a phone through the containers. As root; a quarter of an
# hour, and 10 GB of the disk until it ends.
docker-test: tools
	$(call need,dockerd:docker.io docker-compose:docker-compose mmdebstrap:mmdebstrap qemu-aarch64-static:qemu-user-static git:git)
	@RINGFENCE_DOCKER=1 go test -v -count=1 -timeout 60m ./internal/dockertest

lint:
	@go vet ./...
	@go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

clean:
	rm -rf bin
