"""
Chaos: real traffic through the whole shop while a seeded script breaks it, and the books after it.

The shop does not import it; docs/chaos.md tells how to run it and how to add a fault.
"""
