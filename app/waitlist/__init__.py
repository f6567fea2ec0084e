"""The waitlist: customers who are told once when a product is back in stock, one after another."""
