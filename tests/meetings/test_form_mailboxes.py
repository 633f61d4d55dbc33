"""People as they are typed or pasted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.mailboxes import Mailbox, read_mailboxes, write_mailboxes

BEN = Mailbox("Ben Okafor", "ben@example.com")
LENA = Mailbox("", "lena@example.com")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" , \n ,", []),
        ("lena@example.com", [LENA]),
        ("Ben Okafor <Ben@Example.com>, lena@example.com", [BEN, LENA]),
        ("Ben Okafor <ben@example.com>\r\nlena@example.com\n", [BEN, LENA]),
        ("lena@example.com; Ben Okafor <ben@example.com>;", [LENA, BEN]),
        ('"Okafor, Ben" <ben@example.com>', [Mailbox("Okafor, Ben", "ben@example.com")]),
        (
            "Okafor, Ben <ben@example.com>; lena@example.com",
            [Mailbox("Okafor, Ben", "ben@example.com"), LENA],
        ),
        ("Omar  Haddad", [Mailbox("Omar Haddad", "")]),
        ("<ben@example.com>", [Mailbox("", "ben@example.com")]),
        ('"unfinished', [Mailbox("unfinished", "")]),
        ("Ben <>", [Mailbox("Ben", "")]),
        ("not an@address at all", [Mailbox("", "not an@address at all")]),
    ],
)
def test_reading(text: str, expected: list[Mailbox]) -> None:
    assert read_mailboxes(text) == expected


LETTERS = st.characters(categories=["L", "N", "P", "Zs"], exclude_characters='"<>@')
NAMES = st.text(LETTERS, max_size=30)


@given(
    st.lists(
        st.tuples(NAMES, st.sampled_from(["ben@example.com", "l.v+x@example.org"])), max_size=5
    )
)
def test_what_is_written_is_read_back(people: list[tuple[str, str]]) -> None:
    mailboxes = [Mailbox(" ".join(name.split()), address) for name, address in people]
    assert read_mailboxes(write_mailboxes(mailboxes)) == mailboxes
