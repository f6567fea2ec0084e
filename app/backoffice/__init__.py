"""The back office: pages at /admin that the shop is run from."""
