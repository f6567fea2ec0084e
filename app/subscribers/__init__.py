"""Subscribers: the shop's other systems, and what each of them is told of what happens here."""
