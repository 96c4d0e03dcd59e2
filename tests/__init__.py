"""The tests, laid out as the code they read; see README.md in this folder."""
