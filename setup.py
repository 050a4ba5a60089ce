"""Packaging of akb-sync: the library `akb_sync` and its command line.

The command line's folder is called `cli/` in the tree; it is installed as `akb_sync_cli`, since a
top-level package called `cli` in everybody's site-packages would be in the way.
"""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = next(
    line.split('"')[1]
    for line in (HERE / "akb_sync" / "version.py").read_text().splitlines()
    if line.startswith("__version__")
)

CLI_PACKAGES = [
    "akb_sync_cli",
    *(f"akb_sync_cli.{name}" for name in find_packages("cli")),
]

setup(
    name="akb-sync",
    version=VERSION,
    description="Keeps Cisco ACI external EPGs right for Kubernetes workloads behind an L3Out",
    long_description=(HERE / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=[*find_packages(include=["akb_sync", "akb_sync.*"]), *CLI_PACKAGES],
    package_dir={"akb_sync_cli": "cli"},
    package_data={"akb_sync": ["py.typed", "simulators/**/*.json", "simulators/**/*.yaml"]},
    install_requires=[
        "acitoolkit>=0.4,<0.5",
        "cryptography>=42",
        "kubernetes>=31",
        "msgspec>=0.19,<1",
        "prometheus-client>=0.20,<1",
        "PyYAML>=6",
        "requests>=2.32.3,<3",
        "rich>=13",
        "six>=1.16",
        "tabulate>=0.9,<1",
        "typer>=0.29,<1",
        "urllib3>=2.3,<3",
        "websocket-client>=1.6,<2",
    ],
    extras_require={
        "simulators": ["aiohttp>=3.10,<4"],
        "docs": ["mkdocs-material>=9.5,<10", "mkdocstrings[python]>=0.26"],
        "test": [
            "hypothesis>=6",
            "import-linter>=2",
            "jsonschema>=4.20",
            "mypy>=1.11",
            "pexpect>=4.9",
            "pytest>=8",
            "pytest-timeout>=2.3",
            "ruff>=0.6",
            "types-PyYAML",
            "types-jsonschema",
            "types-pexpect",
            "types-requests",
            "types-tabulate",
        ],
    },
    entry_points={"console_scripts": ["akb-sync=akb_sync_cli.main:main"]},
)
