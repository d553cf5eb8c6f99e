"""A short readable summary of a run, and of one article."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import pandas as pd

from pipeline.ledger import Ledger
from pipeline.tables import STANCES

WIDTH = 100


def summarize(ledger: Ledger) -> str:
    """Who asserted what, by topic and stance, and the strongest oppositions."""
    data = ledger.assertions().to_pandas()
    if ledger.tables()["articles"] == 0:
        return "No articles were found in the corpus."
    if data.empty:
        return "No claims about the configured topics were found."
    lines = [f"{data['claim_id'].nunique()} claims about {data['topic'].nunique()} topics in {data['article_id'].nunique()} articles", ""]
    counts = data.pivot_table(index="topic", columns="stance", values="claim_id", aggfunc="count", fill_value=0).reindex(
        columns=list(STANCES), fill_value=0
    )
    lines.append(f"{'topic':<16}" + "".join(f"{s:>10}" for s in STANCES) + "   who claims most")
    for topic, row in counts.iterrows():
        top = data[data["topic"] == topic]["claimer_name"].value_counts().head(3)
        names = ", ".join(f"{_short(name, 30)} ({n})" for name, n in top.items())
        lines.append(f"{topic:<16}" + "".join(f"{row[s]:>10}" for s in STANCES) + f"   {names}")
    lines += ["", *_repeated(ledger), "", *_opposed(ledger)]
    return "\n".join(lines)


def _repeated(ledger: Ledger, most: int = 4) -> list[str]:
    found = ledger.propositions(at_least=2).head(most)
    lines = ["Asserted most often:"] if len(found) else ["No claim is asserted twice."]
    for row in found.itertuples():
        lines += _wrapped(f"{row.claims}x [{row.topic}] {_short(row.wording, 150)} ({_short(row.claimers, 90)})", "  ")
    return lines


def _opposed(ledger: Ledger, most: int = 4) -> list[str]:
    pairs: list[Any] = []
    seen: set[str] = set()
    for row in ledger.oppositions().itertuples():
        names = {_or(row.claimer_name_a, ""), _or(row.claimer_name_b, "")}
        if len(pairs) < most and len(names - {""}) == 2 and not seen & {row.claim_a, row.claim_b}:
            pairs.append(row)
            seen |= {row.claim_a, row.claim_b}
    lines = ["Strongest oppositions:"] if pairs else ["No opposed claims were found."]
    for row in pairs:
        lines += _wrapped(f"[{row.topic_a}] {row.claimer_name_a}: {_short(row.content_a, 140)}", "  ")
        lines += _wrapped(f"against {row.claimer_name_b}: {_short(row.content_b, 140)}", "      ")
    return lines


def show_article(ledger: Ledger, article: dict, claims: pd.DataFrame) -> str:
    """One article's claims, in the order of the text."""
    head = " | ".join(
        str(v) for v in (article["publisher"], article["published"] and article["published"].date(), article["article_id"]) if v
    )
    lines = [article["title"] or "(no title)", head, ""]
    for claim_id, rows in claims.groupby("claim_id", sort=False):
        first = rows.iloc[0]
        name, cue = _or(first["claimer_name"], "unknown claimer"), _or(first["cue_text"], "-")
        denies = " denies" if first["polarity"] == "denies" else ""
        lines += _wrapped(f"{name} ({cue}){denies}: {first['content']}", "")
        topics = [
            f"{r.topic}: {r.stance} ({max(r.p_favor, r.p_against, r.p_neutral):.2f}), imposed by {_or(r.imposer, '-')}"
            for r in rows.itertuples()
            if isinstance(r.topic, str)
        ]
        lines.append(
            "    "
            + ("; ".join(topics) if topics else "about none of the topics")
            + f"  [{first['form']}, score {first['score']:.2f}, {claim_id}]"
        )
    if claims.empty:
        lines.append("No claims: the article names none of the topics, repeats another one, or attributes nothing.")
    return "\n".join(lines)


def whos_who(ledger: Ledger, topic: str | None = None, most: int = 40) -> str:
    """Who claims in a run: names, sides, aliases, and how often on which topics with which stance."""
    found = ledger.who(topic)
    unknown = sum(i is None for i in ledger.table("claims")["claimer_id"].to_pylist())
    lines = [f"{len(found)} claimers; {unknown} of {ledger.tables()['claims']} claims have an unknown one"]
    for row in found.head(most).itertuples():
        side = ", ".join(str(v) for v in (row.type, row.country, row.role) if isinstance(v, str))
        lines += ["", f"{row.name}  ({side})"]
        lines.append(
            f"    {_counted(row.claims, 'claim')} in {_counted(row.articles, 'article')}{_shares(row.topics)}{_shares(row.stances)}"
        )
        aliases = [a for a in row.aliases if a.casefold() != str(row.name).casefold()]
        if aliases:
            lines += _wrapped(f"also {_short(', '.join(aliases), 180)}", "    ")
    if len(found) > most:
        lines += ["", f"... and {len(found) - most} more"]
    return "\n".join(lines)


def _or(value: object, otherwise: str) -> str:
    """A text of a data frame, where a null may be None or NaN."""
    return value if isinstance(value, str) else otherwise


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _shares(counts: dict[str, int]) -> str:
    return "; " + ", ".join(f"{name} {number}" for name, number in counts.items()) if counts else ""


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), WIDTH, initial_indent=indent, subsequent_indent=indent + "    ") or [indent]


def _short(text: object, limit: int) -> str:
    return textwrap.shorten(str(text), limit, placeholder=" ...")


def table_lines(counts: Iterable[tuple[str, int]]) -> str:
    """Names and numbers in two columns."""
    return "\n".join(f"  {name:<14}{number:>9,}" for name, number in counts)
