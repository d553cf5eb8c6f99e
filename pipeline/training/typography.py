"""Other typography for training texts, character for character, so that every offset holds."""

from __future__ import annotations

import random
from dataclasses import replace

from pipeline.training.attributions import Example

_STRAIGHT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
_SINGLE = str.maketrans({"“": "‘", "”": "’", '"': "'"})
_GUILLEMETS = str.maketrans({"“": "«", "”": "»"})
_UNBROKEN = str.maketrans({"\n": " "})
SHARE = 0.3  # of the examples of an epoch that are restyled


def restyled(examples: list[Example], rng: random.Random) -> list[Example]:
    """A share of the examples, unprepared, in another typography."""
    return [
        replace(e, text=restyle(e.text, rng), encoded=None, anchors=[], parts=[], anchor_labels=None, known=None)
        for e in examples
        if rng.random() < SHARE
    ]


def restyle(text: str, rng: random.Random) -> str:
    """The text with other quotation marks, without paragraph breaks, or in capitals; as long as before."""
    styles = [_straightened, _curled, _singled, lambda t: t.translate(_GUILLEMETS), lambda t: t.translate(_UNBROKEN), _shouted]
    changed = rng.choices(styles, weights=[4, 3, 2, 1, 2, 1])[0](text)
    return changed if len(changed) == len(text) else text


def _straightened(text: str) -> str:
    return text.translate(_STRAIGHT)


def _singled(text: str) -> str:
    return text.translate(_SINGLE)


def _shouted(text: str) -> str:
    return text.upper()


def _curled(text: str) -> str:
    """Straight double marks curled by turns within a paragraph, apostrophes curled."""
    out, opens = [], True
    for character in text:
        if character == "\n":
            opens = True
        if character == '"':
            out.append("“" if opens else "”")
            opens = not opens
        else:
            out.append("’" if character == "'" else character)
    return "".join(out)
