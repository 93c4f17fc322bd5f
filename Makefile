# `make` lists what there is. Steps longer than a line are scripts in .ci/.

BUILD := swift build --explicit-target-dependency-import-check error
RELEASE := $(BUILD) -c release --static-swift-stdlib

.PHONY: help
help:  ## List the targets.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: release  ## Build a release and serve on 127.0.0.1:8080 with the data in ./data.
	exec .build/release/posthorn serve --listen 127.0.0.1:8080 --data ./data

.PHONY: release
release:  ## Build .build/release/posthorn, after installing what that needs.
	@.ci/install build
	$(RELEASE) --product posthorn

.PHONY: test
test:  ## Run every check: format, arrows, linkage, units, clients, black box, fuzzing, sanitizers.
	@.ci/test

.PHONY: nightly
nightly:  ## Run simulated worlds from fresh seeds until stopped; a failure names its seed.
	$(RELEASE) --product Nightly
	SWIFT_DETERMINISTIC_HASHING=1 .build/release/Nightly $(WORLD)

.PHONY: blackbox
blackbox: release  ## Hold the black-box suites against the release binary.
	@.ci/install tests
	Tests/BlackBox/run .build/release/posthorn

.PHONY: soak
soak: release  ## Have groups work for minutes while the server is killed; SOAK='--minutes 60' chooses.
	Tests/Crash/soak.py .build/release/posthorn $(SOAK)

.PHONY: bench
bench: release  ## Measure beside the peers; BENCH='publish-64 --rounds 9' chooses.
	@.ci/install bench
	Tests/Bench/run .build/release/posthorn $(BENCH)

.PHONY: format
format:  ## Bring the Swift code into shape.
	swift format --in-place --recursive Package.swift Sources Tests

.PHONY: docs
docs:  ## Write the pages that are made from tables in the code.
	openapi/to_json.py
	$(BUILD) --product posthorn
	mkdir -p docs
	.build/debug/posthorn help --markdown > docs/configuration.md

.PHONY: clean
clean:  ## Remove what was built. The data in ./data stays.
	rm -rf .build
