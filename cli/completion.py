"""What the shell offers at a Tab: EPGs, namespaces, prefixes and more, from a private file of the last look.

A Tab must never log in anywhere: it would be slow, and a refused password at every keystroke locks people
out. So `plan` and `status` leave what they saw in the user's cache, readable by nobody else, and a Tab reads
that.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from akb_sync.explain.subject import KINDS
from akb_sync.model import Binding, ObjectRef
from akb_sync.plan import Plan

EPGS, NAMESPACES, PREFIXES = "epgs", "namespaces", "prefixes"
OBJECTS, WORKLOADS, APPROVALS = "objects", "workloads", "approvals"
MOST = 20_000
"""Words of a kind that are kept: a shell shows a screen of them, and the file is read at each Tab."""
_SAFE = re.compile(r"[A-Za-z0-9_.:/\[\]-]+")
"""What a name can be made of. Some shells evaluate what they are offered, so nothing else is offered."""


def cache_path() -> Path:
    """Give where the words are kept: `~/.cache/akb-sync/words.json`, or where `XDG_CACHE_HOME` puts it."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "akb-sync" / "words.json"


def remember(plan: Plan, also: Iterable[Binding] = ()) -> None:
    """Keep the words of a plan, and of more EPGs, for the next Tab; that it fails is no reason to fail."""
    with suppress(OSError, RuntimeError):  # RuntimeError: nobody's home is known
        _write(cache_path(), json.dumps(_words(plan, {*also, *(item.binding for item in plan.items)})))


def epgs(incomplete: str) -> list[str]:
    """Offer EPGs: by their name where it is the only one, and by `tenant/l3out/epg`."""
    return _offered(EPGS, incomplete)


def namespaces(incomplete: str) -> list[str]:
    """Offer namespaces."""
    return _offered(NAMESPACES, incomplete)


def prefixes(incomplete: str) -> list[str]:
    """Offer prefixes."""
    return _offered(PREFIXES, incomplete)


def objects(incomplete: str) -> list[str]:
    """Offer what can be explained: prefixes, and objects of the cluster such as `pod/shop/web-1`."""
    return [*_offered(PREFIXES, incomplete), *_offered(OBJECTS, incomplete)]


def workloads(incomplete: str) -> list[str]:
    """Offer workloads, as `namespace/name`."""
    return _offered(WORKLOADS, incomplete)


def approvals(incomplete: str) -> list[str]:
    """Offer the id of removals that waited for a person."""
    return _offered(APPROVALS, incomplete)


def completed(words: Iterable[str]) -> Callable[[str], list[str]]:
    """Make what offers words that never change."""
    fixed = sorted(words)

    def offer(incomplete: str) -> list[str]:
        return [word for word in fixed if word.startswith(incomplete)]

    return offer


def _words(plan: Plan, bindings: set[Binding]) -> dict[str, list[str]]:
    single = {name for name, count in Counter(binding.epg for binding in bindings).items() if count == 1}
    sources = {ref for item in plan.items for ref in (*item.sources, *item.workloads)}
    subjects = {one.subject for one in plan.notices}
    behind = {ref for item in plan.items for ref in item.workloads} | subjects
    return {
        EPGS: _some({*single, *map(str, bindings)}),
        NAMESPACES: _some(ref.namespace for ref in sources | subjects),
        PREFIXES: _some(item.prefix for item in plan.items),
        OBJECTS: _some(map(_object, sources | subjects)),
        WORKLOADS: _some(f"{ref.namespace}/{ref.name}" for ref in behind),
        APPROVALS: _some([plan.approval_id]),
    }


def _object(ref: ObjectRef) -> str:
    """Name an object as `explain` takes it; empty when it takes none of its kind."""
    return f"{KINDS[ref.kind][0]}/{ref.namespace}/{ref.name}" if ref.kind in KINDS else ""


def _some(words: Iterable[str]) -> list[str]:
    return sorted({word for word in words if _SAFE.fullmatch(word)})[:MOST]


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
    except (OSError, RuntimeError, ValueError, KeyError, TypeError):
        return []
    known = (word for word in words if isinstance(word, str) and _SAFE.fullmatch(word))
    return [word for word in known if word.startswith(incomplete)]
