from __future__ import annotations

import errno
import json

import bson
import pytest

from app.domain.errors import DomainError
from datagen.collections import WRITTEN
from datagen.files import MANIFEST, read_files, read_manifest, write_files
from datagen.formats import FORMATS
from datagen.generate import generate
from datagen.presets import Preset
from datagen.recipe import Recipe

AS_OF = "2026-11-20T18:00:00Z"
SMALL = Preset("small", customers=60, orders=120, recent_share=0.1)


def write(folder, seed=7, form="jsonl"):
    documents = generate(SMALL, seed=seed, as_of=AS_OF)
    return write_files(documents, folder, Recipe.of(SMALL, seed=seed, as_of=AS_OF), form)


def refusal(folder) -> str:
    with pytest.raises(DomainError) as refused:
        list(read_files(folder))
    return refused.value.code


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_written_is_read_back(tmp_path, form):
    manifest = write(tmp_path / "data", form=form)
    made = sorted(generate(SMALL, as_of=AS_OF), key=lambda pair: WRITTEN.index(pair[0]))
    assert list(read_files(tmp_path / "data")) == made
    assert read_manifest(tmp_path / "data") == manifest
    assert manifest.recipe == Recipe("small", 7, AS_OF, 60, 120)
    assert manifest.bytes["orders"] == (tmp_path / "data" / f"orders.{form}").stat().st_size
    assert manifest.counts["customers"] == 60


def test_writing_twice_gives_the_same_digests(tmp_path):
    assert write(tmp_path / "one").sha256 == write(tmp_path / "other").sha256


def test_a_new_set_replaces_the_old_one(tmp_path):
    write(tmp_path)
    newer = write(tmp_path, seed=8)
    assert read_manifest(tmp_path) == newer
    assert len(list(read_files(tmp_path))) == sum(newer.counts.values())


def test_a_folder_without_a_manifest_holds_no_data_set(tmp_path):
    assert refusal(tmp_path) == "dataset_missing"


def test_a_set_in_another_format_replaces_the_old_one(tmp_path):
    write(tmp_path, form="bson")
    write(tmp_path, form="json")
    assert json.loads((tmp_path / "stores.json").read_text())[0]["store_code"] == "SEA"
    assert not list(tmp_path.glob("*.bson"))


def test_bson_is_as_mongodb_has_it(tmp_path):
    write(tmp_path, form="bson")
    with (tmp_path / "customers.bson").open("rb") as file:
        customer = next(bson.decode_file_iter(file))
    assert isinstance(customer["_id"], bson.ObjectId)
    assert customer["customer_id"].startswith("cust_")


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk_full"), (errno.EACCES, "folder_unwritable")],
)
def test_a_set_that_broke_off_is_not_taken_for_a_whole_one(tmp_path, number, code):
    write(tmp_path)

    def breaking():
        yield from list(generate(SMALL, as_of=AS_OF))[:100]
        raise OSError(number, "no")

    with pytest.raises(DomainError) as refused:
        write_files(breaking(), tmp_path, Recipe.of(SMALL))
    assert refused.value.code == code
    assert refusal(tmp_path) == "dataset_missing"
    assert write(tmp_path) == read_manifest(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "data").write_text("mine")
    with pytest.raises(DomainError) as refused:
        write(tmp_path / "data")
    assert refused.value.code == "folder_unwritable"
    assert (tmp_path / "data").read_text() == "mine"


def test_one_changed_byte_is_noticed(tmp_path):
    write(tmp_path)
    path = tmp_path / "stores.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Seattle", b"Seattel", 1))
    assert refusal(tmp_path) == "dataset_damaged"


def test_a_missing_file_is_noticed(tmp_path):
    write(tmp_path)
    (tmp_path / "orders.jsonl").unlink()
    assert refusal(tmp_path) == "dataset_damaged"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"preset": 1}', "null"])
def test_a_manifest_that_is_none_is_refused(tmp_path, text):
    write(tmp_path)
    (tmp_path / MANIFEST).write_text(text)
    assert refusal(tmp_path) == "dataset_damaged"


def test_a_manifest_of_a_newer_format_is_refused(tmp_path):
    write(tmp_path)
    path = tmp_path / MANIFEST
    path.write_text(path.read_text().replace('"format_version": 2', '"format_version": 3'))
    assert refusal(tmp_path) == "dataset_damaged"
