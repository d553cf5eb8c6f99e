"""Claims against gold: found, and right in every field (design, section 5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.evaluate.attribution import match, tokens_in, tokens_of
from pipeline.evaluate.counts import Counts, accuracy, f1_by_label


@dataclass
class ClaimScores:
    """What was counted over matched claims. Lists hold (gold, predicted) pairs."""

    topical: Counts = field(default_factory=Counts)
    ledger: Counts = field(default_factory=Counts)
    found: Counts = field(default_factory=Counts)
    found_by_form: dict[str, Counts] = field(default_factory=dict)
    topics: Counts = field(default_factory=Counts)
    names: list[tuple[str, str]] = field(default_factory=list)
    unknown_names: int = 0
    stances: list[tuple[str, str]] = field(default_factory=list)
    imposers: list[tuple[str | None, str | None]] = field(default_factory=list)
    polarities: list[tuple[str, str]] = field(default_factory=list)
    forms: list[tuple[str, str]] = field(default_factory=list)

    def summary(self) -> dict[str, float]:
        """Every score by name, 0 to 1."""
        by_label = f1_by_label(self.stances)
        return {
            "claims_precision": self.topical.precision, "claims_recall": self.topical.recall, "claims_f1": self.topical.f1,
            "found_any_topic": self.found.recall, **{f"found_{form}": c.recall for form, c in sorted(self.found_by_form.items())},
            "claimer_name": accuracy(list(self.names)), "claimer_unknown": self.unknown_names / len(self.names) if self.names else 0.0,
            "topics_f1": self.topics.f1, "stance_accuracy": accuracy(list(self.stances)),
            "stance_macro_f1": sum(by_label.values()) / len(by_label) if by_label else 0.0, **{f"stance_f1_{k}": v for k, v in by_label.items()},
            "imposer": accuracy(list(self.imposers)), "polarity": accuracy(list(self.polarities)), "form": accuracy(list(self.forms)),
            "ledger_precision": self.ledger.precision, "ledger_recall": self.ledger.recall, "ledger_f1": self.ledger.f1,
        }  # fmt: skip


def score_claims(
    gold: Sequence[Mapping[str, Any]], predicted: Mapping[str, Sequence[Mapping[str, Any]]], topics: Sequence[str]
) -> ClaimScores:
    """Score gold articles against predicted claims by article id.

    A predicted claim has ``content_spans`` [(start, end)], ``claimer_name``, ``form``, ``polarity`` and ``stances``
    {topic: (stance, imposer)}. ``topics`` are those that were configured; gold claims about none of them are not topical.
    """
    scores = ClaimScores()
    for article in gold:
        _score_article(scores, article, predicted.get(article["article_id"], ()), set(topics))
    return scores


def _score_article(scores: ClaimScores, article: Mapping[str, Any], claims: Sequence[Mapping[str, Any]], topics: set[str]) -> None:
    tokens = tokens_in(article["text"])
    wanted = [c for c in article["claims"] if topics & set(c["topics"])]
    given = [c for c in claims if c["stances"]]
    wanted_tokens = [tokens_of(tokens, c["content"]) for c in wanted]
    given_tokens = [tokens_of(tokens, c["content_spans"]) for c in given]
    pairs = match(wanted_tokens, given_tokens)
    scores.topical += Counts(len(pairs), len(given), len(wanted))
    any_topic = match(wanted_tokens, [tokens_of(tokens, c["content_spans"]) for c in claims])
    scores.found += Counts(len(any_topic), len(claims), len(wanted))
    hit = {g for g, _ in any_topic}
    for g, claim in enumerate(wanted):
        form = claim["form"]
        scores.found_by_form[form] = scores.found_by_form.get(form, Counts()) + Counts(int(g in hit), 0, 1)
    right = sum(_score_pair(scores, wanted[g], given[p], topics) for g, p in pairs)
    scores.ledger += Counts(right, len(given), len(wanted))


def _score_pair(scores: ClaimScores, gold: Mapping[str, Any], claim: Mapping[str, Any], topics: set[str]) -> bool:
    """Count one matched pair; whether claimer, topics and stances are all right."""
    names = normalise_name(gold["claimer_name"]), normalise_name(claim["claimer_name"])
    scores.names.append(names)
    scores.unknown_names += claim["claimer_name"] is None
    scores.polarities.append((gold["polarity"], claim["polarity"]))
    scores.forms.append((gold["form"], claim["form"]))
    gold_topics, given_topics = set(gold["topics"]) & topics, set(claim["stances"])
    scores.topics += Counts(len(gold_topics & given_topics), len(given_topics), len(gold_topics))
    stances_right = gold_topics == given_topics
    for topic in sorted(gold_topics & given_topics):
        stance, imposer = claim["stances"][topic]
        scores.stances.append((gold["stance"][topic], stance))
        scores.imposers.append((gold["imposer"].get(topic), imposer))
        stances_right &= gold["stance"][topic] == stance
    return stances_right and names[0] == names[1]


def normalise_name(name: str | None) -> str:
    """A name for comparison: case, accents, articles, possessives and punctuation do not count."""
    text = unicodedata.normalize("NFKD", name or "")
    text = "".join(c for c in text if not unicodedata.combining(c)).lower().replace("’", "'")
    text = re.sub(r"'s\b", "", text)
    words = re.sub(r"[^\w\s]", "", text).split()
    return " ".join(w for w in words if w not in ("the", "a", "an"))
