"""The engine in a world made of chance: devices and a hub in one process, replayed by seed.

Every replica is a real one on a real file. Time, chance, the network and the failures of the disk
are the simulator's, so one seed is one run, to the byte. ``docs/reliability.md`` says what is
promised, and how each promise is tested.
"""
