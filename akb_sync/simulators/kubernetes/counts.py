"""How often each verb was used on each kind: what a test needs to say "no write" or "one list, not ten"."""

from collections import Counter
from threading import Lock

WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})


class RequestCounts:
    """Requests by (verb, resource), where resource may be `pods/status`; safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, verb: str, resource: str) -> None:
        """Count one request."""
        with self._lock:
            self._counts[verb, resource] += 1

    def __getitem__(self, key: tuple[str, str]) -> int:
        with self._lock:
            return self._counts[key]

    def snapshot(self) -> Counter[tuple[str, str]]:
        """A copy, to compare with a later one."""
        with self._lock:
            return Counter(self._counts)

    def writes(self) -> int:
        """How many requests could have changed something."""
        with self._lock:
            return sum(count for (verb, _), count in self._counts.items() if verb in WRITES)

    def reset(self) -> None:
        """Start again from nothing."""
        with self._lock:
            self._counts.clear()
