"""
The whole OpenAPI document, tried out by a machine: no 500, and nothing that is not documented.

A few examples of each operation in the normal suite, a hundred with ORA_TESTS=long.
"""

from collections import Counter, defaultdict
from contextlib import suppress
from itertools import cycle
from unittest import SkipTest

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.accounts import accounts
from app.accounts.models import User
from app.core.auth import issue_tokens
from app.core.db import transaction
from tests.api.endpoints import open_scene
from tests.races.length import is_long

# Not these of schemathesis' checks: a value of the right form may still be none of what there is (a
# cursor, a coupon, an SKU), and 503 is how these two tell that a part is missing.
NOT_SAID = [positive_data_acceptance]
MAY_BE_UNWELL = {"GET /healthz/cron", "GET /readyz"}
EXAMPLES = 100 if is_long() else 2


def sign_in(shop, account_id):
    """A new session of somebody's, for what is tried before may have ended the last one."""
    with transaction() as session:
        user = session.get(User, account_id)
        started = accounts.start_session(session, user)
    with shop.app.app_context():
        tokens = issue_tokens(
            user.id, role=user.role, session_id=started.id, refresh_id=started.refresh_id
        )
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def try_out(operation, headers, known, mode):
    """Send what a machine makes up of a description; tells what was wrong, and of how many."""
    wrong, sent = set(), 0
    excluded = NOT_SAID + [not_a_server_error] * (operation.label in MAY_BE_UNWELL)
    # Every other time there is something behind the address.
    named = cycle([known, {}])

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, database=None, deadline=None, derandomize=not is_long(),
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def send(case):
        nonlocal sent
        sent += 1
        there = next(named)
        case.path_parameters = {k: there.get(k, v) for k, v in case.path_parameters.items()}
        try:
            case.call_and_validate(headers=headers, excluded_checks=excluded)
        except FailureGroup as group:
            wrong.update(f"{type(one).__name__}: {str(one)[:400]}" for one in group.exceptions)

    # What takes nothing cannot be sent anything wrong.
    with suppress(SkipTest, Unsatisfiable):
        send()
    return wrong, sent


@pytest.mark.parametrize("who", ["buyer", "clerk"])
def test_the_document_holds_whatever_is_sent(shop, who):
    scene = open_scene(shop)
    known = {f"{name}_id": value for name, value in scene.names.items()}
    known |= {"sku": "RING", "slug": "ring", "code": "DIWALI", "name": "sales"}
    schema = schemathesis.openapi.from_wsgi("/openapi.json", shop.app)
    operations = [one.ok() for one in schema.get_all_operations()]
    found, tried = defaultdict(set), Counter()

    for operation in operations:
        headers = sign_in(shop, getattr(scene, who).id)
        for mode in GenerationMode:
            wrong, sent = try_out(operation, headers, known, mode)
            tried[mode] += sent
            if wrong:
                found[operation.label] |= wrong

    assert len(operations) > 120
    assert tried[GenerationMode.POSITIVE] > len(operations)
    # Some operations take nothing that could be wrong.
    assert tried[GenerationMode.NEGATIVE] > len(operations)
    assert dict(found) == {}
