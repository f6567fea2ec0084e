"""Products and categories: what may be sold, and at which price."""
