"""
The ceiling: views that do nothing, on the same server as the shop.

Whatever a framework, a server and a client cost without any work of ours is in these figures.
"""

import os

import jwt
from flask import Flask, Response, jsonify, request

app = Flask(__name__, static_folder=None)
_SECRET = os.environ["SECRET_KEY"]


@app.get("/empty")
def nothing() -> Response:
    """Answer a few bytes."""
    return jsonify(status="ok")


@app.post("/empty")
def nothing_authenticated() -> Response:
    """Check a bearer's token, decode the body, answer a few bytes."""
    token = request.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, _SECRET, algorithms=["HS256"], issuer="ora")
    body = request.get_json()
    return jsonify(of=claims["sub"], lines=len(body["lines"]))
