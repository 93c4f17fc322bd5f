.PHONY: help
help:
	@echo "make run | test | bench"

.PHONY: docs
docs:  ## Write the pages that are made from tables in the code.
	swift build --product posthorn
	mkdir -p docs
	.build/debug/posthorn help --markdown > docs/configuration.md
