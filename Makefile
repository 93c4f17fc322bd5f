.PHONY: help
help:
	@echo "make run | test | bench"
