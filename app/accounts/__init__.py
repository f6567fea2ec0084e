"""Accounts: who customers and staff are, how they sign in, where parcels go."""
