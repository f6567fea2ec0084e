"""metrics: 1 operations."""

from .show_metrics import show_metrics

__all__ = [
    "show_metrics",
]
