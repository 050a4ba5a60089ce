"""The only place that imports acitoolkit, because importing it takes care.

acitoolkit 0.4 does `from collections import Sequence`, a name that Python 3.10 removed (it lives in
`collections.abc`), so the name is lent to `collections` during the import and taken away after it.
Importing it also calls `urllib3.disable_warnings()`, which would silence the warning about unverified TLS
for the whole process; the warning filters are put back as they were.

Only the models are used. acitoolkit's `Session` is not: it never verifies the websocket's certificate,
retries without a pause, does not renew a session before it ends, does not notice a dead websocket, and
signs with `OpenSSL.crypto.sign`, which pyOpenSSL removed. `apic.session` takes its place.
"""

from __future__ import annotations

import collections
import collections.abc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _importable() -> Iterator[None]:
    lent = not hasattr(collections, "Sequence")
    with warnings.catch_warnings():
        if lent:
            collections.Sequence = collections.abc.Sequence  # type: ignore[attr-defined]
        try:
            yield
        finally:
            if lent:
                del collections.Sequence  # type: ignore[attr-defined]


with _importable():
    from acitoolkit.acibaseobject import BaseACIObject
    from acitoolkit.acitoolkit import OutsideEPG, OutsideL3, OutsideNetwork, Tenant

__all__ = ["BaseACIObject", "OutsideEPG", "OutsideL3", "OutsideNetwork", "Tenant"]
