"""What is installed with akb-sync: written down (`make sbom`), held against known weaknesses (`make audit`).

It is no part of the program: nothing of this is installed with it.
"""
