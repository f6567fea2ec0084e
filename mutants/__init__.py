"""Guards of the shop, switched off one at a time: the tests have to miss each; docs/mutants.md."""
