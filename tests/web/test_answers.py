from __future__ import annotations

import pytest

from sync import errors
from sync.web.answers import status_of

EXPECTED = {
    400: {
        "invalid_value",
        "invalid_path",
        "document_exists",
        "document_missing",
        "document_too_large",
        "batch_too_large",
        "message_garbage",
        "version_unknown",
        "signature_invalid",
    },
    401: {"sign_in_refused", "sign_in_required", "token_expired", "token_invalid"},
    403: {
        "permission_denied",
        "out_of_scope",
        "document_unknown",
        "change_invalid",
        "change_too_large",
        "clock_ahead",
        "author_mismatch",
        "already_taken",
    },
    408: {"hub_unreachable"},
    409: {"replica_forked", "batch_gap"},
    413: {"message_too_large"},
    429: {"hub_busy"},
}


@pytest.mark.parametrize("kind", errors.leaves(), ids=lambda kind: kind.code)
def test_every_error_has_its_status(kind: type[errors.ZavaError]) -> None:
    wanted = next((status for status, codes in EXPECTED.items() if kind.code in codes), 500)
    assert status_of(kind("A sentence.")) == wanted
