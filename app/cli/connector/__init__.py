"""`zava connector`: MongoDB and the hub, two ways. `commands` is what ``--help`` shows."""
