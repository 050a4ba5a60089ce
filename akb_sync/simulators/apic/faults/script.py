"""Fault scripts: a YAML file that says what goes wrong, when, and how often.

`docs/simulators.md` has the format.

Reading is strict: a script that is misread would test something else than its author thinks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from akb_sync.simulators.apic.faults import parts
from akb_sync.simulators.apic.faults.effects import Effect, MomentEffect
from akb_sync.simulators.apic.faults.parts import Part, ScriptError
from akb_sync.simulators.apic.faults.rules import Match, Rule, When
from akb_sync.simulators.apic.faults.vocabulary import WORDS
from akb_sync.simulators.apic.schema import standard_schema

METHODS = ("GET", "POST", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Script:
    """The rules of a file; each set of rules is fresh, since rules count."""

    source: str
    text: str
    controllers: int = 1

    def rules(self) -> Sequence[Rule]:
        """New rules that have not struck yet; raises ScriptError."""
        whole = parts.document(self.source, self.text)
        if whole is None:
            raise ScriptError(f"{self.source} line 1: the script is empty; write 'faults:' and a list.")
        given = whole.parts({"seed", "faults"}, {"faults"})
        seed = given["seed"].count() if "seed" in given else 0
        return [
            _rule(part, f"{seed}:{index}", self.controllers)
            for index, part in enumerate(given["faults"].items())
        ]


def read_file(path: Path, controllers: int = 1) -> Script:
    """The script in a file, checked; raises ScriptError with the place and how to mend it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScriptError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ScriptError(f"{path} cannot be read: it is not UTF-8 at byte {error.start}.") from error
    return read_text(text, str(path), controllers)


def read_text(text: str, source: str = "the script", controllers: int = 1) -> Script:
    """The script in a text, checked; raises ScriptError."""
    script = Script(source, text, controllers)
    script.rules()
    return script


def _rule(part: Part, seed: str, controllers: int) -> Rule:
    given = part.parts({"name", "do", "match", "when"}, {"do"})
    word, effect = _effect(given["do"])
    match = _match(given["match"], word, controllers) if "match" in given else Match()
    when = _when(given["when"], effect, match) if "when" in given else When()
    _check_controller(given["do"], effect, controllers)
    name = given["name"].text() if "name" in given else f"{part.path} {word}"
    return Rule(name, effect, match, when, Random(seed))  # noqa: S311 - chances, not secrets


def _effect(part: Part) -> tuple[str, Effect]:
    if part.is_scalar():
        word = part.one_of(WORDS)
        return word, WORDS[word].effect(None, part)
    given = part.parts(WORDS)
    if len(given) != 1:
        part.refuse("write exactly one effect; make several entries for several of them")
    ((word, value),) = given.items()
    return word, WORDS[word].effect(value, value)


def _match(part: Part, word: str, controllers: int) -> Match:
    known = {"method", "path", "dn", "class", "controller"}
    given = part.parts(known)
    for key, value in given.items():
        if key not in WORDS[word].matched_by:
            value.refuse(
                f"'{word}' cannot be matched by '{key}'; use {', '.join(sorted(WORDS[word].matched_by))}"
            )
    controller = given["controller"].count(1) if "controller" in given else None
    if controller is not None and controller > controllers:
        given["controller"].refuse(f"there is no controller {controller}; write a number up to {controllers}")
    return Match(
        method=given["method"].one_of(METHODS) if "method" in given else None,
        path=given["path"].pattern() if "path" in given else None,
        dn=given["dn"].pattern() if "dn" in given else None,
        classes=_classes(given["class"]) if "class" in given else frozenset(),
        controller=controller,
    )


def _classes(part: Part) -> frozenset[str]:
    return frozenset(_class(name) for name in ([part] if part.is_scalar() else part.items()))


def _class(part: Part) -> str:
    name = part.text()
    if standard_schema().find(name) is None:
        part.refuse(f"'{name}' is no class that the simulator has; mind capitals, as in l3extSubnet")
    return name


def _when(part: Part, effect: Effect, match: Match) -> When:
    given = part.parts({"after", "times", "probability", "from", "until"})
    if isinstance(effect, MomentEffect) and match.everything:
        for key in ("after", "times", "probability", "until"):
            if key in given:
                given[key].refuse(
                    "this happens once, at 'from'; add a 'match' to let requests bring it about"
                )
    start = given["from"].number() if "from" in given else 0.0
    until = given["until"].number() if "until" in given else None
    if until is not None and until <= start:
        given["until"].refuse(f"{until:g} is not after 'from', {start:g}; write a later second")
    return When(
        after=given["after"].count() if "after" in given else 0,
        times=given["times"].count(1) if "times" in given else None,
        probability=given["probability"].number(0, 1) if "probability" in given else 1.0,
        start=start,
        until=until,
    )


def _check_controller(part: Part, effect: Effect, controllers: int) -> None:
    number = getattr(effect, "controller", None)
    if number is not None and number > controllers:
        part.refuse(f"there is no controller {number}; write a number up to {controllers}")
