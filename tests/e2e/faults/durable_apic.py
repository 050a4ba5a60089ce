"""An APIC simulator that survives SIGKILL: what it committed is on disk before it answers.

Why: a real APIC that crashes comes back with its database, without its sessions and subscriptions. The
simulator keeps everything in memory, so this program writes each accepted request to a file first and plays
the file again when it is started.

    python -m tests.e2e.faults.durable_apic FOLDER PORT
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from akb_sync.simulators.apic import ApicSimulator, Write
from akb_sync.simulators.apic import simulator as assembly
from akb_sync.simulators.apic.journal import Journal
from akb_sync.simulators.certificates import Authority
from akb_sync.simulators.stopping import stop_signals, wait_until

READY = "the APIC is ready"
WRITES, USERS, KEY = "writes.jsonl", "users.json", "ca.key"


class KeptAuthority(Authority):
    """The authority of the first start, at every start: clients go on trusting what they trusted."""

    def __init__(self, folder: Path) -> None:
        kept, certificate = folder / KEY, folder / "ca.pem"
        if not kept.exists():
            super().__init__()
            kept.touch(mode=0o600)
            kept.write_bytes(
                self._key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
            self.write(folder)
            return
        key = serialization.load_pem_private_key(kept.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key, self.pem = key, certificate.read_bytes()
        self._certificate = x509.load_pem_x509_certificate(self.pem)


class WrittenJournal(Journal):
    """Each accepted request is a line in a file before its answer leaves."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def accepted(self, write: Write) -> None:
        os.write(self._file, f"{json.dumps(asdict(write))}\n".encode())
        super().accepted(write)


def written(path: Path) -> Iterator[Write]:
    """The requests that a file holds; a last line that was cut was never answered."""
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    for line in lines:
        if line.endswith("\n"):
            fields = json.loads(line)
            yield Write(**{**fields, "touched": tuple(map(tuple, fields["touched"]))})


def revived(folder: Path, port: int, users: Mapping[str, str]) -> ApicSimulator:
    """A simulator in the state in which the one before it was killed."""
    journal = folder / WRITES
    with (
        patch.object(assembly, "Authority", lambda: KeptAuthority(folder)),
        patch.object(assembly, "Journal", lambda: WrittenJournal(journal)),
    ):
        apic = ApicSimulator(port=port, users=users, output_dir=folder)
    for write in list(written(journal)):
        if write.method == "DELETE":
            apic.delete(write.dn, write.user)
        else:
            apic.post(write.dn, write.body, write.user)
    return apic


def main(folder: Path, port: int) -> None:
    """Serve until SIGTERM, or SIGKILL."""
    users = json.loads((folder / USERS).read_text())
    with stop_signals() as stopped, revived(folder, port, users):
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        wait_until(stopped)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
