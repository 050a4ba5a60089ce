"""What people mean when they name an EPG or a prefix on a command line.

One place for all commands, so that each takes the same three forms and says the same when nothing, or
more than one thing, is meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from .errors import SettingsError
from .model import Binding
from .prefix import canonical

MOST_SHOWN = 5
CLOSE = 0.75
"""How alike a name has to be to what was typed (0 to 1) in order to be offered."""
SHORTEST_PART = 3
"""Letters of a part of a name that is offered, when no name is like it."""


def meant_epg(
    asked: str, known: Iterable[Binding], *, where: str = "the fabric has no external EPG"
) -> Binding:
    """Find the EPG that a person means.

    Args:
        asked: A name, if it is the only one; `tenant/l3out/epg`; or a DN.
        known: The EPGs that may be meant.
        where: How the sentence begins that says that there is none: what was looked through.

    Raises:
        SettingsError: None is meant (with the near matches), or more than one (with all of them).
    """
    candidates = sorted(set(known))
    found = [one for one in candidates if asked in forms(one)]
    if len(found) == 1:
        return found[0]
    if found:
        raise SettingsError(f"{len(found)} EPGs are called {asked!r}", f"name one of {_listed(found)}")
    raise SettingsError(f"{where} {asked!r}", _near(asked, candidates))


def forms(binding: Binding) -> tuple[str, str, str]:
    """Give the three ways in which an EPG may be named."""
    return (binding.epg, str(binding), binding.dn)


def meant_prefix(asked: str) -> str:
    """Give the canonical form of a prefix, or of one address, that a person typed.

    Raises:
        SettingsError: It is none.
    """
    found = canonical(asked)
    if not found:
        raise SettingsError(
            f"{asked!r} is no address and no prefix", "write it as 10.244.1.5, 10.244.1.0/24 or 2001:db8::5"
        )
    return found


def _near(asked: str, candidates: Collection[Binding]) -> str:
    if not candidates:
        return "there is none to choose from"
    by_form: dict[str, list[Binding]] = {}
    for one in candidates:
        for form in forms(one):
            by_form.setdefault(form.lower(), []).append(one)
    word = asked.lower()
    close = [word] if word in by_form else difflib.get_close_matches(word, by_form, MOST_SHOWN, CLOSE)
    near = list(dict.fromkeys(one for form in close for one in by_form[form]))
    if not near and len(word) >= SHORTEST_PART:
        near = [one for one in candidates if word in one.epg.lower()]
    return f"did you mean {_listed(near)}?" if near else f"there are {_listed(candidates)}"


def _listed(bindings: Collection[Binding]) -> str:
    shown = [str(one) for one in bindings][:MOST_SHOWN]
    more = len(bindings) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
