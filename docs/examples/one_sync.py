"""One sync, driven by a program: show what would change, write it, say what is left."""

import sys
from pathlib import Path

from akb_sync import Engine, Settings

settings = Settings(apic=sys.argv[1], apic_username=sys.argv[2], apic_password_file=Path(sys.argv[3]))

with Engine.connect(settings) as engine:
    engine.read()
    plan = engine.look()
    for item in plan.changes:
        print(item.action, item.dn, item.reason, item.hold.reason if item.hold else "")
    report = engine.write(plan)
    print(f"{len(report.done)} written, {len(report.rejected)} refused, {len(plan.held)} held")
