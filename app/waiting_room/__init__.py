"""The waiting room: who may buy a product that many want at once, in the order of asking."""
