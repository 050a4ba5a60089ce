"""Other ways to do the same, each a program of its own that the runner measures as it measures the engine.

Each reads a `Task` from standard input and writes what it found as one JSON object to standard output.
"""
