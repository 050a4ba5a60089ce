"""What the operator allows the plan to do: the settings that are rules, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from akb_sync.settings import MassDelete, Policy


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one engine. Times are seconds."""

    policy: Policy = Policy.SYNC
    mass_delete: MassDelete = MassDelete.VERIFY
    hold_down: float = 30.0
    """How long an EPG is not wanted before it goes, and how long a mass delete waits for its second look."""
    guard_window: float = 300.0
    """The sliding window in which removals are counted together."""
    guard_count: int = 10
    guard_share: float = 0.30
    """A mass delete is more than `guard_count` and more than this share of an L3Out's managed prefixes."""
    frozen: str = ""
    """Why nothing at all is written for now; empty when that is not so."""
    max_prefixes: int = 0
    """How many prefixes one L3Out may hold for us; 0: no limit."""
    require_contract: bool = False
    """Whether subnets wait until their EPG has a contract."""
    prune_in_use: bool = False
    """Whether a person has asked that EPGs go which hold other people's work; never in a running engine."""
    contested_after: int = 5
    """How many repairs of one object within the window are taken for a quarrel."""
    contested_pause: float = 60.0
    """How long the first pause in a quarrel is; it doubles."""
