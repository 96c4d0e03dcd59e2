"""Results that are kept: a change of documents works out anew only the rows it touches.

A kept result is three stages, each with the delta of the one before: ``joined`` holds rows of
documents by the document of FROM, ``groups`` the members of each group, ``placed`` the results in
order. What has no such form is asked for anew (``kept_of`` says which).
"""

from sync.query.keeping.kept import Kept, kept_of

__all__ = ["Kept", "kept_of"]
