"""A simulator: the shop's own code on real servers, in one process, in the order of a seed."""
