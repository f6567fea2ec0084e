"""The treasury: money after it was asked for, as gateways tell and staff decide."""
