"""What a run under a fault is held against: the same story without one.

Both oracles are Sieve's (OSDI '22): the state at the end of each step is the same, and each object (dn) was
created, modified and deleted as often. Beyond them: nothing that was not ours was written to.
"""

from collections.abc import Iterator

from .laboratory import Counts, Dump, Record


def differences(reference: Record, record: Record) -> list[str]:
    """Everything in which a run is not as its reference, in lines for people; empty when it is the same."""
    found = [f"foreign object written to: {one}" for one in record.foreign]
    steps = zip(reference.states, record.states, reference.counts, record.counts, strict=True)
    for number, (wanted, state, counts, counted) in enumerate(steps, start=1):
        found += [f"step {number}: {one}" for one in of_states(wanted, state)]
        found += [f"step {number}: {one}" for one in _of_counts(counts, counted)]
    return found


def lost(reference: Record, record: Record) -> list[str]:
    """Objects that stand at the end of the reference and not at the end of the run."""
    return sorted(reference.states[-1].keys() - record.states[-1].keys())


def of_states(wanted: Dump, state: Dump) -> Iterator[str]:
    """Each object that is not as it was to be."""
    for dn in sorted(wanted.keys() | state.keys()):
        if wanted.get(dn) != state.get(dn):
            yield f"{dn} is {state.get(dn)}, not {wanted.get(dn)}"


def _of_counts(wanted: Counts, counted: Counts) -> Iterator[str]:
    for kind, dn in sorted(wanted.keys() | counted.keys()):
        if wanted[kind, dn] != counted[kind, dn]:
            yield f"{dn} was {kind} {counted[kind, dn]} times, not {wanted[kind, dn]}"
