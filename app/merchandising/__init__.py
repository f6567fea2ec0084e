"""Merchandising: products and shelves as staff make and change them."""
