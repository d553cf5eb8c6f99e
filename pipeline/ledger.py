"""The outputs of a run as data frames, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import UsageError
from pipeline.store import Store
from pipeline.tables import ASSERTIONS, CLAIMS, ENTITIES, LINKS, PROPOSITIONS, TABLES, table_named


class Ledger:
    """Read access to one outputs folder: ``Ledger.open("outputs").assertions(topic="tariffs").to_pandas()``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def open(cls, outputs: str | Path) -> Ledger:
        """Open the folder that a run wrote; raises UsageError when no run did."""
        folder = Path(outputs)
        if not (folder / ASSERTIONS.name).is_dir():
            raise UsageError(f"{folder}: no run has written here: run 'claimledger run CORPUS -o {folder}' first")
        return cls(Store(folder))

    def table(self, name: str) -> pa.Table:
        """A whole table by its name; raises KeyError with the names that exist."""
        return self._store.read(table_named(name))

    def tables(self) -> dict[str, int]:
        """Names of the tables with their numbers of rows."""
        return {t.name: self._store.count(t) for t in TABLES}

    def assertions(
        self, topic: str | None = None, claimer: str | None = None, stance: str | None = None, country: str | None = None,
        imposer: str | None = None, since: str | None = None, until: str | None = None,
    ) -> pa.Table:  # fmt: skip
        """Rows of ``assertions`` that meet every given condition.

        ``claimer`` is part of a name, in any case; ``since`` and ``until`` are ISO dates, both inclusive.
        """
        data = self._store.read(ASSERTIONS)
        for column, value in (("topic", topic), ("stance", stance), ("claimer_country", country), ("imposer", imposer)):
            if value is not None:
                data = data.filter(pc.equal(data[column], value))
        if claimer is not None:
            data = data.filter(pc.fill_null(pc.match_substring(data["claimer_name"], claimer, ignore_case=True), False))
        if since is not None:
            data = data.filter(pc.fill_null(pc.greater_equal(data["published"], _timestamp(since)), False))
        if until is not None:
            data = data.filter(pc.fill_null(pc.less(data["published"], _timestamp(until) + pd.Timedelta(days=1)), False))
        return data

    def propositions(self, topic: str | None = None, at_least: int = 1) -> pd.DataFrame:
        """One row a proposition: its clearest wording, number of claims, claimers, outlets, dates, and how many claims oppose it."""
        data = self.assertions(topic=topic).to_pandas()
        if data.empty:
            return pd.DataFrame(
                columns=["proposition_id", "topic", "wording", "claims", "claimers", "outlets", "first", "last", "n_opposed"]
            )
        best = dict(self._store.read(PROPOSITIONS).select(["claim_id", "representative"]).to_pandas().itertuples(index=False))
        everything = self.assertions() if topic is not None else None  # the clearest wording may be that of a claim on another topic
        contents = data if everything is None else everything.select(["claim_id", "content"]).to_pandas()
        content = contents.drop_duplicates("claim_id").set_index("claim_id")["content"].to_dict()
        data["wording"] = [content.get(best.get(c, c), text) for c, text in zip(data["claim_id"], data["content"], strict=True)]
        grouped = data.groupby(["proposition_id", "topic"], as_index=False).agg(
            wording=("wording", "first"), claims=("claim_id", "nunique"), claimers=("claimer_name", _names), outlets=("publisher", _names),
            first=("published", "min"), last=("published", "max"), n_opposed=("n_opposed", "max"),
        )  # fmt: skip
        return grouped[grouped["claims"] >= at_least].sort_values(["claims", "proposition_id"], ascending=[False, True], ignore_index=True)

    def who(self, topic: str | None = None) -> pd.DataFrame:
        """One row a claimer: aliases seen, number of claims and articles, and claims by topic and stance, the most frequent first."""
        columns = ["claimer_id", "name", "type", "country", "role", "aliases", "known", "claims", "articles", "topics", "stances"]
        claims = self._store.read(CLAIMS).select(["claim_id", "article_id", "claimer_id"]).to_pandas().dropna(subset=["claimer_id"])
        stances = self._store.read(table_named("stances")).select(["claim_id", "topic", "stance"]).to_pandas()
        if topic is not None:
            stances = stances[stances["topic"] == topic]
            claims = claims[claims["claim_id"].isin(set(stances["claim_id"]))]
        if claims.empty:
            return pd.DataFrame(columns=columns)
        counts = claims.groupby("claimer_id").agg(claims=("claim_id", "nunique"), articles=("article_id", "nunique"))
        judged = claims.merge(stances, on="claim_id")
        for name in ("topic", "stance"):
            by_value = judged.groupby("claimer_id")[name].agg(lambda values: dict(sorted(values.value_counts().items())))
            counts[f"{name}s"] = [by_value.get(i, {}) for i in counts.index]
        entities = self._store.read(ENTITIES).to_pandas().set_index("entity_id")
        rows = counts.join(entities, how="left").reset_index()
        return rows[columns].sort_values(["claims", "claimer_id"], ascending=[False, True], ignore_index=True)

    def oppositions(self, topic: str | None = None) -> pd.DataFrame:
        """One row a pair of claims that cannot both stand: who says what against whom, strongest first."""
        return self._pairs(topic, same_claimer=False)

    def changes_of_position(self, topic: str | None = None) -> pd.DataFrame:
        """Pairs of opposed claims that one claimer made on different days, the earlier first: ``day_a`` and ``day_b`` are when they are
        said to have been made, else published."""
        pairs = self._pairs(topic, same_claimer=True)
        said_on = self._store.read(CLAIMS).select(["claim_id", "said_on"]).to_pandas().set_index("claim_id")["said_on"]
        for side in "ab":
            said = pd.to_datetime(pairs[f"claim_{side}"].map(said_on)).dt.tz_localize("UTC")
            pairs[f"day_{side}"] = said.fillna(pairs[f"published_{side}"]).dt.normalize()
        changed = pairs[pairs["day_a"].notna() & pairs["day_b"].notna() & (pairs["day_a"] != pairs["day_b"])]
        return _earlier_first(changed.reset_index(drop=True))

    def _pairs(self, topic: str | None, same_claimer: bool) -> pd.DataFrame:
        links = self._store.read(LINKS).to_pandas()
        links = links[(links["relation"] == "opposed") & (links["same_claimer"] == same_claimer)]
        claims = self.assertions(topic=topic).to_pandas()
        sides = claims[
            ["claim_id", "topic", "claimer_name", "claimer_country", "stance", "content", "publisher", "published", "article_id"]
        ]
        left, right = (sides.rename(columns={c: f"{c}_{s}" if c != "claim_id" else f"claim_{s}" for c in sides.columns}) for s in "ab")
        pairs = links[["claim_a", "claim_b", "score"]].merge(left, on="claim_a")
        pairs = pairs.merge(right, left_on=["claim_b", "topic_a"], right_on=["claim_b", "topic_b"])  # on a topic that both are about
        pairs = pairs.sort_values(["score", "claim_a", "claim_b", "topic_a"], ascending=[False, True, True, True])
        return pairs.drop_duplicates(["claim_a", "claim_b"], ignore_index=True)

    def claims_of(self, article_id: str) -> pd.DataFrame:
        """Claims of one article in the order of the text, with a row for each topic (null where a claim is about none)."""
        claims = self._store.read(CLAIMS)
        found = claims.filter(pc.equal(claims["article_id"], article_id)).to_pandas()
        stances = self._store.read(table_named("stances")).to_pandas()
        joined = found.merge(stances, on="claim_id", how="left")
        joined["at"] = [spans[0]["start"] if len(spans) else 0 for spans in joined["content_spans"]]
        return joined.sort_values(["at", "claim_id", "topic"], ignore_index=True).drop(columns="at")


def _names(values: Sequence[str]) -> str:
    return "; ".join(sorted({v for v in values if isinstance(v, str)}))


def _timestamp(day: str) -> pd.Timestamp:
    try:
        found = pd.Timestamp(day, tz="UTC")
    except ValueError as error:
        raise UsageError(f"{day!r} is no date; write it as 2026-03-14") from error
    if found is pd.NaT:
        raise UsageError("an empty text is no date; write it as 2026-03-14")
    return found


def _earlier_first(pairs: pd.DataFrame) -> pd.DataFrame:
    swap = pairs["day_a"] > pairs["day_b"]
    names = [c[:-2] for c in pairs.columns if c.endswith("_a")]
    swapped = pairs.copy()
    for name in names:
        swapped.loc[swap, [f"{name}_a", f"{name}_b"]] = pairs.loc[swap, [f"{name}_b", f"{name}_a"]].to_numpy()
    return swapped
