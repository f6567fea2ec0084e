"""Clients of the API: what of them is written from the OpenAPI document, and by what."""
