"""Carts: what a customer means to buy; it holds no units."""
