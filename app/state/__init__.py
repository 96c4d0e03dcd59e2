"""What the screens show and what one can do on them: observables whose methods are the intents.

Plain Python: no controls, no page. A view passes an intent to `Notices.guard` and draws the fields.
"""
