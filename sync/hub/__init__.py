"""The hub engine: who may, what is accepted, what each device gets. Knows no HTTP."""
