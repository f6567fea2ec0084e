import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import keyed_id, new_id, readable_number

NUMBER = re.compile(r"ORA-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def test_new_ids_differ_and_sort_by_the_time_they_were_made():
    ids = [new_id() for _ in range(1_000)]

    assert ids == sorted(set(ids))
    assert {made.version for made in ids} == {7}


def test_the_same_parts_give_the_same_id_for_ever():
    assert keyed_id("secret", "order", "key-1") == UUID("4bb9838b-8a00-8388-9551-e64972502526")


def test_every_part_and_the_secret_matter():
    given_parts = [
        ("secret", "a", "b"),
        ("secret", "b", "a"),
        ("secret", "a", "c"),
        ("secret", "ab"),
        ("secret", "a", "b", ""),
        ("secret", "a"),
        ("other", "a", "b"),
    ]

    ids = {keyed_id(*parts) for parts in given_parts}

    assert len(ids) == len(given_parts)


@given(st.text(), st.text())
def test_a_keyed_id_is_a_uuid_of_our_own_kind(user, key):
    made = keyed_id("secret", user, key)

    assert (made.version, made.variant) == (8, "specified in RFC 4122")
    assert made == keyed_id("secret", user, key)


@given(st.uuids())
def test_a_number_can_be_read_out_on_the_phone(of):
    assert NUMBER.fullmatch(readable_number(of))
    assert readable_number(of) == readable_number(UUID(str(of)))


def test_neighbouring_orders_have_numbers_that_tell_nothing_of_each_other():
    numbers = [readable_number(UUID(int=number)) for number in range(1_000)]

    assert len(set(numbers)) == 1_000
    assert len({number[4:8] for number in numbers}) > 900
