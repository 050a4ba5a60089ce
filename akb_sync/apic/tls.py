"""One TLS context for REST and websocket, so that both trust the same certificates.

Certificates and host names are verified unless the operator spells out `--apic-insecure`. With a CA file
only that CA is trusted, not the machine's too: a fabric's controller has no business with public CAs.
"""

from __future__ import annotations

import ssl

from akb_sync.errors import SettingsError

from .options import ApicOptions


def tls_context(options: ApicOptions) -> ssl.SSLContext:
    """Make the context; raise SettingsError when the CA file cannot be used."""
    context = _trusting(options)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _trusting(options: ApicOptions) -> ssl.SSLContext:
    if options.ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(options.ca_file))
    except ssl.SSLError as error:
        raise SettingsError(
            f"{options.ca_file} holds no CA certificate", "--apic-ca-file wants a file in PEM form"
        ) from error
    except OSError as error:
        raise SettingsError(
            f"{options.ca_file} cannot be read: {error.strerror}", "correct --apic-ca-file"
        ) from error
