"""Files appear whole or not at all; models are what they claim to be; the docs follow the schemas."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

import pipeline.models as models
from pipeline.dictionary import dictionary
from pipeline.errors import ModelError
from pipeline.store import Store
from pipeline.tables import REJECTS, TABLES, TableError, check, to_arrow

ROW = {"source": "a", "record": None, "stage": "ingest", "reason": "empty", "detail": "nothing"}


def test_parts_are_published_and_old_ones_go(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.prepare()
    for key in ("k1", "k2"):
        store.put("ingest", key, {"rejects": to_arrow(REJECTS, [ROW])}, {"n": 1})
    assert store.facts("ingest", "k1") == {"n": 1}
    files = {key: store.part("ingest", key) / "rejects.parquet" for key in ("k1", "k2")}
    assert store.publish(REJECTS, [("k1", files["k1"])]) == 1
    assert store.publish(REJECTS, [("k1", files["k1"])]) == 0
    assert store.publish(REJECTS, [("k2", files["k2"])]) == 2
    assert store.read(REJECTS).num_rows == 1
    store.sweep("ingest", ["k2"])
    assert not store.has("ingest", "k1")


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.prepare()
    (store.state / "tmp" / "half").mkdir()
    (store.state / "tmp" / "half" / "x.parquet").write_bytes(b"PAR1")
    store.clear_temporary()
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
