"""Resolve every mention and claimer of an article to an entity."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.claimers.claimer import Claimers
from pipeline.claimers.knowledge import KnowledgeBase
from pipeline.claimers.scene import TYPES, Scene
from pipeline.claimers.scorer import Scorer
from pipeline.claimers.types import ArticleFacts, Resolution
from pipeline.reader.read import Reading

_BROKEN_APOSTROPHE = re.compile(r"(?<=\w)\ufffd(?=s\b)")


class Resolver:
    """Resolves one article at a time; what it cannot resolve is None, never a guess."""

    def __init__(self, knowledge: KnowledgeBase, scorer: Scorer | None = None) -> None:
        self.knowledge, self.scorer = knowledge, scorer

    def resolve(self, article: ArticleFacts, reading: Reading) -> Resolution:
        """Entities of the article's mentions and of its claimers."""
        scene = Scene(replace(article, text=readable(article.text)), reading, self.knowledge)
        mentions, types = [], []
        for mention, place in zip(reading.entities, scene.cast.of_mention, strict=True):
            mentions.append(scene.ids[place] if place is not None else None)
            types.append(scene.entities[scene.ids[place]].type if place is not None else TYPES[mention.type])
        finder = Claimers(scene, self.scorer)
        claimers: list[str | None] = [None] * len(reading.attributions)
        places = [(a.source or a.cue or a.content[0], i) for i, a in enumerate(reading.attributions)]
        for span, i in sorted(places):
            attribution = reading.attributions[i]
            if attribution.source is not None:
                claimers[i] = finder.resolve(attribution.source, attribution.cue)
            else:
                claimers[i] = finder.sourceless(span[0])
            found = claimers[i]
            if found is not None:
                scene.spoke(span[0], found)
        used = {i for i in [*mentions, *claimers] if i}
        return Resolution(tuple(e for i, e in scene.entities.items() if i in used), tuple(mentions), tuple(types), tuple(claimers))


def readable(text: str) -> str:
    """The text with apostrophes and blanks for the characters that a wrong encoding left unknown; as long as before."""
    return _BROKEN_APOSTROPHE.sub("’", text).replace("\ufffd", " ")
