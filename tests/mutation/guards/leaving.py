"""Letting go: only our own, and never beside a living owner."""

from __future__ import annotations

from tests.mutation.cut import always, gives, never, swaps
from tests.mutation.guard import Guard

RELEASE = "akb_sync.ownership.release"
OWNERSHIP = "akb_sync.ownership.ownership"
PURGE = "akb_sync.ownership.purge"
IN_RELEASING_AND_PURGING = "tests/unit/ownership/test_releasing_and_purging.py::"
IN_RELEASE = "tests/simulated/ownership/test_release.py::"
IN_WHAT_IS_NOT_KNOWN = "tests/simulated/ownership/test_what_is_not_known.py::"
IN_PURGE = "tests/simulated/ownership/test_purge.py::"

ROWS = (
    Guard(
        "release-is-of-ours",
        "Only our own marks are taken off.",
        (swaps(RELEASE, "_items", "identity.owner(subnet.annotation, subnet.dn) is Owner.MANAGED", "True"),),
        (
            f"{IN_RELEASING_AND_PURGING}test_a_release_takes_our_marks_off_and_sets_the_tag",
            f"{IN_RELEASING_AND_PURGING}test_a_mark_that_was_copied_along_is_not_ours_to_take_off",
        ),
    ),
    Guard(
        "release-leaves-a-tag",
        "A released EPG gets the tag that keeps the engine off.",
        (swaps(RELEASE, "release", "RELEASED", '""'),),
        (
            f"{IN_RELEASING_AND_PURGING}test_a_released_epg_has_nothing_left_to_release",
            f"{IN_RELEASING_AND_PURGING}test_a_release_takes_our_marks_off_and_sets_the_tag",
        ),
    ),
    Guard(
        "release-of-others",
        "An EPG in which nothing is ours is not released.",
        (
            never(
                OWNERSHIP,
                "Ownership.release",
                "not ours(self._engine.identity, epg) and (epg.annotation or not named)",
            ),
        ),
        (f"{IN_RELEASE}test_what_is_not_ours_is_not_released",),
    ),
    Guard(
        "release-epg-first",
        "The EPG's own mark goes first, so that an engine meanwhile reads the tag.",
        (
            swaps(
                OWNERSHIP,
                "Ownership.release",
                "epgs_first(release(self._engine.identity, self._observed(), [binding]))",
                "epgs_first(release(self._engine.identity, self._observed(), [binding]))[::-1]",
            ),
        ),
        (
            (
                f"{IN_WHAT_IS_NOT_KNOWN}test_a_release_takes_the_mark_of_the_epg_off_first_and_goes_no_further_if_"
                "that_is_refused"
            ),
        ),
    ),
    Guard(
        "uninstalling-beside-a-leader",
        "Uninstalling beside a living leader is refused.",
        (never(OWNERSHIP, "Ownership.release_of_all", "leader"),),
        (f"{IN_RELEASE}test_leaving_the_fabric_waits_until_the_engine_is_stopped",),
    ),
    Guard(
        "purge-of-ourselves",
        "Our own cluster is never purged.",
        (never(OWNERSHIP, "Ownership.purge", "dead.uid8 == self._engine.identity.uid8"),),
        (f"{IN_PURGE}test_our_own_cluster_is_never_purged",),
    ),
    Guard(
        "purge-of-marked-epgs",
        "A purge deletes only EPGs with the dead cluster's mark.",
        (always(PURGE, "_items", "world.epg_owner(epg) is Owner.MANAGED and not world.released(epg)"),),
        (
            f"{IN_RELEASING_AND_PURGING}test_a_purge_deletes_what_bears_the_dead_clusters_mark_and_nothing_else",
            f"{IN_RELEASING_AND_PURGING}test_what_the_dead_cluster_released_is_other_peoples_and_only_its_tag_goes",
        ),
    ),
    Guard(
        "purge-of-marked-subnets",
        "A purge deletes only subnets with the dead cluster's mark.",
        (always(PURGE, "_items", "world.owner(epg, one) is Owner.MANAGED"),),
        (
            f"{IN_RELEASING_AND_PURGING}test_what_the_dead_cluster_released_is_other_peoples_and_only_its_tag_goes",
            f"{IN_RELEASING_AND_PURGING}test_a_purge_deletes_what_bears_the_dead_clusters_mark_and_nothing_else",
        ),
    ),
    Guard(
        "purge-of-what-was-released",
        "In an EPG that the dead cluster had released a purge deletes nothing.",
        (never("akb_sync.plan.world", "World.owner", "owner is Owner.MANAGED and self.released(epg)"),),
        (
            f"{IN_RELEASING_AND_PURGING}test_what_the_dead_cluster_released_is_other_peoples_and_only_its_tag_goes",
        ),
    ),
    Guard(
        "purge-in-use",
        "A purge leaves an EPG with other people's work.",
        (swaps(PURGE, "_epg", "list(obstacles(world, epg))", "[]"),),
        (f"{IN_RELEASING_AND_PURGING}test_an_epg_in_use_is_held_with_what_is_in_it",),
    ),
    Guard(
        "purge-of-what-is-named",
        "A purge leaves an EPG that the living cluster names.",
        (never(PURGE, "_epg", "workload is not None"),),
        (f"{IN_RELEASING_AND_PURGING}test_an_epg_that_the_living_cluster_names_is_held",),
    ),
    Guard(
        "paused-for-people-too",
        "In a freeze people's commands write nothing either.",
        (gives(OWNERSHIP, "Ownership.must_not_be_paused", "None"),),
        (f"{IN_WHAT_IS_NOT_KNOWN}test_in_a_freeze_nothing_that_a_person_asked_for_is_written",),
    ),
    Guard(
        "stages-in-order",
        "A stage that does not pass as a whole is the last.",
        (never(OWNERSHIP, "Ownership.carry_out", "report.error or report.rejected or report.overtaken"),),
        (
            (
                f"{IN_WHAT_IS_NOT_KNOWN}test_a_release_takes_the_mark_of_the_epg_off_first_and_goes_no_further_if_"
                "that_is_refused"
            ),
        ),
    ),
)
