"""Alerts: what a person has to look at, once each, until it is over."""
