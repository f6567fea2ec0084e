"""The shop's web app, whose checkouts wait where Redis holds their units until the test lets go."""

import fcntl
import os
from pathlib import Path

from app.core import points
from wsgi import app

__all__ = ["app"]


def _wait(point):
    if point == "checkout.after-reserve":
        with Path(os.environ["ORA_HELD"]).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH)


points.listen(app.config["ORA"], _wait)
