"""The web's app, whose processes may be told to die at a point."""

from chaos import armed
from wsgi import app

__all__ = ["app"]
armed.listen()
