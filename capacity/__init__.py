"""How many machines a shop needs: a plan from measured costs, and two simulations."""
