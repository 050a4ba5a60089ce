"""Writes the reference pages that are made of tables in the code, so that neither can contradict the other.

Without arguments it writes the pages of `PAGES`. With `--check` it writes nothing and ends with exit code 1
when one of them is stale.
"""  # noqa: INP001 - a script of the documents, in no package

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

sys.path.insert(0, str(Path(__file__).resolve().parent))

import errors_page
import metrics_page
import reasons_page

from akb_sync.doctor import CHECKS, Group
from akb_sync.settings import Setting, table

DOCS = Path(__file__).resolve().parent
MADE_BY = "<!-- Made by docs/generate.py; change {source} instead. -->"

SETTINGS_INTRO = """\
# Settings

Every setting has one name. From it follow the flag, the environment variable and the key in the file of
`--config`. Precedence: flag, environment, file, default.

```yaml
# settings.yaml: names as the flags, without the dashes in front
apic: apic1.example.com,apic2.example.com
apic-ca-file: /etc/akb-sync/ca.pem
policy: upsert-only
allow:
  - web-*=TEN_WEB/*/*
pod-cidrs:
  - 10.244.0.0/16
profiles:
  lab:
    apic: apic.lab.example.com
    context: lab
```

A setting that takes several values is a list in the file and a flag that is given several times. In an
environment variable the values are separated by blanks. Times are seconds. The password has no flag, since
flags show in the process list; the file of `--config` does not take it either.

A key of the file that is no setting is an error. Of a variable that begins with `AKB_SYNC_` and is none, a
warning says that it is ignored; it is an error only where it is nearly a setting (`AKB_SYNC_POLCY`). The
variables that Kubernetes makes of a Service called `akb-sync` are left alone.

Three more flags belong to every command that talks to a cluster. `--config FILE` (`AKB_SYNC_CONFIG`) names
the file; without it `~/.config/akb-sync/config.yaml` is used, if it is there. `--profile NAME`
(`AKB_SYNC_PROFILE`) lets the values under that name of its `profiles` go before the common ones. `--debug`
logs everything, tracebacks included. `akb-sync config show` prints each value and where it came from, with
secrets masked.
"""

DOCTOR_INTRO = """\
# Doctor

`akb-sync doctor` looks at everything that can be wrong, on both sides and between them, all at the same time,
and writes nothing. Each row says how it is, what was seen, and the exact next command.

| Verdict | Meaning |
| --- | --- |
| `ok` | all is well |
| `warning` | it works, and somebody should look at it |
| `FAILED` | something does not work; the exit code is 1 |
| `unknown` | it could not be found out, such as a side that does not answer within 8 seconds |
| `skipped` | not looked at, because a check that it rests on is not well: mend that one first |

`akb-sync doctor CHECK...` makes only these checks. `-o json` and `-o yaml` are a
[document](schemas/diagnosis.schema.json) with one entry for each check; the names below stay the same.
"""


def doctor_page() -> str:
    """Give `doctor.md`."""
    parts = [DOCTOR_INTRO]
    for group in Group:
        rows = ((_code(one.name), one.looks, one.bad) for one in CHECKS if one.group is group)
        parts += [f"## {group}\n", _table(("Check", "Looks", "When it is not ok"), rows)]
    return _page("akb_sync/doctor/", parts)


def settings_page() -> str:
    """Give `settings.md`."""
    panels: dict[str, list[Setting]] = {}
    for setting in table():
        panels.setdefault(setting.panel, []).append(setting)
    parts = [SETTINGS_INTRO]
    for panel, settings in panels.items():
        rows = ((_flag(one), _code(one.env), _values(one), _default(one), one.prose) for one in settings)
        parts.append(f"## {panel}\n\n{_table(('Flag', 'Environment', 'Value', 'Default', 'Meaning'), rows)}")
    return _page("akb_sync/settings.py", parts)


def reasons_reference() -> str:
    """Give `reasons.md`."""
    return _page("akb_sync/reasons.py or docs/reasons_table.py", reasons_page.parts())


def errors_reference() -> str:
    """Give `errors.md`."""
    return _page("the code that raises them", [errors_page.page()])


def metrics_reference() -> str:
    """Give `metrics.md`."""
    return _page("akb_sync/observability/metrics.py", metrics_page.metrics_page())


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "reasons.md": reasons_reference,
    "errors.md": errors_reference,
    "doctor.md": doctor_page,
    "metrics.md": metrics_reference,
}


def stale(folder: Path = DOCS) -> Iterator[str]:
    """Name the pages in a folder that are not as they would be written."""
    for name, page in PAGES.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != page():
            yield name


def main() -> int:
    """Write or check the pages; give the exit code."""
    parser = argparse.ArgumentParser(description="Write the reference pages that are made of code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    if parser.parse_args().check:
        names = list(stale())
        for name in names:
            sys.stderr.write(f"docs/{name} is stale; run `python docs/generate.py`\n")
        return 1 if names else 0
    for name in list(stale()):
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
        sys.stdout.write(f"docs/{name} written\n")
    return 0


def _page(source: str, parts: Iterable[str]) -> str:
    return "\n".join([MADE_BY.format(source=source), "", *parts])


def _table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headers, tuple("---" for _ in headers), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`"


def _flag(setting: Setting) -> str:
    return _code(setting.flag) if setting.flag else "none"


def _values(setting: Setting) -> str:
    """Say what a value looks like; of an enumeration all values."""
    if isinstance(setting.type, type) and issubclass(setting.type, StrEnum):
        return ", ".join(_code(one) for one in setting.type)
    return _KINDS[_base(setting.type)]


_KINDS: dict[Any, str] = {
    str: "text",
    bool: "switch",
    int: "number",
    float: "seconds",
    Path: "file",
    tuple: "text, repeatable",
}


def _base(kind: Any) -> Any:
    """Strip `| None` and the type of a tuple's elements."""
    found = [one for one in get_args(kind) if one is not type(None)]
    if getattr(kind, "__origin__", None) is tuple:
        return tuple
    return found[0] if found else kind


def _default(setting: Setting) -> str:
    if setting.default in (None, "", ()):
        return "unset"
    if isinstance(setting.default, bool):
        return "on" if setting.default else "off"
    if isinstance(setting.default, float):
        return f"`{setting.default:g}`"
    return f"`{setting.default}`"


if __name__ == "__main__":
    sys.exit(main())
