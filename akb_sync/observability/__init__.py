"""What machines ask of a running engine: is it alive, is it ready, and how much of what has it done."""

from .health import Health
from .metrics import Metrics
from .server import Server

__all__ = ["Health", "Metrics", "Server"]
