"""Every reason code once, with what it means and what to do.

Plan, log, Event, status and documentation all read this table, so that one word means one thing
wherever a person meets it.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why something is as it is, is done, or is not done."""

    meaning: str
    next_step: str

    def __new__(cls, code: str, meaning: str, next_step: str = "") -> Reason:  # noqa: PYI034 (mypy wants the enum's own name here)
        """Attach the prose to the code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        member.next_step = next_step
        return member

    # What is right.
    IN_SYNC = "InSync", "the object is as it is wanted"

    SYNCED = "Synced", "what the workload asks for was written to the fabric, or is there again"

    # What is done.
    WANTED = "Wanted", "a workload asks for it and the fabric has not got it"
    DRIFT = "Drift", "somebody changed an attribute that akb-sync keeps; it is put back"
    MARK_RESTORED = "MarkRestored", "the mark of a wanted subnet in a managed EPG was emptied; it is put back"
    NOT_WANTED = "NotWanted", "it bears our mark and no workload asks for it any more"
    MOVED = "Moved", "the address belongs in another EPG now; removal and creation are one transaction"
    WITHDRAWN = (
        "Withdrawn",
        "another akb-sync wrote the same prefix at the same time, and ours has the greater mark",
        "let one cluster give the address up",
    )

    ADOPTED = "Adopted", "a person hands it to akb-sync"
    PURGED = "Purged", "a cluster that is gone left it, and a person has it deleted"
    RESTORED = "Restored", "the journal says that it was deleted, and a person brings it back"

    # What is held back.
    NOT_FRESH = (
        "NotFresh",
        "a view that this rests on is not fresh, and unknown is not empty",
        "mend the read error that is reported; it goes on by itself",
    )
    HOLD_DOWN = "HoldDown", "an EPG is deleted only after it was not wanted for a while"
    IN_USE = (
        "InUse",
        "the EPG holds other people's work: contracts, foreign or unmanaged subnets, preferred group",
        "take it off and the EPG goes by itself, or delete all with `akb-sync sync --delete-epgs in-use`",
    )
    MASS_DELETE = (
        "MassDelete",
        "so many prefixes would go at once that a second look or a person has to agree",
        "look at the plan, then run `akb-sync sync --approve PLAN-ID`",
    )
    UNCONFIRMED = (
        "Unconfirmed",
        "it was adopted while no workload asked for it, so a person has to agree that it goes",
        "look at the plan, then run `akb-sync sync --approve PLAN-ID`, or `akb-sync release` its EPG",
    )
    POLICY = "Policy", "the policy of this engine does not do it", "run with another --policy"
    INVALID_ANNOTATION = (
        "InvalidAnnotation",
        "the annotation cannot be read; what is there for its addresses stays as it is",
        "mend the annotation as the message says",
    )
    PARENT_UNKNOWN = (
        "ParentUnknown",
        "the annotation names an EPG only, and which L3Out the cluster hangs on is not known",
        "add tenant and l3out to the annotation, or set --default-l3out",
    )
    ENGINE_PAUSED = (
        "EnginePaused",
        "a person has paused the whole engine: nothing is written to the fabric",
        "`akb-sync resume` lets it go on",
    )
    PAUSED = "Paused", "the workload asks to be left as it is", "remove the paused annotation"
    PARENT_MISSING = (
        "ParentMissing",
        "the tenant or the L3Out does not exist, and akb-sync never makes one",
        "create it on the APIC, or mend the annotation; it converges by itself",
    )
    VRF_UNKNOWN = (
        "VrfUnknown",
        "the L3Out's VRF is not resolved, so conflicts cannot be excluded",
        "relate the L3Out to a VRF on the APIC",
    )
    CONFLICT = (
        "Conflict",
        "another external EPG of the same VRF has the prefix, and the fabric would drop policy at random",
        "remove one of the two, or `akb-sync adopt` the other",
    )
    CAPACITY = "Capacity", "the L3Out has --max-prefixes already", "raise --max-prefixes or expose less"
    NO_CONTRACT = (
        "NoContract",
        "the EPG has no contract yet, and the setting require-contract is on",
        "provide or consume a contract on the EPG",
    )
    EPG_DELETED = (
        "EPGDeleted",
        "somebody deleted an unmanaged EPG; it is not made again by akb-sync",
        "create it on the APIC, or restart akb-sync to let it make its own",
    )
    UNMANAGED = (
        "Unmanaged",
        "the object does not bear our mark and is not touched",
        "`akb-sync adopt` hands it to akb-sync",
    )
    RELEASED = "Released", "the EPG was released and is left alone", "`akb-sync adopt` takes it back"
    REJECTED = (
        "Rejected",
        "the APIC refused the object; it is tried again later, and everything else goes on",
        "see the APIC's own words",
    )
    CONTESTED = (
        "Contested",
        "somebody undoes what akb-sync puts right, again and again; it waits longer each time",
        "find the other party in the APIC's audit log",
    )
    AWAITING_REMOVAL = (
        "AwaitingRemoval",
        "the address still stands in another EPG of ours, where it has to go first",
    )

    # What people should know of.
    NOT_ALLOWED = (
        "NotAllowed",
        "the `allow` setting does not let this namespace name that EPG",
        "ask the platform operator to extend `allow`",
    )
    OUT_OF_RANGE = (
        "OutOfRange",
        "the address can never be exposed, or is outside --pod-cidrs or --service-cidrs",
        "mend the range or the address",
    )
    HOST_NETWORK = "HostNetwork", "the Pod uses its node's address, which is not exposed"
    HOSTNAME_NOT_SUPPORTED = (
        "HostnameNotSupported",
        "the load balancer gives a hostname; only addresses become subnets",
    )
    NEAR_MISS = (
        "NearMiss",
        "an annotation nearly is one that akb-sync reads, and so means nothing",
        "write the key as the message says, or remove it",
    )
    UNKNOWN_KEY = "UnknownKey", "the annotation has a key that akb-sync does not know", "remove it"
    AMBIGUOUS_SERVICE = (
        "AmbiguousService",
        "a Service selects workloads of different EPGs; the oldest workload gets its addresses",
        "narrow the Service's selector",
    )
    MARKS_LOST = (
        "MarksLost",
        "many marks were emptied at once: another controller rewrites annotations",
        "find it in the APIC's audit log",
    )
    DUPLICATE = (
        "Duplicate",
        "somebody else's external EPG of the same VRF has the same prefix as one of ours",
        "remove the other, or take the address out of this workload's EPG",
    )
