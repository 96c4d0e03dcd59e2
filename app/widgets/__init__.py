"""Controls of Zava's own look; they know tokens and plain values, never a state or a view."""
