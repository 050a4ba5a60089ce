"""What the shell offers at a Tab: EPGs, namespaces and prefixes, from a private file of the last look.

A Tab must never log in anywhere: it would be slow, and a refused password at every keystroke locks people
out. So `plan` and `status` leave what they saw in the user's cache, readable by nobody else, and a Tab reads
that.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from akb_sync.plan import Plan

EPGS, NAMESPACES, PREFIXES = "epgs", "namespaces", "prefixes"
MOST = 20_000
"""Words of a kind that are kept: a shell shows a screen of them, and the file is read at each Tab."""


def cache_path() -> Path:
    """Give where the words are kept: `~/.cache/akb-sync/words.json`, or where `XDG_CACHE_HOME` puts it."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "akb-sync" / "words.json"


def remember(plan: Plan) -> None:
    """Keep the words of a plan for the next Tab; a cache that cannot be written is no reason to fail."""
    with suppress(OSError):
        _write(cache_path(), json.dumps(_words(plan)))


def epgs(incomplete: str) -> list[str]:
    """Offer EPGs: by their name where it is the only one, and by `tenant/l3out/epg`."""
    return _offered(EPGS, incomplete)


def namespaces(incomplete: str) -> list[str]:
    """Offer namespaces."""
    return _offered(NAMESPACES, incomplete)


def prefixes(incomplete: str) -> list[str]:
    """Offer prefixes."""
    return _offered(PREFIXES, incomplete)


def _words(plan: Plan) -> dict[str, list[str]]:
    bindings = {item.binding for item in plan.items}
    single = {name for name, count in Counter(binding.epg for binding in bindings).items() if count == 1}
    refs = (ref for item in plan.items for ref in (*item.sources, *item.workloads))
    return {
        EPGS: _some({*single, *map(str, bindings)}),
        NAMESPACES: _some({ref.namespace for ref in refs} | {one.subject.namespace for one in plan.notices}),
        PREFIXES: _some({item.prefix for item in plan.items if item.prefix}),
    }


def _some(words: Iterable[str]) -> list[str]:
    return sorted(word for word in words if word)[:MOST]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # only its owner may read it
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def _offered(kind: str, incomplete: str) -> list[str]:
    try:
        document = json.loads(cache_path().read_text(encoding="utf-8"))
        words = list(document[kind])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [word for word in words if isinstance(word, str) and word.startswith(incomplete)]
