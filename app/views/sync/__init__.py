"""What the sync pill opens."""
