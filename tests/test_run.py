"""The whole pipeline on a small corpus, with the bundled models."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import Ledger, Runner, extract, load_config
from pipeline.config import parse_config
from pipeline.errors import ConfigError, UsageError
from pipeline.ingest.records import RawRecord
from pipeline.ingest.stage import READERS
from pipeline.stage import Shard, check_plan
from pipeline.stages import SHARD_STAGES, fingerprint_of
from pipeline.stance.stage import Stance
from pipeline.tables import ARTICLES, ENTITIES, REJECTS, TABLES, check, to_arrow
from pipeline.work import run_shard
from tests.conftest import ARTICLES as RECORDS
from tests.conftest import write_jsonl

COMMAND = [sys.executable, "-m", "pipeline.cli"]


def tables(outputs: Path) -> dict[str, pd.DataFrame]:
    ledger = Ledger.open(outputs)
    return {
        t.name: ledger.table(t.name).to_pandas().sort_values(list(t.key) or ["source", "reason"], ignore_index=True)
        for t in TABLES
        if t.name != "runs"
    }


def assert_same(a: dict[str, pd.DataFrame], b: dict[str, pd.DataFrame]) -> None:
    for name, frame in a.items():
        pd.testing.assert_frame_equal(frame, b[name], atol=1e-4, rtol=1e-4, obj=name)


def test_every_table_is_there_and_keeps_its_schema(small_run: Path) -> None:
    for table in TABLES:
        files = list((small_run / table.name).glob("*.parquet"))
        for file in files:
            check(table, pq.read_table(file, partitioning=None))
        assert files or table.name in ("rejects",)


def test_spans_are_the_quoted_strings(small_run: Path) -> None:
    ledger = Ledger.open(small_run)
    text = dict(zip(*(ledger.table("articles")[c].to_pylist() for c in ("article_id", "text")), strict=True))
    claims = ledger.table("claims").to_pylist()
    assert len(claims) >= 6
    for claim in claims:
        body = text[claim["article_id"]]
        assert " ".join(body[s["start"] : s["end"]] for s in claim["content_spans"]) == claim["content"]
        for part in ("claimer", "cue"):
            if claim[f"{part}_start"] is not None:
                assert body[claim[f"{part}_start"] : claim[f"{part}_end"]] == claim[f"{part}_text"]
    for mention in ledger.table("mentions").to_pylist():
        assert text[mention["article_id"]][mention["start"] : mention["end"]] == mention["text"]


def test_ids_join(small_run: Path) -> None:
    ledger = Ledger.open(small_run)
    claims = set(ledger.table("claims")["claim_id"].to_pylist())
    entities = set(ledger.table("entities")["entity_id"].to_pylist())
    assert set(ledger.table("stances")["claim_id"].to_pylist()) <= claims
    assert set(ledger.table("propositions")["claim_id"].to_pylist()) == set(ledger.table("stances")["claim_id"].to_pylist())
    assert {i for i in ledger.table("claims")["claimer_id"].to_pylist() if i} <= entities
    assert {i for i in ledger.table("mentions")["entity_id"].to_pylist() if i} <= entities


def test_the_obvious_claims_are_found(small_run: Path) -> None:
    found = Ledger.open(small_run).assertions().to_pandas()
    contents = " | ".join(found["content"])
    assert "lift the ban" in contents
    assert "change only procedure" in contents
    assert {"tariffs", "rare_earths"} <= set(found["topic"])
    assert "Petra Vollmann" in set(found["claimer_name"])


def test_duplicates_and_other_topics_are_not_read(small_run: Path) -> None:
    ledger = Ledger.open(small_run)
    articles = ledger.table("articles").to_pandas().set_index("article_id")
    assert articles.loc["syndicated-1", "duplicate_of"] == "courier-1"
    assert set(ledger.table("claims")["article_id"].to_pylist()) <= {"harbor-1", "courier-1"}


def test_counts_add_up(small_run: Path) -> None:
    (run,) = Ledger.open(small_run).table("runs").to_pylist()
    counts = json.loads(run["counts"])
    assert counts["records"] == counts["articles"] + counts["rejects"] == 4
    assert counts["duplicates"] == 1
    assert counts["rows.articles"] == 4


def test_a_second_run_does_nothing(small_corpus: Path, small_run: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in small_run.rglob("*.parquet")}
    report = Runner(load_config(), small_run).run([str(small_corpus)])
    assert report.idle
    assert {p: p.stat().st_mtime_ns for p in small_run.rglob("*.parquet")} == before


def test_stages_run_alone_as_in_a_run(small_corpus: Path, small_run: Path, tmp_path: Path) -> None:
    runner = Runner(load_config(), tmp_path)
    with pytest.raises(UsageError, match="ingest"):
        runner.entities()
    runner.ingest([str(small_corpus)])
    runner.entities()
    runner.stance()
    runner.link()
    assert_same(tables(small_run), tables(tmp_path))


def test_an_article_at_which_a_stage_fails_is_a_reject_and_the_others_go_on(
    small_corpus: Path, small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = Stance.__call__

    def fails_at_one(self: Stance, shard: Shard) -> dict[str, pa.Table]:
        if RECORDS[0]["id"] in shard["articles"]["article_id"].to_pylist():
            raise ValueError("too odd")
        return judged(self, shard)

    monkeypatch.setattr(Stance, "__call__", fails_at_one)
    Runner(load_config(), tmp_path).run([str(small_corpus)])
    rejects = tables(tmp_path)["rejects"]
    assert rejects[rejects.stage == "stance"][["record", "reason"]].values.tolist() == [[RECORDS[0]["id"], "failed"]]
    assert len(tables(tmp_path)["stances"]) < len(tables(small_run)["stances"])


class _Named:
    """A stage that finds the same entity in every article, and fails at several articles, at a bad one, or at none."""

    name, reads, writes = "entities", (ARTICLES,), (ENTITIES,)

    def __init__(self, bad: set[str]) -> None:
        self.bad = bad

    def __call__(self, shard: Shard) -> dict[str, pa.Table]:
        ids = shard["articles"]["article_id"].to_pylist()
        if len(ids) > 1 or self.bad & set(ids):
            raise ValueError("too odd")
        row = {"entity_id": "China", "name": "China", "type": "GOV", "country": "CN", "aliases": ids, "role": None, "known": True}
        return {"entities": to_arrow(ENTITIES, [row])}


def test_entities_of_articles_read_one_by_one_are_joined() -> None:
    made = run_shard(_Named({"c"}), {"articles": _articles("a", "b", "c")})
    assert made["entities"].select(["entity_id", "aliases"]).to_pylist() == [{"entity_id": "China", "aliases": ["a", "b"]}]
    assert made["rejects"]["record"].to_pylist() == ["c"]


def test_a_lone_article_at_which_a_stage_fails_is_a_reject_but_all_of_several_are_an_error() -> None:
    assert run_shard(_Named({"a"}), {"articles": _articles("a")})["rejects"]["record"].to_pylist() == ["a"]
    with pytest.raises(ValueError, match="too odd"):
        run_shard(_Named({"a", "b"}), {"articles": _articles("a", "b")})


def _articles(*ids: str) -> pa.Table:
    return pa.table({"article_id": list(ids), "source": [f"{i}.txt" for i in ids]})


def test_an_edited_knowledge_base_is_read_anew_and_a_wrong_one_is_told_at_once(tmp_path: Path) -> None:
    own = tmp_path / "kb.toml"
    config = parse_config({"entities": {"knowledge_base": str(own)}})
    with pytest.raises(ConfigError, match=r"kb\.toml"):
        Runner(config, tmp_path / "out")
    own.write_text('["Moon Bank"]\nname = "Moon Bank"\ntype = "ORG"\n')
    before = fingerprint_of("entities", config)
    own.write_text('["Moon Bank"]\nname = "Moon Bank"\ntype = "ORG"\naliases = ["MB"]\n')
    assert fingerprint_of("entities", config) != before


def test_the_tables_are_no_part_of_the_corpus(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "news.jsonl", RECORDS)
    for _ in range(2):
        runner = Runner(load_config(), tmp_path / "outputs")
        runner.ingest([str(tmp_path)])
        assert runner.store.read(ARTICLES).num_rows == len(RECORDS)
    with pytest.raises(UsageError, match="-o"):
        runner.ingest([str(tmp_path / "outputs" / "articles")])


def test_a_file_that_grew_at_its_end_keeps_the_parts_that_it_had(tmp_path: Path) -> None:
    records = [{"id": str(i), "text": f"The duty number {i} stays for now, officials said."} for i in range(300)]
    shards = []
    for number in (299, 300):
        write_jsonl(tmp_path / "news.jsonl", records[:number])
        runner = Runner(load_config(), tmp_path / "out")
        runner.ingest([str(tmp_path / "news.jsonl")])
        shards.append(runner.store.current("ingest")["shards"])  # type: ignore[index]
    assert [len(found) for found in shards] == [2, 2]
    assert len(set(shards[0]) & set(shards[1])) == 1


def test_what_a_disk_broke_off_is_read_again_by_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_jsonl(tmp_path / "news.jsonl", RECORDS)

    def broken(*_: object) -> Iterator[RawRecord]:
        raise OSError("the network is down")
        yield

    with monkeypatch.context() as patch:
        patch.setitem(READERS, "jsonl", broken)
        runner = Runner(load_config(), tmp_path / "out")
        runner.ingest([str(tmp_path / "news.jsonl")])
        assert runner.store.read(REJECTS)["reason"].to_pylist() == ["unreadable"]
    runner.ingest([str(tmp_path / "news.jsonl")])
    assert (runner.store.read(ARTICLES).num_rows, runner.store.read(REJECTS).num_rows) == (len(RECORDS), 0)


def test_a_stage_run_alone_on_what_is_gone_says_which_to_run_first(small_run: Path, tmp_path: Path) -> None:
    shutil.copytree(small_run, tmp_path / "out")
    write_jsonl(tmp_path / "other.jsonl", RECORDS[:1])
    runner = Runner(load_config(), tmp_path / "out")
    runner.ingest([str(tmp_path / "other.jsonl")])
    with pytest.raises(UsageError, match="claimledger entities"):
        runner.stance()


def test_a_corpus_that_grew_costs_the_growth_and_ends_as_a_fresh_run(small_corpus: Path, small_run: Path, tmp_path: Path) -> None:
    corpus, outputs = tmp_path / "corpus", tmp_path / "out"
    corpus.mkdir()
    shutil.copy(small_corpus / "news.jsonl", corpus)
    Runner(load_config(), outputs).run([str(corpus)])
    write_jsonl(
        corpus / "big.jsonl",
        [{"id": "late", "published": "2026-05-01", "text": "Officials said the visa fee would double. Students oppose the fee."}],
    )
    grown = Runner(load_config(), outputs).run([str(corpus)])
    fresh = Runner(load_config(), tmp_path / "fresh").run([str(corpus)])
    assert grown.counts == fresh.counts
    assert_same(tables(outputs), tables(tmp_path / "fresh"))


@pytest.mark.parametrize("delay", [3.0, 6.0, 9.0])
def test_a_killed_run_ends_with_the_same_tables(small_corpus: Path, small_run: Path, tmp_path: Path, delay: float) -> None:
    command = [*COMMAND, "run", str(small_corpus), "-o", str(tmp_path), "-q"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert_same(tables(small_run), tables(tmp_path))
    assert not list((tmp_path / ".claimledger" / "tmp").iterdir())


def test_workers_give_the_same_tables(small_corpus: Path, small_run: Path, tmp_path: Path) -> None:
    subprocess.run([*COMMAND, "run", str(small_corpus), "-o", str(tmp_path), "--workers", "2", "-q"], check=True, stdout=subprocess.DEVNULL)
    assert_same(tables(small_run), tables(tmp_path))


def test_no_gate_reads_every_article(small_corpus: Path, tmp_path: Path) -> None:
    subprocess.run([*COMMAND, "run", str(small_corpus), "-o", str(tmp_path), "--no-gate", "-q"], check=True, stdout=subprocess.DEVNULL)
    claims = Ledger.open(tmp_path).table("claims").to_pandas()
    assert "courier-2" in set(claims["article_id"])


def run_command(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, input=text, check=False)


def test_the_commands_exit_codes_and_messages(small_run: Path, tmp_path: Path) -> None:
    missing = run_command("run", str(tmp_path / "nowhere"), "-o", str(tmp_path / "o"))
    assert missing.returncode == 2
    assert "nowhere" in missing.stderr
    assert "Traceback" not in missing.stderr
    assert "Traceback" in run_command("--debug", "run", str(tmp_path / "nowhere"), "-o", str(tmp_path / "o")).stderr
    config = tmp_path / "c.toml"
    config.write_text("[stance]\nmodle = 1\n")
    wrong = run_command("run", str(tmp_path), "-o", str(tmp_path / "o"), "--config", str(config))
    assert wrong.returncode == 2
    assert "stance.modle" in wrong.stderr
    shown = run_command("show", str(small_run), "harbor-1")
    assert shown.returncode == 0
    assert "Petra Vollmann" in shown.stdout
    assert run_command("show", str(small_run), "no-such-id").returncode == 2
    assert "tariffs" in run_command("summary", str(small_run)).stdout


def test_an_empty_folder_is_said_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run_command("run", str(tmp_path / "empty"), "-o", str(tmp_path / "o"))
    assert done.returncode == 0
    assert "no articles" in done.stdout.lower()
    assert {t.name for t in TABLES} <= {p.name for p in (tmp_path / "o").iterdir()}


def test_bad_input_is_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    corpus = tmp_path / "c"
    corpus.mkdir()
    write_jsonl(corpus / "good.jsonl", RECORDS[:1])
    (corpus / "broken.jsonl").write_text('{"text": ')
    (corpus / "binary.txt").write_bytes(bytes(range(256)) * 20)
    done = run_command("run", str(corpus), "-o", str(tmp_path / "o"))
    assert done.returncode == 1
    assert "rejects" in done.stderr
    assert sorted(Ledger.open(tmp_path / "o").table("rejects")["reason"].to_pylist()) == ["bad_json", "not_text"]
    assert len(Ledger.open(tmp_path / "o").assertions()) > 0


def test_standard_input_is_jsonl(tmp_path: Path) -> None:
    done = run_command("run", "-", "-o", str(tmp_path), text=json.dumps(RECORDS[1]) + "\n")
    assert done.returncode == 0
    assert Ledger.open(tmp_path).table("articles")["article_id"].to_pylist() == ["courier-1"]


def test_extract_gives_a_texts_claims() -> None:
    found = extract(RECORDS[1]["text"])
    assert {"claimer_name", "topic", "stance", "content"} <= set(found.columns)
    assert (found["topic"] == "tariffs").any()


def test_ledger_filters(small_run: Path) -> None:
    ledger = Ledger.open(small_run)
    assert set(ledger.assertions(topic="tariffs")["topic"].to_pylist()) == {"tariffs"}
    assert len(ledger.assertions(claimer="VOLLMANN")) >= 1
    assert len(ledger.assertions(since="2026-03-15")) < len(ledger.assertions())
    assert set(ledger.propositions().columns) >= {"wording", "claims", "n_opposed"}
    with pytest.raises(UsageError):
        Ledger.open(small_run / "nothing")
    with pytest.raises(UsageError, match="date"):
        ledger.assertions(since="")


def test_the_plan_is_checked() -> None:
    check_plan(SHARD_STAGES, [ARTICLES])
    with pytest.raises(ConfigError, match="stance"):
        check_plan(SHARD_STAGES[1:], [ARTICLES])


def test_the_notebook_runs(small_run: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    path = Path(__file__).parents[1] / "notebooks" / "explore.ipynb"
    os.environ["CLAIMLEDGER_OUTPUTS"] = str(small_run)
    NotebookClient(nbformat.read(path, as_version=4), timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
