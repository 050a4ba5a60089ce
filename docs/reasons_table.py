"""When each reason comes about, where it is seen, and what exactly to type."""  # noqa: INP001 - in no package

from __future__ import annotations

from dataclasses import dataclass

from akb_sync.reasons import Reason


@dataclass(frozen=True)
class Where:
    """Where people meet a reason: the places (`plan`, `status`, `Event`, `log`), and a sentence of it."""

    places: frozenset[str]
    text: str


@dataclass(frozen=True)
class Paragraph:
    """What there is to tell of a reason beside its meaning and its next step."""

    when: str
    where: Where
    commands: tuple[str, ...] = ()
    """What to type: to see more, or to take the next step."""
    after: str = ""
    """Of a reason without a next step: what becomes of it."""


EVERYWHERE = Where(
    frozenset({"plan", "status", "Event", "log"}),
    "Seen in `plan`, `status`, the log, and an Event on each workload that it concerns.",
)
DONE = Where(
    frozenset({"plan", "status", "log"}),
    "Seen in `plan` and `status` until it is done, and in the log when it is; the Event for it is `Synced`.",
)
NOBODYS = Where(
    frozenset({"plan", "status", "log"}),
    "Seen in `plan`, `status` and the log. No workload is behind it, so there is no Event.",
)
LEFT = Where(
    frozenset({"status", "Event", "log"}),
    "Seen in `status`, the log, and an Event on each workload that it concerns; `plan` lists changes only.",
)
AT_REST = Where(frozenset({"status"}), "Seen in `status`; where all is well nothing else is said.")
OF_EVENTS = Where(
    frozenset({"Event"}), "Seen as an Event; elsewhere each thing that is done has its own word."
)
ADOPTION = Where(
    frozenset({"plan", "log"}),
    "Seen in what `akb-sync adopt` shows before it asks. Of the EPG's tag that goes in the end it is seen "
    "in the plan and the log of the process that was told of the approval.",
)
COMMAND = Where(frozenset({"plan"}), "Seen in what the command shows before it asks.")

LOOK = "kubectl -n shop describe deployment web"
STORY = "akb-sync status TEN_K8_C1/L3O_K8_C1/EPG_WEB"
EXPLAIN = "akb-sync explain 10.244.1.7"
PLAN = "akb-sync plan -o wide"
APPROVE = "akb-sync sync --approve 0a1b2c3d4e5f"
ADOPT = "akb-sync adopt TEN_K8_C1/L3O_K8_C1/EPG_WEB"
EDIT = "kubectl -n shop edit deployment web"
PAUSED_OFF = "kubectl -n shop annotate deployment web aci.haystacknetworks.com/paused-"
AUDIT = "moquery -c aaaModLR -f 'aaa.ModLR.affected*\"instP-EPG_WEB\"'"
"""On the APIC itself: its audit log (class `aaa:ModLR` of the APIC Management Information Model)."""

