"""The app in a real browser, on a real hub."""
