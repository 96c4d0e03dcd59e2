"""MongoDB and the hub, two ways (M1–M7): what decides is apart from what touches a network.

``engine`` is the one door to the deciding half: event batches, write results and commits of the
hub go in, local transactions and writes come out. ``source`` and ``sink`` carry both over the line.
"""