PARAGRAPHS = {
    Reason.ADOPTED: Paragraph(
        "It comes about when a person runs `akb-sync adopt`, and once more when everything stale in an "
        "adopted EPG is gone with a person's approval: then the tag goes that held it.",
        ADOPTION,
        ("akb-sync adopt TEN_K8_C1/L3O_K8_C1/EPG_WEB --dry-run",),
        "It is done at once.",
    ),
    Reason.AMBIGUOUS_SERVICE: Paragraph(
        "It comes about when the selector of one LoadBalancer Service matches the Pods of two workloads "
        "that name different EPGs. An address can be in one of them only.",
        EVERYWHERE,
        ("kubectl -n shop edit service web", "akb-sync explain svc/shop/web"),
    ),
    Reason.AWAITING_REMOVAL: Paragraph(
        "It comes about when an address moves to an EPG of another tenant. The two have no transaction in "
        "common, so it is removed first and then created.",
        EVERYWHERE,
        ("akb-sync explain 10.244.1.7",),
        "It ends by itself when the removal is done. It is told by an Event only after a minute; if it "
        "lasts, look at what holds the removal.",
    ),
    Reason.CAPACITY: Paragraph(
        "It comes about when as many prefixes of ours stand in one L3Out as the setting allows. It stops a "
        "runaway before it fills the leafs' tables; what is there already stays right.",
        EVERYWHERE,
        ("akb-sync watch --max-prefixes 4000",),
    ),
    Reason.CONFLICT: Paragraph(
        "It comes about when the prefix stands in an external EPG that is not ours, of any L3Out and "
        "tenant with the same VRF, or when two workloads with different EPGs have one address; then the "
        "one that has it keeps it, else the older workload. The APIC would take it, and the leafs would "
        "raise fault F0467.",
        EVERYWHERE,
        (EXPLAIN, ADOPT),
    ),
    Reason.CONTESTED: Paragraph(
        "It comes about when the same object was put right five times within ten minutes. The pauses begin "
        "with a minute and double.",
        EVERYWHERE,
        (STORY, AUDIT),
    ),
    Reason.DRIFT: Paragraph(
        "It comes about when the name of a subnet of ours is another, or its scope lacks "
        "`import-security`. Flags, descriptions and tags that people add are theirs, and stay.",
        DONE,
        (PLAN,),
        "It is put right at once.",
    ),
    Reason.DUPLICATE: Paragraph(
        "It comes about when a person, or another tool, writes a prefix of ours into an external EPG of "
        "the same VRF after us. Both stay, since neither can be taken away without a decision of somebody.",
        LEFT,
        (EXPLAIN,),
    ),
    Reason.EPG_DELETED: Paragraph(
        "It comes about when an EPG goes that a workload names and that did not bear our mark. Whoever "
        "deleted it may have meant it, so it stays deleted for as long as this process lives.",
        EVERYWHERE,
        ("kubectl -n akb-sync rollout restart deployment akb-sync",),
    ),
    Reason.ENGINE_PAUSED: Paragraph(
        "It comes about when a person runs `akb-sync pause`, for a change freeze. Everything is read and "
        "planned on; an Event is about the object with the switch, too.",
        EVERYWHERE,
        ("akb-sync resume",),
    ),
    Reason.HOLD_DOWN: Paragraph(
        "It comes about when the last workload that names an EPG of ours goes. The EPG waits for its "
        "subnets to go, and then for the time of `--hold-down`: a workload that is deployed anew in the "
        "meantime finds it again.",
        NOBODYS,
        (STORY,),
        "It ends by itself; `status` says in how many seconds.",
    ),
    Reason.HOST_NETWORK: Paragraph(
        "It comes about for a Pod with `hostNetwork: true`. A node's address belongs to everything on that "
        "node.",
        EVERYWHERE,
        ("kubectl -n shop get pods -o wide",),
        "Such a Pod cannot be in an EPG of its own.",
    ),
    Reason.HOSTNAME_NOT_SUPPORTED: Paragraph(
        "It comes about when `status.loadBalancer.ingress` of a Service has a hostname. What a name "
        "resolves to can be another address for each who asks.",
        EVERYWHERE,
        ("kubectl -n shop describe service web",),
        "Addresses of the same Service are exposed all the same.",
    ),
    Reason.IN_SYNC: Paragraph(
        "It comes about when a look at both sides finds no difference.",
        AT_REST,
        ("akb-sync status",),
    ),
    Reason.IN_USE: Paragraph(
        "It comes about when no workload names an EPG of ours any more, and somebody has put other things "
        "into it. It would all go with the EPG, so that it stays, empty of ours.",
        NOBODYS,
        (STORY, "akb-sync sync --delete-epgs in-use"),
    ),
    Reason.INVALID_ANNOTATION: Paragraph(
        "It comes about when the annotation is no JSON, lacks a key, or has a name that the APIC does not "
        "take. Its new addresses wait, and no EPG at all is deleted meanwhile, since nobody can say which "
        "one it means.",
        EVERYWHERE,
        (LOOK, EDIT),
    ),
    Reason.MARK_RESTORED: Paragraph(
        "It comes about when the `annotation` of a subnet is empty that is otherwise as we wrote it, in an "
        "EPG with our mark.",
        DONE,
        (PLAN,),
        "It is put back at once.",
    ),
    Reason.MARKS_LOST: Paragraph(
        "It comes about when more than ten marks are found emptied in one look. A person who takes back an "
        "object takes back one.",
        NOBODYS,
        ("akb-sync doctor", AUDIT),
    ),
    Reason.MASS_DELETE: Paragraph(
        "It comes about when removals that nobody saw coming are more than ten and more than 30 % of an "
        "L3Out's prefixes within five minutes, when a list comes back empty that was not, or when all that "
        "was wanted in an L3Out is gone unseen. `plan` names the removals that wait by an id.",
        NOBODYS,
        (PLAN, APPROVE),
    ),
    Reason.MOVED: Paragraph(
        "It comes about when an annotation is edited, or an address goes over to a workload with another "
        "EPG. At no time is the address in both, or in none.",
        DONE,
        (PLAN,),
        "It is done at once.",
    ),
    Reason.NEAR_MISS: Paragraph(
        "It comes about when a workload has an annotation with the right name and another domain or "
        "another case, or with a name that is nearly right, such as `l3out` for `l3o`.",
        EVERYWHERE,
        (LOOK, EDIT),
    ),
    Reason.NO_CONTRACT: Paragraph(
        "It comes about with `--require-contract` on: a new /32 takes its address out of the wider subnet "
        "that gave it its policy, and without a contract nothing would reach it any more. The EPG itself "
        "is made, so that a contract can be put on it.",
        EVERYWHERE,
        (STORY,),
    ),
    Reason.NOT_ALLOWED: Paragraph(
        "It comes about when `--allow` has no line for the workload's namespace that fits the EPG. The "
        "tenants `infra` and `mgmt` are never allowed.",
        EVERYWHERE,
        ("akb-sync watch --allow 'shop=TEN_K8_C1/L3O_K8_C1/EPG_*'",),
    ),
    Reason.NOT_FRESH: Paragraph(
        "It comes about when a list or a query failed, or nothing has confirmed a view for 90 seconds. "
        "Deletes rest on all views, other changes on those that they need. It is told by an Event only "
        "after a minute.",
        EVERYWHERE,
        ("akb-sync doctor",),
    ),
    Reason.NOT_WANTED: Paragraph(
        "It comes about when a Pod ends, a Service or a workload goes, or an annotation changes, and an "
        "object of ours stands there still.",
        DONE,
        (PLAN,),
        "It is deleted, unless something holds it; a journal keeps what was there.",
    ),
    Reason.OUT_OF_RANGE: Paragraph(
        "It comes about when a Pod or Service has an address outside of the ranges that are set, or one "
        "that is loopback, link-local, multicast or unspecified.",
        EVERYWHERE,
        (LOOK, "akb-sync watch --pod-cidrs 10.244.0.0/16 --service-cidrs 10.0.40.0/24"),
    ),
    Reason.PARENT_MISSING: Paragraph(
        "It comes about when an annotation names a tenant or an L3Out that is not on the fabric. Most "
        "often it is a typing error, or the workload is older than its network.",
        EVERYWHERE,
        (LOOK, EDIT),
    ),
    Reason.PARENT_UNKNOWN: Paragraph(
        "It comes about when no L3Out, or more than one, has the cluster's nodes as BGP peers or in its "
        "subnets. The message has the candidates.",
        EVERYWHERE,
        (LOOK, "akb-sync watch --default-l3out TEN_K8_C1/L3O_K8_C1"),
    ),
    Reason.PAUSED: Paragraph(
        'It comes about with the annotation `aci.haystacknetworks.com/paused: "true"` on the workload. '
        "What is on the fabric for it stays, and nothing new is put there.",
        EVERYWHERE,
        (PAUSED_OFF,),
    ),
    Reason.POLICY: Paragraph(
        "It comes about with `--policy upsert-only`, which never removes, and `--policy create-only`, "
        "which never repairs either.",
        EVERYWHERE,
        ("akb-sync watch --policy sync",),
    ),
    Reason.PURGED: Paragraph(
        "It comes about when a person runs `akb-sync purge`.",
        COMMAND,
        ("akb-sync purge --cluster k8s.0a1b2c3d --dry-run",),
        "The journal has what was deleted.",
    ),
    Reason.REJECTED: Paragraph(
        "It comes about when the APIC answers a write with an error. The culprit is found by halving the "
        "batch, and is tried again after a minute, then after two, up to an hour.",
        EVERYWHERE,
        (STORY,),
    ),
    Reason.RELEASED: Paragraph(
        "It comes about when a person runs `akb-sync release`. The EPG and what is in it stay as they are, "
        "whatever workloads ask; new addresses wait.",
        EVERYWHERE,
        (ADOPT,),
    ),
    Reason.RESTORED: Paragraph(
        "It comes about when a person runs `akb-sync restore`. What exists is not touched.",
        COMMAND,
        ("akb-sync restore deleted.jsonl --dry-run",),
        "What a workload asks for comes back as ours, everything else without our mark.",
    ),
    Reason.SYNCED: Paragraph(
        "It comes about after each write that concerns a workload, and when something that stood in its "
        "way is over. Many writes are one Event with a count.",
        OF_EVENTS,
        (LOOK,),
    ),
    Reason.UNCONFIRMED: Paragraph(
        "It comes about after `akb-sync adopt` took over subnets that nobody asked for, with "
        "`--all-subnets` or `--from`. To the engine they are its own leftovers, and it would delete them "
        "at once.",
        NOBODYS,
        (PLAN, APPROVE, "akb-sync release TEN_K8_C1/L3O_K8_C1/EPG_WEB"),
    ),
    Reason.UNKNOWN_KEY: Paragraph(
        "It comes about when the annotation has more keys than `tenant`, `l3out`, `epg` and `expose`. The "
        "rest of it is obeyed.",
        EVERYWHERE,
        (EDIT,),
    ),
    Reason.UNMANAGED: Paragraph(
        "It comes about when a workload names an EPG that was there before: our subnets in it are kept "
        "right, and the EPG itself is left alone, which is nothing to mend and told by `status` only. A "
        "wanted subnet that is not ours and does not classify traffic is held, and told everywhere.",
        EVERYWHERE,
        (ADOPT,),
    ),
    Reason.VRF_UNKNOWN: Paragraph(
        "It comes about when an L3Out names no VRF, or one that does not exist. It is told by an Event "
        "only after a minute.",
        EVERYWHERE,
        ("akb-sync doctor",),
    ),
    Reason.WANTED: Paragraph(
        "It comes about when a Pod or a Service gets an address, or a workload names an EPG that is not "
        "there.",
        DONE,
        (PLAN,),
        "It is created at once.",
    ),
    Reason.WITHDRAWN: Paragraph(
        "It comes about when two clusters with one VRF have the same address and wrote it in the same "
        "moment. After that it is a `Conflict`, which the workload's people are told of.",
        DONE,
        (EXPLAIN,),
    ),
}
