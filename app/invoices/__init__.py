"""Invoices and credit notes: numbered without a gap, written once, printed as PDF."""
