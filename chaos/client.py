"""One client's connection: asks, notes question and answer, and never believes a time-out."""

import http.client
import json
import time
from typing import Any, NamedTuple

from chaos.history import History
from dev.ports import HOST

# As a patient browser; what takes longer is unknown.
TIMEOUT_SECONDS = 8
UNKNOWN = 0
_TOO_LITTLE = 500


class Answer(NamedTuple):
    """What came back: the status, 0 where none did, and the body."""

    status: int
    body: Any

    @property
    def is_yes(self) -> bool:
        """Tell whether it was done."""
        return 200 <= self.status < 300  # noqa: PLR2004

    @property
    def problem(self) -> str:
        """The name of what was refused with."""
        kind = self.body.get("type", "") if isinstance(self.body, dict) else ""
        return str(kind).rpartition("/")[2]


class Client:
    """Connections that are kept, one to each port, as a thread uses them."""

    def __init__(self, history: History, shop_port: int, gateway_port: int) -> None:
        """Know where shop and gateway are."""
        self._history = history
        self.shop_port, self.gateway_port = shop_port, gateway_port
        self._kept: dict[int, http.client.HTTPConnection] = {}

    def shop(self, method: str, path: str, body: Any = None, **note: Any) -> Answer:
        """Ask the shop; ``note`` is kept with it, of which ``token`` and ``key`` are sent."""
        headers = {"Authorization": note.pop("token", "")}
        if "key" in note:
            headers["Idempotency-Key"] = note["key"]
        begun = time.time()
        answer, error = self._ask(self.shop_port, method, path, body, headers)
        told = answer.body if isinstance(answer.body, dict) else {}
        note |= {"id": str(told["id"])} if "id" in told else {}
        if answer.problem:
            note["problem"] = answer.problem
        if error:
            note["error"] = error
        self._history.note(
            t0=round(begun, 4), t1=round(time.time(), 4), status=answer.status, **note
        )
        return answer

    def gateway(self, path: str, body: Any) -> Answer:
        """Ask the gateway's driver, as a buyer's browser does."""
        return self._ask(self.gateway_port, "POST", f"/sandbox/{path}", body, {})[0]

    def _ask(
        self, port: int, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> tuple[Answer, str]:
        connection = self._kept.get(port)
        if connection is None:
            connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_SECONDS)
            self._kept[port] = connection
        sent = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return Answer(UNKNOWN, None), type(error).__name__
        if response.will_close:
            connection.close()
        return Answer(response.status, _read(text)), ""


def _read(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
