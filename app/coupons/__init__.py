"""Coupons: what they take off a subtotal, and how often they may be used."""
