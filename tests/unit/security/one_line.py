"""What every error is for people: one printable line of a sensible length."""

LONGEST = 1000


def is_one_line(error: Exception) -> None:
    text = str(error)
    assert text.isprintable(), repr(text)
    assert 0 < len(text) < LONGEST
