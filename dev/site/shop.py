"""The shop as it describes itself, without any server."""

from functools import cache
from typing import Any

from flask import Flask

from app import create_app
from app.config import Environment, Settings

# Nobody is asked anything; the port is none that anything listens at.
_NOWHERE = "127.0.0.1:1/0"


@cache
def app() -> Flask:
    """Make the app."""
    return create_app(
        Settings(
            _env_file=None,  # type: ignore[call-arg]
            app_env=Environment.DEVELOPMENT,
            database_url=f"postgresql+psycopg://nobody@{_NOWHERE}",
            stock_redis_url=f"redis://{_NOWHERE}",
            queue_redis_url=f"redis://{_NOWHERE}",
        )
    )


def description() -> dict[str, Any]:
    """Read the API's description of itself (OpenAPI 3.1)."""
    return dict(app().test_client().get("/openapi.json").get_json())
