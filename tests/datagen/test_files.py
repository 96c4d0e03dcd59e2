from __future__ import annotations

import pytest

from app.domain.collections import SYNCED
from app.domain.errors import DomainError
from datagen.files import MANIFEST, load_jsonl, read_manifest, write_jsonl
from datagen.generate import generate
from datagen.presets import Preset

AS_OF = "2026-11-20T18:00:00Z"
SMALL = Preset("small", customers=60, orders=120, recent_share=0.1)


def write(folder, seed=7):
    documents = generate(SMALL, seed=seed, as_of=AS_OF)
    return write_jsonl(documents, folder, preset="small", seed=seed, as_of=AS_OF)


def refusal(folder) -> str:
    with pytest.raises(DomainError) as refused:
        list(load_jsonl(folder))
    return refused.value.code


def test_what_is_written_is_read_back(tmp_path):
    manifest = write(tmp_path / "data")
    made = sorted(generate(SMALL, as_of=AS_OF), key=lambda pair: SYNCED.index(pair[0]))
    assert list(load_jsonl(tmp_path / "data")) == made
    assert read_manifest(tmp_path / "data") == manifest
    assert (manifest.preset, manifest.seed, manifest.as_of) == ("small", 7, AS_OF)
    assert manifest.counts["customers"] == 60


def test_writing_twice_gives_the_same_digests(tmp_path):
    assert write(tmp_path / "one").sha256 == write(tmp_path / "other").sha256


def test_a_new_set_replaces_the_old_one(tmp_path):
    write(tmp_path)
    newer = write(tmp_path, seed=8)
    assert read_manifest(tmp_path) == newer
    assert len(list(load_jsonl(tmp_path))) == sum(newer.counts.values())


def test_a_folder_without_a_manifest_holds_no_data_set(tmp_path):
    assert refusal(tmp_path) == "dataset_missing"


def test_a_set_that_broke_off_is_not_taken_for_a_whole_one(tmp_path):
    write(tmp_path)

    def breaking():
        yield from list(generate(SMALL, as_of=AS_OF))[:100]
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_jsonl(breaking(), tmp_path, preset="small", seed=7, as_of=AS_OF)
    assert refusal(tmp_path) == "dataset_missing"


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
    path.write_text(path.read_text().replace('"format_version": 1', '"format_version": 2'))
    assert refusal(tmp_path) == "dataset_damaged"
