"""The one error of the launcher."""


class DevError(Exception):
    """Something that the person at the keyboard can put right; its text says how."""
