"""Fulfilment: what becomes of an order once it is placed: on its way, or given up."""
