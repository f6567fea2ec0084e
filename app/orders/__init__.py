"""Orders: their lines, their prices and their states."""
