"""Merging beside other libraries: the same work for each, in processes of their own."""
