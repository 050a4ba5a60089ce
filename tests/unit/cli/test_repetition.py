"""A flag that is typed twice is refused, one that may be repeated is not."""

import pytest
from akb_sync_cli.repetition import refuse_repeated

from akb_sync.errors import SettingsError


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("plan --resync 5 --resync 6", "--resync stands there twice; keep one"),
        ("plan --resync=5 -o json --resync 6", "--resync stands there twice; keep one"),
        ("plan -o json --output yaml", "--output stands there twice; keep one"),
        ("plan --config a --config b --config c", "--config stands there 3 times; keep one"),
    ],
)
def test_a_flag_that_is_typed_twice_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as error:
        refuse_repeated(typed.split())
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    "typed",
    [
        "plan --resync 5 --hold-down 5",
        "watch --allow a=b/c/d --allow e=f/g/h",
        "status --state Held --state Conflict",
        "explain -- --resync --resync",
        "",
    ],
)
def test_what_may_be_repeated_is_not(typed: str) -> None:
    refuse_repeated(typed.split())
