"""A gate with one place, and an app whose answer never ends."""

from app.core.gate import Gate, rules


def _answer(environ, start_response):
    start_response("200 OK", [])
    while environ["PATH_INFO"] == "/api/v1/endless":
        yield b"x" * 65_536


app = Gate(_answer, rules(1, 1, 0.1))
