# The commands of the project. `make help` lists them.
.PHONY: help test check
help:
	@sed -n 's/^## //p' Makefile
## test   installs what is missing and runs every test
test:
	swift test
