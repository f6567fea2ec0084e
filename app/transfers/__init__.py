"""Transfers: products, stock and orders as CSV files, in and out."""
