"""The right to write, asked before every POST, and what a POST may hold."""

from __future__ import annotations

from tests.mutation.cut import always, drops, gives, never, swaps
from tests.mutation.guard import Guard

WRITER = "akb_sync.apic.writer"
PORTS = "akb_sync.apic.ports"
BATCHES = "akb_sync.apic.batches"
MODELS = "akb_sync.apic.models"
BODY = "akb_sync.apic.body"
IN_WRITER = "tests/unit/apic/test_writer.py::"
IN_BEFORE_ANYTHING_GOES = "tests/unit/apic/test_before_anything_goes.py::"
IN_PACE = "tests/unit/apic/transport/test_pace.py::"
IN_BATCHES = "tests/unit/apic/test_batches.py::"
IN_TAGS = "tests/unit/apic/test_tags.py::"
IN_ORDER_OF_WRITES = "tests/unit/apic/test_order_of_writes.py::"

ROWS = (
    Guard(
        "right-before-each-post",
        "No POST begins without the right to write at that very moment.",
        (never(WRITER, "Writer.post", "not self._may_write()"),),
        (f"{IN_WRITER}test_the_right_to_write_is_asked_for_again_after_a_pause",),
    ),
    Guard(
        "right-before-each-batch",
        "Without the right to write nothing is looked at or recorded for a batch either.",
        (never(WRITER, "Writer.write", "not self._may_write()"),),
        (
            f"{IN_BEFORE_ANYTHING_GOES}test_without_the_right_to_write_nothing_is_looked_at_and_nothing_recorded",
        ),
    ),
    Guard(
        "pace",
        "A POST waits for its turn.",
        (gives(WRITER, "Writer._await_turn", "None"),),
        (f"{IN_PACE}test_the_writer_waits_for_its_turn_before_it_asks_whether_it_may_still_write",),
    ),
    Guard(
        "pace-of-halves",
        "A half of what was refused, and another try, wait for turns of their own.",
        (drops(WRITER, "Writer.post", "self._await_turn()"),),
        (f"{IN_WRITER}test_a_half_and_another_try_wait_for_turns_of_their_own",),
    ),
    Guard(
        "dry-run-cannot-write",
        "A dry run has no means to write.",
        (gives(PORTS, "ReadOnlySession.post", "None"),),
        (f"{IN_WRITER}test_a_read_only_session_cannot_write_and_leaves_the_journal_alone",),
    ),
    Guard(
        "dry-run-leaves-no-trace",
        "A dry run leaves no entry in the journal.",
        (never(WRITER, "Writer.write", "isinstance(self._session, ReadOnlySession)"),),
        (f"{IN_WRITER}test_a_read_only_session_cannot_write_and_leaves_the_journal_alone",),
    ),
    Guard(
        "held-is-not-sent",
        "What is held is not sent.",
        (always(BATCHES, "batches", "item.actionable"),),
        (f"{IN_BATCHES}test_what_is_held_or_right_already_is_not_sent",),
    ),
    Guard(
        "objects-of-a-batch",
        "A POST has at most 500 objects.",
        (swaps(BATCHES, "_Filling.has_room_for", "count <= self._max[0]", "True"),),
        (
            f"{IN_TAGS}test_a_tag_counts_as_an_object_of_a_batch",
            f"{IN_BATCHES}test_ten_thousand_subnets_are_cut_into_the_fewest_posts",
        ),
    ),
    Guard(
        "bytes-of-a-batch",
        "A POST has at most 1 MB.",
        (swaps(BATCHES, "_Filling.has_room_for", "grown <= self._max[1]", "True"),),
        (f"{IN_BATCHES}test_a_batch_is_full_when_its_bytes_are",),
    ),
    Guard(
        "order-of-writes",
        "An EPG is made before its subnets and goes after them.",
        (swaps(BATCHES, "_order", "(goes and item.is_epg, goes)", "(False, False)"),),
        (f"{IN_ORDER_OF_WRITES}test_what_is_made_comes_first_then_subnets_go_and_their_epgs_last",),
    ),
    Guard(
        "epg-before-subnets",
        "In a body the EPG stands before its subnets.",
        (swaps(BATCHES, "_order", "not item.is_epg", "item.is_epg"),),
        (f"{IN_ORDER_OF_WRITES}test_what_is_made_comes_first_then_subnets_go_and_their_epgs_last",),
    ),
    Guard(
        "emptied-epg-goes-last",
        "An EPG that a move to another L3Out empties goes after that move.",
        (
            swaps(
                BATCHES,
                "_sequences",
                "item.is_epg and item.action is Action.DELETE and item.dn in left",
                "False",
            ),
        ),
        (f"{IN_BATCHES}test_an_epg_that_a_move_to_another_l3out_empties_goes_after_the_move",),
    ),
    Guard(
        "no-move-between-tenants",
        "A move between tenants is refused, since no single POST can do it.",
        (never(BATCHES, "_tenant", "len(tenants) > 1"),),
        (f"{IN_BATCHES}test_a_move_between_tenants_is_refused_since_no_post_can_do_it",),
    ),
    Guard(
        "l3out-is-never-made",
        "An L3Out in a body is modified, so that an absent one is an error and no creation.",
        (swaps(MODELS, "ConfirmedL3Out.__init__", '{"name": name, "status": MODIFIED}', '{"name": name}'),),
        (f"{IN_ORDER_OF_WRITES}test_a_tenant_an_l3out_and_an_epg_in_a_body_have_to_be_there",),
    ),
    Guard(
        "tenant-is-never-made",
        "A tenant in a body is modified too.",
        (swaps(MODELS, "ConfirmedTenant.__init__", '{"name": name, "status": MODIFIED}', '{"name": name}'),),
        (f"{IN_ORDER_OF_WRITES}test_a_tenant_an_l3out_and_an_epg_in_a_body_have_to_be_there",),
    ),
    Guard(
        "epg-is-never-made-by-its-subnets",
        "An EPG that a body does not create is modified, so that one which went is an error.",
        (swaps(BODY, "_status", "own is None or own.action is Action.UPDATE", "False"),),
        (f"{IN_ORDER_OF_WRITES}test_a_tenant_an_l3out_and_an_epg_in_a_body_have_to_be_there",),
    ),
    Guard(
        "update-makes-nothing",
        "The repair of a subnet that went makes none.",
        (swaps(BODY, "_Tree.write", 'MODIFIED if item.action is Action.UPDATE else ""', '""'),),
        (f"{IN_BATCHES}test_an_update_sends_only_what_is_to_be_put_back_and_makes_nothing",),
    ),
    Guard(
        "both-halves-of-a-move",
        "Both halves of a move are in one body.",
        (drops(BODY, "_Tree.write", "self._delete_subnet(left, item.leaves.dn)"),),
        (f"{IN_ORDER_OF_WRITES}test_the_body_of_a_move_deletes_in_one_epg_and_makes_in_the_other",),
    ),
    Guard(
        "nothing-is-echoed",
        "What is not to be written is left out of a body.",
        (
            swaps(
                MODELS,
                "_Written._generate_attributes",
                "dict(self.written)",
                "super()._generate_attributes()",
            ),
        ),
        (
            f"{IN_BATCHES}test_a_move_is_whole_in_one_body",
            f"{IN_BATCHES}test_an_update_sends_only_what_is_to_be_put_back_and_makes_nothing",
        ),
    ),
)
