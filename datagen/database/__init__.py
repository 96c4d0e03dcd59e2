"""The tools of whoever looks after the MongoDB: what is set, what answers, indexes, streams."""
