"""Files appear whole or not at all; models are what they claim to be; the docs follow the schemas."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

import pipeline.models as models
from pipeline.dictionary import dictionary
from pipeline.errors import ModelError, UsageError
from pipeline.store import Store
from pipeline.tables import REJECTS, TABLES, TableError, check, to_arrow

KEYS = ("0123456789abcdef", "fedcba9876543210")
ROW = {"source": "a", "record": None, "stage": "ingest", "reason": "empty", "detail": "nothing"}


def test_parts_are_published_and_old_ones_go(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.prepare()
    first, second = KEYS
    for key in KEYS:
        store.put("ingest", key, {"rejects": to_arrow(REJECTS, [ROW])}, {"n": 1})
    assert store.facts("ingest", first) == {"n": 1}
    files = {key: store.part("ingest", key) / "rejects.parquet" for key in KEYS}
    assert store.publish(REJECTS, [(first, files[first])]) == 1
    assert store.publish(REJECTS, [(first, files[first])]) == 0
    assert store.publish(REJECTS, [(second, files[second])]) == 2
    assert store.read(REJECTS).num_rows == 1
    store.sweep("ingest", [second])
    assert not store.has("ingest", first)


def test_what_others_put_beside_a_table_stays_and_is_not_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.prepare()
    store.put("ingest", KEYS[0], {"rejects": to_arrow(REJECTS, [ROW])})
    store.publish(REJECTS, [(KEYS[0], store.part("ingest", KEYS[0]) / "rejects.parquet")])
    (tmp_path / "rejects" / ".ipynb_checkpoints").mkdir()
    (tmp_path / "rejects" / "mine.parquet").write_bytes(b"not a table")
    store.publish(REJECTS, [])
    assert {p.name for p in (tmp_path / "rejects").iterdir()} == {".ipynb_checkpoints", "mine.parquet"}
    assert (store.read(REJECTS).num_rows, store.count(REJECTS)) == (0, 0)


def test_a_folder_that_no_run_wrote_is_not_taken_for_a_table(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="articles"):
        Store(tmp_path).prepare()
    assert (tmp_path / "articles" / "mine.txt").read_text() == "mine"


def test_one_run_works_in_a_folder_at_a_time(tmp_path: Path) -> None:
    first, second = Store(tmp_path), Store(tmp_path)
    first.prepare()
    with first.locked(), first.locked():
        (first.state / "tmp" / "half").mkdir()
        with pytest.raises(UsageError, match="another run"), second.locked():
            pass
        assert (first.state / "tmp" / "half").is_dir()
    with second.locked():
        assert not (first.state / "tmp" / "half").exists()


def test_a_kill_while_old_work_is_removed_leaves_no_half_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.prepare()
    store.put("ingest", KEYS[0], {"rejects": to_arrow(REJECTS, [ROW])})
    monkeypatch.setattr(shutil, "rmtree", _killed)
    with pytest.raises(KeyboardInterrupt):
        store.sweep("ingest", [])
    assert not store.has("ingest", KEYS[0])


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.prepare()
    (store.state / "tmp" / "half").mkdir()
    (store.state / "tmp" / "half" / "x.parquet").write_bytes(b"PAR1")
    with store.locked():
        assert list((store.state / "tmp").iterdir()) == []


def test_tables_are_checked() -> None:
    with pytest.raises(TableError, match="reason"):
        to_arrow(REJECTS, [{k: v for k, v in ROW.items() if k != "reason"}])
    with pytest.raises(TableError, match="nulls"):
        check(REJECTS, to_arrow(REJECTS, [ROW]).set_column(4, REJECTS.schema.field("detail"), pa.array([None], pa.string())))
    for table in TABLES:
        assert all(field.metadata[b"description"] for field in table.schema)
        assert set(table.key) <= set(table.schema.names)


def test_assertions_are_flat() -> None:
    (assertions,) = [t for t in TABLES if t.name == "assertions"]
    assert not any(str(f.type).startswith(("list", "struct")) for f in assertions.schema)


def test_the_dictionary_in_the_docs_is_that_of_the_schemas() -> None:
    assert (Path(__file__).parents[1] / "docs" / "tables.md").read_text(encoding="utf-8") == dictionary()


def test_a_changed_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(models.models_folder() / "models.toml", tmp_path)
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "weights.safetensors").write_bytes(b"other")
    monkeypatch.setattr(models, "models_folder", lambda: tmp_path)
    models.model_folder.cache_clear()
    models._pins.cache_clear()
    try:
        with pytest.raises(ModelError, match="SHA-256"):
            models.model_folder("reader")
        with pytest.raises(ModelError, match="missing"):
            models.model_folder("stance")
    finally:
        models.model_folder.cache_clear()
        models._pins.cache_clear()


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ModelError, match="no-such-model"):
        models.model_folder("no-such-model")


def test_the_bundled_models_are_small() -> None:
    weights = list(models.models_folder().glob("*/*.safetensors"))
    assert {p.parent.name for p in weights} == {"reader", "claimers", "stance", "stance-large", "linking", "large-encoder"}
    assert sum(p.stat().st_size for p in weights) < 120_000_000
