"""Where the shop is and who asks: requests are signed, sent, and sent again where that is safe."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self
from uuid import uuid4

import httpx

from ora_client.models.tokens import Tokens
from ora_client.problems import ProblemError

# Asked twice, these change nothing more than asked once.
_REPEATABLE = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}
_KEY = "Idempotency-Key"
_REFRESH = "/api/v1/auth/refresh"
# Asked with the refresh token, for the session is what they are about.
_OF_THE_SESSION = {_REFRESH, "/api/v1/auth/logout"}
# Refused before anything was done, so whatever was asked may be asked again.
_NOTHING_DONE = {"overloaded", "too_many_requests"}
# The same request, with the same key, is being answered at this moment.
_LATER = {"request_in_flight"}
_AGAIN = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


@dataclass(frozen=True)
class Patience:
    """How often to try, and for how long to wait between the tries, all in all."""

    tries: int = 5
    seconds: float = 60.0
    # Doubles from try to try, where the shop does not say when to come back.
    first_pause_seconds: float = 0.5

    def pause(self, attempt: int) -> float:
        """Wait this long after an attempt, not in step with others who were refused as well."""
        longest: float = self.first_pause_seconds * 2 ** (attempt - 1)
        return longest * random.uniform(0.5, 1)  # noqa: S311


class Shop:
    """
    The shop, as one caller sees it; threads may share it.

    `use` tells who asks; a token that ran out is renewed by itself.
    """

    def __init__(
        self,
        base_url: str,
        *,
        tokens: Tokens | None = None,
        patience: Patience | None = None,
        timeout_seconds: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Begin as a visitor, or as the one whom the tokens are of."""
        self._http = httpx.Client(
            base_url=base_url, timeout=timeout_seconds, transport=transport, follow_redirects=False
        )
        self._tokens = tokens
        self._renewing = threading.Lock()
        self._patience = patience or Patience()
        self._sleep = sleep

    def __enter__(self) -> Self:
        """Close it with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the connections back."""
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def use(self, tokens: Tokens) -> None:
        """Ask as the one whom the tokens are of, from now on."""
        self._tokens = tokens

    @property
    def tokens(self) -> Tokens | None:
        """Who asks; to be kept where somebody is to stay signed in."""
        return self._tokens

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: Any = None,
        **options: Any,
    ) -> httpx.Response:
        """
        Send a request, again where it may not have arrived and twice does no harm.

        Raises:
            ProblemError: the shop refuses, and goes on refusing.
            httpx.TransportError: it cannot be reached.
        """
        if hasattr(content, "read"):
            content = content.read()
        request = {"method": method, "url": url, "content": content, **options}
        told = dict(headers or {})
        tries = _Tries(self._patience, is_repeatable=method.upper() in _REPEATABLE or _KEY in told)
        while True:
            used = self._tokens
            try:
                return self._sent_once(request, told, used)
            except (ProblemError, httpx.TransportError) as error:
                if not self._has_renewed(error, url, used, tries):
                    self._sleep(tries.pause_after(error))

    def _sent_once(
        self, request: Mapping[str, Any], headers: Mapping[str, str], tokens: Tokens | None
    ) -> httpx.Response:
        signed = {**headers}
        if tokens is not None:
            is_refresh = request["url"] in _OF_THE_SESSION
            token = tokens.refresh_token if is_refresh else tokens.access_token
            signed.setdefault("Authorization", f"Bearer {token}")
        response = self._http.request(**request, headers=signed)
        if not response.is_success:
            raise ProblemError.of(response)
        return response

    def _has_renewed(
        self, error: Exception, url: str, used: Tokens | None, tries: "_Tries"
    ) -> bool:
        """Renew a token that ran out, once for all threads; tells whether another is used now."""
        is_refused = isinstance(error, ProblemError) and error.status == HTTPStatus.UNAUTHORIZED
        if not is_refused or used is None or url in _OF_THE_SESSION or tries.is_renewed:
            return False
        tries.is_renewed = True
        with self._renewing:
            if self._tokens is used:
                headers = {"Authorization": f"Bearer {used.refresh_token}"}
                response = self._http.post(_REFRESH, headers=headers)
                if not response.is_success:
                    return False
                self._tokens = Tokens.from_dict(response.json())
        return True


@dataclass
class _Tries:
    """How often one request was tried, and whether it may be once more."""

    patience: Patience
    is_repeatable: bool
    made: int = 0
    waited_seconds: float = 0.0
    is_renewed: bool = False

    def pause_after(self, error: ProblemError | httpx.TransportError) -> float:
        """
        Tell how long to wait before the next try.

        Raises:
            ProblemError, httpx.TransportError: the one given; there is no next try.
        """
        self.made += 1
        told = error.retry_after_seconds if isinstance(error, ProblemError) else None
        pause = self.patience.pause(self.made) if told is None else told
        self.waited_seconds += pause
        is_over = self.made >= self.patience.tries or self.waited_seconds > self.patience.seconds
        if is_over or not self._may_follow(error):
            raise error
        return pause

    def _may_follow(self, error: ProblemError | httpx.TransportError) -> bool:
        if isinstance(error, httpx.ConnectError):
            return True
        if isinstance(error, ProblemError):
            if error.code in _NOTHING_DONE:
                return True
            if error.code not in _LATER and error.status not in _AGAIN:
                return False
        return self.is_repeatable


def new_key() -> str:
    """Make an Idempotency-Key: one for each purchase that somebody means to make."""
    return uuid4().hex


def undocumented(response: httpx.Response) -> ProblemError:
    """Tell of an answer that the document does not know."""
    return ProblemError(response, {"code": "undocumented", "title": "An answer of another form."})
