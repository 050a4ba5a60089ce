"""The version, once: packaging, `akb-sync version` and the User-Agent read it here."""

__version__ = "0.1.0"
