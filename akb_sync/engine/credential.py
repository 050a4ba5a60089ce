"""How the APIC is reached and as whom, read from the settings and from the files that they name.

Those files change while the engine runs: a Secret that is mounted into a container is rotated in place, and
so is the CA that the APIC's certificate is verified with.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from akb_sync.apic import ApicOptions
from akb_sync.apic.tls import tls_context
from akb_sync.errors import SettingsError
from akb_sync.settings import Settings

log = logging.getLogger(__name__)


class Credential:
    """The options of the APIC's session, as they were read last."""

    def __init__(self, settings: Settings) -> None:
        """Read them.

        Raises:
            SettingsError: A setting is missing or malformed, or a file cannot be read.
        """
        self._settings = settings
        self.options = apic_options(settings)

    def changed(self) -> ApicOptions | None:
        """Read the files again; give the options if they are others than before.

        A file that cannot be read, or holds nothing of use, is taken for one that is just being replaced.
        """
        try:
            options = apic_options(self._settings)
            if options == self.options:
                return None
            tls_context(options)
        except SettingsError as error:
            log.debug("the credential stays as it is: %s", error)
            return None
        if options.credential == self.options.credential:
            log.info("the CA of the APIC's certificate has changed: %s", options.ca_file)
        else:
            log.info("the credential of the APIC user %s has changed", options.username)
        self.options = options
        return options


def apic_options(settings: Settings) -> ApicOptions:
    """Read how the APIC is reached, its credential from the files that the settings name.

    Raises:
        SettingsError: A setting is missing or malformed, or a file cannot be read.
    """
    if "@" in settings.apic:  # a comma in a password would make two controllers of it, and one be shown
        raise SettingsError(
            "the APIC is named with a user before an @", "name it alone; the user goes into ACI_USERNAME"
        )
    return ApicOptions(
        controllers=tuple(part.strip() for part in settings.apic.split(",") if part.strip()),
        username=settings.apic_username,
        password=settings.password(),
        key_pem=settings.key(),
        certificate_name=settings.apic_certificate_name,
        ca_file=settings.apic_ca_file,
        ca_digest=_digest(settings.apic_ca_file),
        insecure=settings.apic_insecure,
        rate=settings.apic_rate,
        burst=settings.apic_burst,
    )


def _digest(path: Path | None) -> str:
    """Give what changes with a file's content; a file that cannot be read is told when TLS needs it."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""
    except OSError:
        return ""
