"""waiting_room: 2 operations."""

from .ask_for_turn import ask_for_turn
from .leave_waiting_room import leave_waiting_room

__all__ = [
    "ask_for_turn",
    "leave_waiting_room",
]
