"""Names, uids and hashes that the server makes: reproducible when a seed is given."""

import hashlib
import json
import random
import uuid
from typing import Any

# The alphabet of generated names: no vowels, so that no words come out (apimachinery, util/rand).
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
SUFFIX_LENGTH = 5
LONGEST_BASE = 58


class Namer:
    """Makes suffixes and uids."""

    def __init__(self, seed: int | None = None) -> None:
        self._suffixes = random.Random(seed or 0)  # noqa: S311 - names, not secrets
        self._uids = random.Random(seed) if seed is not None else None  # noqa: S311 - the same

    def name(self, base: str) -> str:
        """A name for `generateName`: the base, cut to fit, and five characters."""
        suffix = "".join(self._suffixes.choices(ALPHABET, k=SUFFIX_LENGTH))
        return base[:LONGEST_BASE] + suffix

    def uid(self) -> str:
        """A version 4 UUID."""
        if self._uids is None:
            return str(uuid.uuid4())
        return str(uuid.UUID(int=self._uids.getrandbits(128), version=4))


def template_hash(template: dict[str, Any]) -> str:
    """Ten characters that stand for a Pod template: equal templates, equal hash."""
    digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:10])
