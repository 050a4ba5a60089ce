"""An event that was lost is never taken for one that did not happen."""

from __future__ import annotations

from tests.mutation.cut import drops, gives, never, swaps
from tests.mutation.guard import Guard

SUBSCRIBER = "akb_sync.apic.subscriber"
CHANNEL = "akb_sync.apic.channel"
SUBSCRIPTION = "akb_sync.apic.subscription"
IN_SUBSCRIPTIONS = "tests/simulated/apic/transport/test_subscriptions.py::"
IN_WHAT_IS_NOT_ASSUMED = "tests/unit/apic/transport/test_what_is_not_assumed.py::"
IN_KEY_LOGIN = "tests/simulated/apic/transport/test_key_login.py::"
IN_CHANNEL = "tests/unit/apic/transport/test_channel.py::"

ROWS = (
    Guard(
        "subscription-refresh",
        "Subscriptions are refreshed.",
        (gives(SUBSCRIBER, "Subscriber.maintain", "None"),),
        (f"{IN_SUBSCRIPTIONS}test_refreshed_subscriptions_outlive_their_timeout",),
    ),
    Guard(
        "forgotten-subscription",
        "One that the APIC has forgotten gives up the socket, so that all is read again.",
        (drops(SUBSCRIBER, "Subscriber._refresh", "channel.close()"),),
        (f"{IN_SUBSCRIPTIONS}test_every_loss_is_told_once_and_subscribing_again_works",),
    ),
    Guard(
        "failed-refresh-confirms-nothing",
        "Only a refresh that was answered confirms a view.",
        (
            swaps(
                SUBSCRIBER,
                "Subscriber._refresh",
                "subscription.refresh_at = asked + _RETRY",
                "subscription.confirm(asked)",
            ),
        ),
        (f"{IN_SUBSCRIPTIONS}test_a_busy_apic_delays_a_subscription_and_a_refresh",),
    ),
    Guard(
        "subscription-without-an-id",
        "A subscription without an id is none.",
        (never(SUBSCRIBER, "Subscriber._subscription", "not answer.subscription_id"),),
        (f"{IN_WHAT_IS_NOT_ASSUMED}test_a_subscription_without_an_id_is_none",),
    ),
    Guard(
        "socket-that-closed-meanwhile",
        "A subscription whose socket closed while it was made is none.",
        (never(SUBSCRIBER, "Subscriber._subscribe", "not made[0].alive"),),
        (f"{IN_WHAT_IS_NOT_ASSUMED}test_a_subscription_whose_socket_closed_while_it_was_made_is_none",),
    ),
    Guard(
        "unknown-socket",
        "Where the APIC does not know our socket a new session is made.",
        (swaps(SUBSCRIBER, "Subscriber.subscribe", "(SocketMissing, TokenRefused)", "()"),),
        (f"{IN_KEY_LOGIN}test_a_websocket_token_that_ran_out_is_replaced",),
    ),
    Guard(
        "closed-socket-takes-all",
        "A socket that closes takes its subscriptions with it.",
        (drops(CHANNEL, "Channel._end", "subscription.end()"),),
        (f"{IN_CHANNEL}test_a_socket_that_ends_or_talks_nonsense_takes_its_subscriptions_with_it",),
    ),
    Guard(
        "silent-socket",
        "A socket that answers no ping any more is lost.",
        (never(CHANNEL, "Channel._look_after", "self._answers_pings and now - self._heard > _SILENT_AFTER"),),
        (f"{IN_CHANNEL}test_an_idle_socket_is_pinged_and_one_that_stops_answering_is_lost",),
    ),
    Guard(
        "frames-of-another-shape",
        "A frame that cannot be read ends the socket.",
        (never(CHANNEL, "_frame", "not isinstance(ids, list)"),),
        (f"{IN_CHANNEL}test_a_socket_that_ends_or_talks_nonsense_takes_its_subscriptions_with_it",),
    ),
    Guard(
        "early-events",
        "Events that are quicker than the answer with their id are kept.",
        (
            swaps(
                CHANNEL,
                "Channel.claim",
                "[frame for ids, frame in self._unclaimed if subscription.identity in ids]",
                "[]",
            ),
        ),
        (f"{IN_CHANNEL}test_an_event_that_is_quicker_than_the_answer_with_its_id_is_kept",),
    ),
    Guard(
        "events-wait-for-the-snapshot",
        "Events wait until the snapshot is in place.",
        (swaps(SUBSCRIPTION, "Subscription._hand_over", "not self._ready", "False"),),
        (f"{IN_CHANNEL}test_events_wait_until_the_snapshot_is_in_place_and_then_come_in_order",),
    ),
    Guard(
        "ended-subscription-is-silent",
        "A subscription that ended hands over nothing any more.",
        (drops(SUBSCRIPTION, "Subscription.end", "self._waiting.clear()"),),
        (f"{IN_WHAT_IS_NOT_ASSUMED}test_an_ended_subscription_hands_over_nothing_not_even_what_waited",),
    ),
)
