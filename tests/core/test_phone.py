"""A number that is written as it is kept is read without being parsed, and read alike."""

import re
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.core import fields
from app.core.fields import Phone

digits = st.from_regex(r"[1-9][0-9]{9}", fullmatch=True) | st.from_regex(r"[0-9]{8,12}")


@given(digits=digits)
def test_what_is_not_parsed_would_have_been_read_as_it_is(digits):
    text = f"+91{digits}"
    usual = read(text)
    with mock.patch.object(fields, "_KEPT_MOBILE", re.compile("never")):
        assert read(text) == usual


def read(text):
    try:
        return Phone().deserialize(text)
    except ValidationError:
        return None


def test_a_usual_number_is_not_parsed():
    assert fields._KEPT_MOBILE.fullmatch("+919876543210")
