"""Messages between a device and its hub, and their framing. Pure; the same code on both sides."""
