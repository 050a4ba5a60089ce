"""The pure difference between what is wanted and what is there."""

from akb_sync.settings import MassDelete, Policy

from .memory import Cause, Memory
from .planner import Planner, make_plan
from .result import Plan, Shift
from .rules import Rules

__all__ = ["Cause", "MassDelete", "Memory", "Plan", "Planner", "Policy", "Rules", "Shift", "make_plan"]
