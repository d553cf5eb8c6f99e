"""What dashboards and notebooks read: assertions, propositions, oppositions and changes of position over small tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.assertions import asserted_by, join_assertions
from pipeline.ledger import Ledger
from pipeline.store import Store
from pipeline.summary import summarize
from pipeline.tables import ARTICLES, CLAIMS, ENTITIES, LINKS, PROPOSITIONS, REJECTS, RUNS, STANCES_TABLE, Table, to_arrow

DAY = datetime(2026, 3, 14, tzinfo=UTC)


def claim(name: str, claimer: str | None, published: datetime | None = DAY, said_on: date | None = None) -> dict:
    return {
        "claim_id": name, "article_id": f"article-{name}", "published": published, "said_on": said_on, "claimer_id": claimer,
        "claimer_name": claimer, "claimer_type": "PERSON", "content": f"content of {name}", "content_spans": [{"start": 0, "end": 2}],
        "context": name, "form": "indirect", "polarity": "affirms", "score": 0.9,
    }  # fmt: skip


def stance(name: str, topic: str, value: str = "favor") -> dict:
    return {
        "claim_id": name, "topic": topic, "stance": value, "p_favor": 0.8, "p_against": 0.1, "p_neutral": 0.1, "imposer": "US", "relevance": 0.9,
    }  # fmt: skip


def ledger_of(
    folder: Path, claims: list[dict], stances: list[dict], propositions: dict[str, list[str]], opposed: list[tuple[str, str]]
) -> Ledger:
    """A ledger of these claims; ``propositions`` are named by their first claims."""
    claimer = {c["claim_id"]: c["claimer_id"] for c in claims}
    articles = [
        {
            "article_id": c["article_id"],
            "source": "x",
            "publisher": "Harbor Ledger",
            "language": "en",
            "text": "x",
            "words": 1,
            "topics": [],
        }
        for c in claims
    ]
    rows = [
        {"claim_id": c, "proposition_id": f"p {p}", "representative": p, "size": len(members)}
        for p, members in propositions.items()
        for c in members
    ]
    links = [
        {
            "claim_a": a,
            "claim_b": b,
            "relation": "opposed",
            "score": 0.5,
            "same_claimer": claimer[a] is not None and claimer[a] == claimer[b],
        }
        for a, b in opposed
    ]
    made: list[tuple[Table, list[dict]]] = [
        (ARTICLES, articles), (CLAIMS, claims), (STANCES_TABLE, stances), (PROPOSITIONS, rows), (LINKS, links), (ENTITIES, []), (REJECTS, []), (RUNS, []),
    ]  # fmt: skip
    tables = {table.name: to_arrow(table, [{**dict.fromkeys(table.schema.names), **row} for row in content]) for table, content in made}
    tables["assertions"] = join_assertions(
        tables["articles"], tables["claims"], tables["stances"], asserted_by(tables["propositions"], tables["links"])
    )
    store = Store(folder)
    store.prepare()
    for name, data in tables.items():
        (folder / name).mkdir()
        pq.write_table(data, folder / name / "0123456789abcdef.parquet")
    return Ledger(store)


def test_every_claim_of_a_proposition_has_all_claims_of_the_opposed_ones(tmp_path: Path) -> None:
    claims = [claim(name, name.upper()) for name in ("a1", "a2", "b1", "b2", "b3", "c1")]
    found = ledger_of(
        tmp_path, claims, [stance(c["claim_id"], "tariffs") for c in claims],
        {"a1": ["a1", "a2"], "b1": ["b1", "b2", "b3"], "c1": ["c1"]}, [("a1", "b1"), ("a1", "b2"), ("a2", "b3"), ("a1", "c1")],
    )  # fmt: skip
    n_opposed = dict(zip(*(found.assertions()[name].to_pylist() for name in ("claim_id", "n_opposed")), strict=True))
    assert n_opposed == {"a1": 4, "a2": 4, "b1": 2, "b2": 2, "b3": 2, "c1": 2}
    assert dict(found.propositions()[["proposition_id", "n_opposed"]].itertuples(index=False)) == {"p a1": 4, "p b1": 2, "p c1": 2}


def test_a_change_of_position_is_one_of_different_days_the_earlier_first(tmp_path: Path) -> None:
    later = datetime(2026, 4, 2, tzinfo=UTC)
    claims = [
        claim("a", "Lind", later), claim("b", "Lind", DAY), claim("c", "Lind", DAY), claim("d", "Roe", None), claim("e", "Roe", DAY),
        claim("f", "Lind", later, said_on=date(2026, 1, 5)),
    ]  # fmt: skip
    found = ledger_of(
        tmp_path, claims, [stance(c["claim_id"], "tariffs") for c in claims], {c["claim_id"]: [c["claim_id"]] for c in claims},
        [("a", "b"), ("b", "c"), ("d", "e"), ("c", "f")],
    ).changes_of_position()  # fmt: skip
    assert list(found[["claim_a", "claim_b"]].itertuples(index=False, name=None)) == [("b", "a"), ("f", "c")]
    assert [str(day.date()) for day in found["day_a"]] == ["2026-03-14", "2026-01-05"]
    assert list(found["content_a"]) == ["content of b", "content of f"]


def test_opposed_claims_are_shown_on_the_topic_that_both_are_about(tmp_path: Path) -> None:
    stances = [stance("a", "rare_earths", "neutral"), stance("a", "tariffs", "against"), stance("b", "tariffs"), stance("c", "visas")]
    claims = [claim("a", "Lind"), claim("b", "Roe"), claim("c", "Ash")]
    found = ledger_of(tmp_path, claims, stances, {"a": ["a"], "b": ["b"], "c": ["c"]}, [("a", "b")])
    (row,) = found.oppositions().itertuples()
    assert (row.topic_a, row.topic_b, row.stance_a, row.stance_b) == ("tariffs", "tariffs", "against", "favor")
    assert found.oppositions("visas").empty


def test_a_propositions_wording_is_the_same_under_every_topic(tmp_path: Path) -> None:
    stances = [stance("a", "tariffs"), stance("b", "tariffs"), stance("b", "visas")]
    found = ledger_of(tmp_path, [claim("a", "Lind"), claim("b", "Roe")], stances, {"a": ["a", "b"]}, [])
    assert list(found.propositions("visas")["wording"]) == ["content of a"]


@pytest.mark.parametrize(("name", "shown"), [("Lind", True), (None, False)])
def test_the_summary_sets_two_named_claimers_against_each_other(tmp_path: Path, name: str | None, shown: bool) -> None:
    claims = [claim("a", name), claim("b", None)] if name is None else [claim("a", name), claim("b", "Roe")]
    found = ledger_of(tmp_path, claims, [stance("a", "tariffs"), stance("b", "tariffs")], {"a": ["a"], "b": ["b"]}, [("a", "b")])
    assert ("Strongest oppositions:" in summarize(found)) is shown
