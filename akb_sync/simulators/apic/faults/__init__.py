"""What goes wrong on purpose: by hooks that a test sets, or by a script that a user writes.

`occasions` is what can be spoiled, `rules` decides whether it is, `effects` is how. `hooks` is what tests and
the HTTP and websocket layers hold in their hands; `script` reads a file, with `parts` and `vocabulary`.
"""

from akb_sync.simulators.apic.faults.effects import Canned, Levers, Loss
from akb_sync.simulators.apic.faults.hooks import Faults
from akb_sync.simulators.apic.faults.occasions import EventOccasion, RequestOccasion, WriteOccasion
from akb_sync.simulators.apic.faults.rules import Rule
from akb_sync.simulators.apic.faults.script import Script, read_file, read_text

__all__ = [
    "Canned",
    "EventOccasion",
    "Faults",
    "Levers",
    "Loss",
    "RequestOccasion",
    "Rule",
    "Script",
    "WriteOccasion",
    "read_file",
    "read_text",
]
