from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import codes
from app.domain.errors import DomainError

bodies = st.one_of(
    st.from_regex(r"[0-9]{12}", fullmatch=True), st.from_regex(r"[0-9]{11}", fullmatch=True)
)


@pytest.mark.parametrize("barcode", ["4006381333931", "0036000291452", "036000291452"])
def test_known_barcodes_are_valid(barcode):
    assert codes.is_valid_barcode(barcode)


@given(bodies)
def test_a_body_with_its_check_digit_is_a_barcode(body):
    assert codes.is_valid_barcode(body + codes.check_digit(body))


@given(bodies, st.data())
def test_one_misread_digit_is_always_noticed(body, data):
    barcode = body + codes.check_digit(body)
    place = data.draw(st.integers(0, len(barcode) - 1))
    wrong = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != barcode[place]))
    assert not codes.is_valid_barcode(barcode[:place] + wrong + barcode[place + 1 :])


@given(st.integers(0, 10**10 - 1), st.integers(20, 29))
def test_in_store_numbers_are_valid_and_recognised(number, prefix):
    barcode = codes.in_store_barcode(number, prefix)
    assert len(barcode) == 13
    assert codes.is_in_store(barcode)


@pytest.mark.parametrize("foreign", ["4006381333931", "036000291452", "2000000010015", ""])
def test_foreign_or_wrong_numbers_are_not_in_store(foreign):
    assert not codes.is_in_store(foreign)


@pytest.mark.parametrize(("number", "prefix"), [(-1, 20), (10**10, 20), (1, 19), (1, 30)])
def test_an_in_store_number_that_does_not_fit_is_refused(number, prefix):
    with pytest.raises(DomainError):
        codes.in_store_barcode(number, prefix)


def test_a_scan_is_read_as_an_ean_13():
    assert codes.read_barcode(" 036000 291452 ") == "0036000291452"
    assert codes.read_barcode("4-006381-333931") == "4006381333931"


@pytest.mark.parametrize("scan", ["", "4006381333932", "abc", "40063813339310", "٤٠٠٦٣٨١٣٣٣٩٣١"])
def test_a_bad_scan_is_refused_by_name(scan):
    with pytest.raises(DomainError) as refused:
        codes.read_barcode(scan)
    assert refused.value.code == "barcode_invalid"


@pytest.mark.parametrize(
    ("location", "text", "label"),
    [
        ({"aisle": "3", "shelf": "B", "bin": "12"}, "A3 · B · 12", "SEA-03-B-12"),
        ({"aisle": "14", "shelf": "Top"}, "A14 · Top", "SEA-14-TOP"),
        ({"aisle": "A1", "shelf": "2", "bin": "4"}, "A1 · 2 · 4", "SEA-A1-2-04"),
    ],
)
def test_a_location_reads_large_and_is_labelled(location, text, label):
    assert codes.location_text(location) == text
    assert codes.label_code("SEA", location) == label


@pytest.mark.parametrize("nowhere", [None, {}, {"aisle": ""}])
def test_no_location_says_so(nowhere):
    assert codes.location_text(nowhere) == "No location"


@given(
    st.integers(1, 60).map(str),
    st.sampled_from("ABCDE"),
    st.none() | st.integers(1, 40).map(str),
)
def test_a_scanned_label_gives_its_location_back(aisle, shelf, bin_):
    location = {"aisle": aisle, "shelf": shelf} | ({"bin": bin_} if bin_ else {})
    assert codes.read_label_code(codes.label_code("SEA", location).lower()) == ("SEA", location)


@pytest.mark.parametrize("label", ["", "SEA", "4006381333931", "SEA-03-B-12-9"])
def test_what_is_no_label_is_refused(label):
    with pytest.raises(DomainError) as refused:
        codes.read_label_code(label)
    assert refused.value.code == "label_invalid"
