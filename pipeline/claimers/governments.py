"""Sources that are states, governments or administrations, and several of these together."""

from __future__ import annotations

import re

from pipeline.claimers.names import name_key
from pipeline.claimers.scene import Scene
from pipeline.claimers.types import Entity

_ADMINISTRATION = re.compile(r"^(?:the\s+)?(?:(?:US|U\.S\.|American)\s+)(?:administration|government)$", re.IGNORECASE)
# Words before a state, none of which tells a part of it: ``big steel exporter China``.
_PART = (
    r"(?:(?:south|north|east|west)\w*|rural|urban|central|coastal|mainland|of|in|for|with|from|and|or|to|on|by|at|as|like|near|across|around|about|inside|outside|within|"
    r"throughout|beyond|along|behind|under|over|against|between|among|than|such|much|most|part|all|who|that|which|[a-z-]*(?<!s)(?<!ou)s)"  # and no plural
)
_DESCRIBED = re.compile(rf"(?:(?:the|an?) )?(?:(?!{_PART}\b)[a-z][a-z-]+ ){{1,3}}([A-Z][\w.]+)")


class GovernmentSources:
    """Resolves sources that mean a government."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def state(self, words: str, at: int) -> str | None:
        """``Beijing``, ``Canada``: a state or its capital and nothing else, and nobody's surname."""
        described = _DESCRIBED.fullmatch(words)
        if described is not None and described.group(1) in self.scene.states.names.values():
            words = described.group(1)
        if len(words.split()) > 3:
            return None
        namesake = self.scene.cast.find(words, at)
        if namesake is not None and self.scene.cast.actors[namesake].type == "PERSON":
            return None
        if self.scene.knowledge.find(words) not in (None, self.scene.states.government(words)):
            return None
        government = self.scene.states.government(words)
        return self.scene.add(government) if government else None

    def together(self, words: str) -> str | None:
        """``Washington and Beijing``, also where the reader takes both for one name."""
        joint = self.scene.states.joint(words)
        return self.scene.add(joint) if joint is not None else None

    def resolve(self, words: str, at: int) -> str | None:
        scene = self.scene
        government = scene.states.government(words)
        if government is None and _ADMINISTRATION.match(words):
            government = scene.knowledge.governments["US"]
        if government is None and name_key(words) in ("government", "authorities", "federal government", "central government"):
            code = scene.states.context(at, home=True)
            if code is None or len(scene.states.positions[code]) < 3:
                code = scene.states.context(at)
            government = scene.knowledge.governments[code] if code else None
        if government is None:
            government = self._administration(words, at)
        return scene.add(government) if government else None

    def _administration(self, words: str, at: int) -> Entity | None:
        """``the Trump administration``; ``the administration`` alone is the government, unless that of a mayor or the like was named."""
        if name_key(words) == "administration":
            president = self.scene.administration(at)
            words = f"{president} administration"
            if president is None or self.scene.states.heads_of_state(president):
                return self.scene.knowledge.governments["US"]
        return self.scene.states.administration(words)
