"""The documentation as a site: what the repository has in words, and what its code tells."""
