"""The shop's web, whose answers to checkouts are on their way for very long."""

import time

from app import create_app

LATE_SECONDS = 600
shop = create_app()


def app(environ, start_response):
    answer = shop.wsgi_app(environ, start_response)
    if environ["PATH_INFO"] == "/api/v1/checkout":
        time.sleep(LATE_SECONDS)
    return answer
