"""What akb-sync costs, measured from outside, against bounds and against other ways to do the same.

`python -m benchmarks` is `make bench`. Both sides are the simulators, each in a process of its own, so that
their cost is not ours; the engine is the real command. Whatever can be a ratio or a count is one, since a
second means something else on each machine.
"""
