"""What the fabric has, and the writes to it: session, subscription, view, writer."""

from .options import ApicOptions
from .session import ApicSession
from .view import FabricView
from .writer import Writer

__all__ = ["ApicOptions", "ApicSession", "FabricView", "Writer"]
