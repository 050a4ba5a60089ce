"""The words of `do:` in a script: what each of them is called, needs, and can be matched by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.faults import effects
from akb_sync.simulators.apic.faults.distributions import (
    Constant,
    Distribution,
    Exponential,
    Normal,
    Uniform,
)
from akb_sync.simulators.apic.faults.effects import Canned, Effect, Loss
from akb_sync.simulators.apic.faults.parts import Part

REQUEST = frozenset({"method", "path", "dn", "class", "controller"})
OBJECT = frozenset({"dn", "class"})
FRAME = OBJECT | {"controller"}


@dataclass(frozen=True, slots=True)
class Word:
    """One effect's name.

    Attributes:
        read: makes the effect of what stands behind the name; None when nothing may.
        matched_by: the keys of `match` that make sense for it.
        bare: makes the effect when nothing stands behind the name; None when something must.
    """

    read: Callable[[Part], Effect] | None
    matched_by: frozenset[str]
    bare: Callable[[], Effect] | None = None

    def effect(self, part: Part | None, place: Part) -> Effect:
        """The effect with what stands behind its name, if anything does."""
        if part is None or part.is_empty():
            if self.bare is None:
                place.refuse("this needs a value; write it after the colon")
            return self.bare()
        if self.read is None:
            part.refuse("nothing belongs here; write the word alone")
        return self.read(part)


def seconds(part: Part) -> Distribution:
    """Seconds: a number, or one of uniform, normal and exponential."""
    if part.is_scalar():
        return Constant(part.number())
    shapes = part.parts({"uniform", "normal", "exponential"})
    if len(shapes) != 1:
        part.refuse("write exactly one of uniform, normal, exponential")
    ((name, values),) = shapes.items()
    if name == "exponential":
        return Exponential(values.number())
    numbers = [item.number() for item in values.items()]
    if len(numbers) != 2:
        values.refuse("two numbers belong here; write them as [0.1, 0.5]")
    first, second = numbers
    if name == "normal":
        return Normal(first, second)
    if first > second:
        values.refuse(f"{first:g} is more than {second:g}; write the smaller one first")
    return Uniform(first, second)


def _slow_query(part: Part) -> Effect:
    if part.is_scalar():
        return effects.SlowQuery(seconds(part))
    given = part.parts({"seconds", "limit"}, {"seconds"})
    limit = given["limit"].number() if "limit" in given else effects.REST_TIMEOUT
    return effects.SlowQuery(seconds(given["seconds"]), limit)


def _error(part: Part, status: int) -> ApicError:
    given = part.parts({"code", "text", "status"}, {"code", "text"})
    if "status" in given:
        status = given["status"].count(400)
        if status > 599:
            given["status"].refuse(f"{status} does not do; write a whole number from 400 to 599")
    return ApicError(given["code"].text(), given["text"].text(), status)


def _throttle(part: Part) -> Effect:
    given = part.parts({"rate", "burst"}, {"rate"})
    rate = given["rate"].number()
    return effects.Throttle(rate, given["burst"].count(1) if "burst" in given else max(1, int(rate)))


def _loss(part: Part) -> Loss:
    return Loss(part.one_of([each.value for each in Loss]))


WORDS: Mapping[str, Word] = {
    "delay": Word(lambda part: effects.Delay(seconds(part)), REQUEST),
    "slow-query": Word(_slow_query, REQUEST),
    "answer": Word(
        lambda part: effects.Answer(Canned(part.one_of([each.value for each in Canned]))), REQUEST
    ),
    "error": Word(lambda part: effects.Answer(_error(part, 503)), REQUEST),
    "throttle": Word(_throttle, REQUEST),
    "hang": Word(None, REQUEST, lambda: effects.Lose(Loss.HANG)),
    "cut": Word(None, REQUEST, lambda: effects.Lose(Loss.CLOSE)),
    "end-session": Word(None, REQUEST, effects.EndSession),
    "lose-answer": Word(
        lambda part: effects.LoseAnswer(_loss(part)), REQUEST, lambda: effects.LoseAnswer(Loss.CLOSE)
    ),
    "reject": Word(
        lambda part: effects.Reject(_error(part, 400)),
        OBJECT,
        lambda: effects.Reject(ApicError("100", "Validation failed")),
    ),
    "drop-event": Word(None, FRAME, effects.DropEvent),
    "double-event": Word(None, FRAME, effects.DoubleEvent),
    "late-event": Word(lambda part: effects.DelayEvent(seconds(part)), FRAME),
    "silence-socket": Word(lambda part: effects.SilenceSocket(part.number()), FRAME, effects.SilenceSocket),
    "end-sessions": Word(None, REQUEST, effects.EndSessions),
    "close-sockets": Word(None, REQUEST, effects.CloseSockets),
    "change-certificate": Word(
        lambda part: effects.ChangeCertificate(part.one_of({"same-authority", "stranger"}) == "stranger"),
        REQUEST,
        effects.ChangeCertificate,
    ),
    "stop-controller": Word(lambda part: effects.StopController(part.count(1)), REQUEST),
    "start-controller": Word(lambda part: effects.StartController(part.count(1)), REQUEST),
}
