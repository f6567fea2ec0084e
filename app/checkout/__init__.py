"""The stories that join orders, stock and payments; each is one file with one public function."""
