"""Sessions are kept alive, and nobody is locked out by us."""

from __future__ import annotations

from tests.mutation.cut import drops, never, swaps
from tests.mutation.guard import Guard

ACCESS = "akb_sync.apic.access"
REFUSALS = "akb_sync.apic.refusals"
LOGIN = "akb_sync.apic.login"
IN_LOGIN = "tests/unit/apic/transport/test_login.py::"
IN_WHAT_IS_NOT_ASSUMED = "tests/unit/apic/transport/test_what_is_not_assumed.py::"

ROWS = (
    Guard(
        "no-lock-out",
        "A refused login is not tried again for minutes.",
        (drops(ACCESS, "Access._first_that_works", "self._refusals.check(self._options.credential)"),),
        (f"{IN_LOGIN}test_a_refused_login_is_answered_from_memory_for_five_minutes_doubling_to_thirty",),
    ),
    Guard(
        "no-lock-out-elsewhere",
        "A refused login is not tried on the other controllers either.",
        (swaps(ACCESS, "Access._first_that_works", "(ApicLoginRefused, ApicForbidden)", "()"),),
        (f"{IN_LOGIN}test_a_refused_login_is_not_tried_on_the_other_controllers",),
    ),
    Guard(
        "longer-and-longer",
        "The pause after a refused login doubles.",
        (
            swaps(
                REFUSALS, "Refusals.refused", "min(self._hold * 2, _LONGEST) if again else _FIRST", "_FIRST"
            ),
        ),
        (f"{IN_LOGIN}test_a_refused_login_is_answered_from_memory_for_five_minutes_doubling_to_thirty",),
    ),
    Guard(
        "new-password-at-once",
        "A changed password is tried at once.",
        (swaps(REFUSALS, "Refusals.check", "credential == self._credential", "True"),),
        (f"{IN_LOGIN}test_a_changed_password_is_tried_at_once",),
    ),
    Guard(
        "no-storm-of-logins",
        "A token that is refused again and again makes no storm of logins.",
        (
            never(
                ACCESS,
                "Access.renewed",
                "len(self._relogins) == _RELOGINS and now - self._relogins[0] < _RELOGINS_PER",
            ),
        ),
        (f"{IN_LOGIN}test_a_token_that_is_refused_again_and_again_makes_no_storm_of_logins",),
    ),
    Guard(
        "token-refresh",
        "The token is refreshed before it ends.",
        (never(ACCESS, "Access.maintain", "now >= login.refresh_at"),),
        (f"{IN_LOGIN}test_the_token_is_refreshed_at_half_of_its_time",),
    ),
    Guard(
        "login-renewal",
        "A new login comes before the longest life of the old one ends.",
        (never(ACCESS, "Access.maintain", "now >= login.renew_at"),),
        (f"{IN_LOGIN}test_a_new_login_comes_before_the_longest_life_ends",),
    ),
    Guard(
        "moved-loses-subscriptions",
        "With a new login all subscriptions are taken for lost.",
        (never(ACCESS, "Access._replace", "instead"),),
        (
            (
                f"{IN_WHAT_IS_NOT_ASSUMED}test_a_login_that_takes_the_place_of_another_says_that_all_subscriptions_"
                "are_lost"
            ),
        ),
    ),
    Guard(
        "usable-token",
        "A token that would change a cookie or a path is none.",
        (never(LOGIN, "_token", "not isinstance(token, str) or not _TOKEN.fullmatch(token)"),),
        (f"{IN_LOGIN}test_a_login_without_a_usable_token_is_no_login",),
    ),
)
