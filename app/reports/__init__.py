"""Reports: what was sold, paid, taxed and returned in a period, and what the stock is worth."""
