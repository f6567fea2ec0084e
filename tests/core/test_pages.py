import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.pages import decode_cursor, encode_cursor
from app.core.problems import ValidationFailed

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
positions = st.lists(texts | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=4)


def cursor_of(value):
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(positions)
def test_a_cursor_leads_back_to_where_it_was_given_out(position):
    assert decode_cursor(encode_cursor(*position), len(position)) == position


def test_times_and_ids_travel_as_text():
    moment, order = datetime(2026, 11, 24, 17, 2, tzinfo=UTC), UUID(int=7)

    assert decode_cursor(encode_cursor(moment, order), 2) == [str(moment), str(order)]


@given(positions)
def test_a_cursor_needs_no_escaping_in_an_address(position):
    cursor = encode_cursor(*position)

    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "a",
        "%%%",
        "ünï",
        "AAAA",
        cursor_of({"a": 1}),
        cursor_of("ab"),
        cursor_of(["only one"]),
        cursor_of(["one", "too", "many"]),
        cursor_of([1.5, "a"]),
        cursor_of([True, "a"]),
        cursor_of([None, "a"]),
        cursor_of([["nested"], "a"]),
        cursor_of(["nul\x00", "a"]),
        urlsafe_b64encode(b"\xff\xfe").decode(),
        urlsafe_b64encode(b"[" * 50_000).decode(),
        urlsafe_b64encode(b"[NaN, 1]").decode(),
    ],
)
def test_a_cursor_that_we_never_gave_out_is_refused(cursor):
    with pytest.raises(ValidationFailed) as refused:
        decode_cursor(cursor, 2)

    assert refused.value.members == {
        "errors": [
            {"pointer": "#/cursor", "detail": "is not a cursor that this list gave out"},
        ]
    }


@given(st.text())
def test_no_text_at_all_breaks_the_reading_of_a_cursor(cursor):
    try:
        position = decode_cursor(cursor, 1)
    except ValidationFailed:
        return
    assert [type(part) in (str, int) for part in position] == [True]
