"""Which version of the shop this is; `make release` writes it."""

VERSION = "0.9.0"
