"""Annotation keys that nearly are the one that is read: a typing error must not be a silence.

A workload whose annotation is misspelt looks exactly like one that never had any. What counts as near: the
same key in other letters' case; the same name in another domain, or in none; in the same domain a name that
is nearly the same (`l3out` for `l3o`); and a key that is the right one but for a few letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import lru_cache

from .prose import shown

NAME_LIKENESS, KEY_LIKENESS = 0.6, 0.85
"""How alike a name in the same domain, and a whole key, have to be (difflib's ratio)."""
_LONGEST = 253 + 1 + 63
"""Characters of the longest key (Kubernetes: "Annotations", syntax and character set)."""


def near_miss(annotations: Mapping[str, object], binding: str, paused: str) -> str:
    """Say what a person probably meant; empty when nothing is nearly right.

    Args:
        annotations: A workload's, as the API sent them.
        binding: The key that names the EPG.
        paused: The key that pauses the workload.
    """
    for meant in (binding, paused):
        found = None if meant in annotations else _nearest(annotations, meant, {binding, paused})
        if found:
            return f"the annotation `{shown(found, 80)}` is not read; did you mean `{meant}`?"
    value = annotations.get(paused)
    if value is not None and value not in ("true", "false"):
        text = shown(value) if isinstance(value, str) else "no text"
        return f'the annotation `{paused}` has the value `{text}`; only "true" pauses the workload'
    return ""


def _nearest(annotations: Mapping[str, object], meant: str, right: set[str]) -> str | None:
    near = (key for key in annotations if key not in right and _is_near(key, meant))
    return min(near, default=None)


@lru_cache(maxsize=4096)
def _is_near(key: str, meant: str) -> bool:
    """Whether a person who wrote `key` probably meant `meant`."""
    if len(key) > _LONGEST:
        return False
    domain, _, name = key.casefold().rpartition("/")
    right_domain, _, right_name = meant.casefold().rpartition("/")
    if name == right_name:
        return domain == right_domain or not _is_general(right_name)
    if domain == right_domain:
        return bool(domain) and _likeness(name, right_name) >= NAME_LIKENESS
    return _likeness(key.casefold(), meant.casefold()) >= KEY_LIKENESS


def _is_general(name: str) -> bool:
    """Whether a name is a common word, which other people's annotations in other domains have too."""
    return name == "paused"


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
