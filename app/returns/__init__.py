"""Returns: delivered units that come back, what becomes of them, and of the money."""
