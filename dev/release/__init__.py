"""Releases: which number is next, what it promises, and what is handed out."""
