"""The TypeScript client is compiled strictly, and buys a ring."""

import json
import shutil
from pathlib import Path

import pytest

from dev import node
from dev.clients.typescript import HERE
from dev.errors import DevError
from tests.clients.nodes import require
from tests.web import web_process

STRICT = {
    "target": "ES2022", "module": "NodeNext", "moduleResolution": "NodeNext", "strict": True,
    "lib": ["ES2022", "DOM"], "types": [], "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True, "outDir": "out",
}  # fmt: skip
PURCHASE = (HERE / "examples" / "purchase.ts").read_text()
MISTAKES = {
    "a field that there is not": ("quantity: 1 }],\n      expected", "qty: 1 }],\n      expected"),
    "a word for a number": ("quantity: 1 }] } })", 'quantity: "1" }] } })'),
    "a key that is missing": ('params: { header: { "Idempotency-Key": newKey() } },', ""),
    "a path that there is not": ('GET("/api/v1/orders/{', 'GET("/api/v1/order/{'),
    "a state of elsewhere": ('"Tamil Nadu"', '"Bavaria"'),
    "an answer's field that there is not": ("order.total.amount", "order.sum.amount"),
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A program's folder in which the client is installed as its users have it."""
    modules = require(HERE)
    compiler = str(modules / "typescript" / "bin" / "tsc")
    folder = tmp_path_factory.mktemp("program")
    client = folder / "node_modules" / "ora-client"
    node.run(
        node.node(), compiler, "--project", str(HERE), "--outDir", str(client / "dist"), cwd=HERE
    )
    shutil.copy(HERE / "src" / "schema.d.ts", client / "dist")
    shutil.copy(HERE / "package.json", client)
    for name in ("openapi-fetch", "openapi-typescript-helpers"):
        shutil.copytree(modules / name, folder / "node_modules" / name)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": STRICT, "include": ["*.ts"]})
    )
    return folder


def compiled(project: Path, program: str) -> Path:
    """Compile a program; raises what the compiler says against it."""
    (project / "purchase.ts").write_text(program)
    node.run(node.node(), str(HERE / "node_modules" / "typescript" / "bin" / "tsc"), cwd=project)
    return project / "out" / "purchase.js"


def test_the_compiled_purchase_buys_a_ring(project, shop, gateway):
    shop.product("ring", 3, price=300_000)
    program = compiled(project, PURCHASE)

    with web_process() as web:
        said = node.run(node.node(), str(program), web.url, gateway.url, "RING", cwd=project)

    told = json.loads(said.splitlines()[-1])
    assert (told["order_status"], told["total"]) == ("pending", 309_000)
    payment = gateway.books()["payments"][-1]
    shop.deliver(gateway.event("payment.captured", payment))
    shop.work()
    assert shop.on_hand("ring") == 2
    assert (shop.levels("ring").reserved, shop.levels("ring").committed) == (0, 0)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_does_not_compile(project, mistake):
    right, wrong = MISTAKES[mistake]
    assert right in PURCHASE

    with pytest.raises(DevError, match="error TS"):
        compiled(project, PURCHASE.replace(right, wrong, 1))


TRIES = """
import { answered, newKey, openShop, ProblemError } from "ora-client";

const refusal = (status: number, code: string, after = "3") =>
  new Response(JSON.stringify({ status, code, title: code, type: "about:blank", request_id: "1" }), {
    status, headers: { "Content-Type": "application/problem+json", "Retry-After": after },
  });
async function tried(answers: Response[], keyed: boolean) {
  const keys: (string | null)[] = [], waits: number[] = [];
  const shop = openShop("http://shop.example", {
    pause: async (ms) => void waits.push(ms),
    fetch: async (request) => {
      keys.push(new Request(request).headers.get("Idempotency-Key"));
      return answers.shift()!;
    },
  });
  const code = await (keyed
    ? shop.POST("/api/v1/checkout", { params: { header: { "Idempotency-Key": newKey() } }, body: {} })
    : shop.POST("/api/v1/auth/logout")
  ).then((answer) => { answered<unknown>(answer); return "done"; })
    .catch((error) => (error instanceof ProblemError ? error.code : String(error)));
  return { code, tries: keys.length, keys: new Set(keys).size, waits };
}
console.log(JSON.stringify([
  await tried([refusal(503, "overloaded"), refusal(429, "too_many_requests", "7"), refusal(404, "gone")], false),
  await tried([refusal(503, "service_unavailable")], false),
  await tried([refusal(503, "service_unavailable"), refusal(409, "request_in_flight"), refusal(422, "cart_empty")], true),
  await tried(Array.from({ length: 9 }, () => refusal(503, "overloaded")), true),
]));
"""  # noqa: E501


def test_it_is_tried_again_where_that_is_safe_and_with_the_same_key(project):
    said = node.run(node.node(), str(compiled(project, TRIES)), cwd=project)

    assert json.loads(said.splitlines()[-1]) == [
        {"code": "gone", "tries": 3, "keys": 1, "waits": [3000, 7000]},
        {"code": "service_unavailable", "tries": 1, "keys": 1, "waits": []},
        {"code": "cart_empty", "tries": 3, "keys": 1, "waits": [3000, 3000]},
        {"code": "overloaded", "tries": 5, "keys": 1, "waits": [3000] * 4},
    ]
