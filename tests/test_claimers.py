"""Who is meant, from hand-made readings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.claimers.knowledge import load_knowledge_base
from pipeline.claimers.names import bare_name, in_one_sentence, initials, name_key, refers_to
from pipeline.claimers.resolve import Resolver
from pipeline.claimers.types import ArticleFacts
from pipeline.errors import ConfigError
from pipeline.reader.read import AttributionSpan, EntitySpan, Reading

RESOLVER = Resolver(load_knowledge_base())


def claimer(
    text: str, source: str, people: tuple[str, ...] = (), organisations: tuple[str, ...] = (), places: tuple[str, ...] = ()
) -> str | None:
    """Name of the claimer whose mention is the last occurrence of ``source``."""
    mentions = []
    for kind, names in (("PERSON", people), ("ORG", organisations), ("LOC", places)):
        for name in names:
            at = text.find(name)
            while at >= 0:
                mentions.append(EntitySpan(at, at + len(name), kind, 1.0))
                at = text.find(name, at + len(name))
    kept = [
        m
        for m in mentions
        if not any(o is not m and o.start <= m.start and m.end <= o.end and (o.end - o.start) > (m.end - m.start) for o in mentions)
    ]
    start = text.rindex(source)
    attribution = AttributionSpan(((0, 1),), None, (start, start + len(source)), 1.0)
    resolution = RESOLVER.resolve(ArticleFacts("a1", text), Reading(tuple(sorted(kept, key=lambda m: m.start)), (attribution,)))
    names = {e.entity_id: e.name for e in resolution.entities}
    return names[resolution.claimers[0]] if resolution.claimers[0] else None


@pytest.mark.parametrize(
    ("text", "source", "found", "expected"),
    [
        ("Ana Reyes came. Reyes said no.", "Reyes", {"people": ("Ana Reyes", "Reyes")}, "Ana Reyes"),
        ("Ana Reyes came. She said no.", "She", {"people": ("Ana Reyes",)}, "Ana Reyes"),
        ("Mr. Tom Hale met Ms. Ana Reyes. He said no.", "He", {"people": ("Tom Hale", "Ana Reyes")}, "Tom Hale"),
        (
            "Farm minister Ana Reyes met grocer Tom Hale. The minister said no.",
            "The minister",
            {"people": ("Ana Reyes", "Tom Hale")},
            "Ana Reyes",
        ),
        ("Senator Ana Reyes said no.", "Senator Ana Reyes", {"people": ("Ana Reyes",)}, "Ana Reyes"),
        ("Beijing said no.", "Beijing", {"places": ("Beijing",)}, "Government of China"),
        ("The Chinese government said no.", "The Chinese government", {}, "Government of China"),
        (
            "China and the United States agreed.",
            "China and the United States",
            {"places": ("China", "United States")},
            "Governments of China and the United States",
        ),
        ("MOFCOM said no.", "MOFCOM", {"organisations": ("MOFCOM",)}, "Ministry of Commerce of China"),
        (
            "The Port Traders League (PTL) met. The PTL said no.",
            "PTL",
            {"organisations": ("Port Traders League", "PTL")},
            "Port Traders League",
        ),
        ("U.S. farm groups said no.", "U.S. farm groups", {}, "U.S. farm groups"),
        ("A senior official at the ministry said no.", "A senior official", {}, "a senior official at the ministry"),
        ("It rained. He said no.", "He", {}, None),
        ("Nordvik Metals closed. The company said no.", "The company", {"organisations": ("Nordvik Metals",)}, "Nordvik Metals"),
        ("Ana Reyes and Luis Reyes came. Luis Reyes said no.", "Luis Reyes", {"people": ("Ana Reyes", "Luis Reyes")}, "Luis Reyes"),
    ],
)
def test_claimers(text: str, source: str, found: dict, expected: str | None) -> None:
    assert claimer(text, source, **found) == expected


def test_two_people_who_share_a_surname_stay_two() -> None:
    text = "Ana Reyes spoke. Luis Reyes spoke."
    mentions = tuple(EntitySpan(text.index(n), text.index(n) + len(n), "PERSON", 1.0) for n in ("Ana Reyes", "Luis Reyes"))
    resolution = RESOLVER.resolve(ArticleFacts("a1", text), Reading(mentions, ()))
    assert len(set(resolution.mentions)) == 2


def test_full_names_are_one_across_articles_and_surnames_are_not() -> None:
    def ids(article: str, name: str) -> str | None:
        return RESOLVER.resolve(ArticleFacts(article, name), Reading((EntitySpan(0, len(name), "PERSON", 1.0),), ())).mentions[0]

    assert ids("a1", "Ana Reyes") == ids("a2", "Ana Reyes")
    assert ids("a1", "Reyes") != ids("a2", "Reyes")


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("Nordvik", True),
        ("NVK", False),
        ("Nordvik Metals", True),
        ("University of Nordvik", True),
        ("Press Association of Oruro", True),
        ("Chamber of Commerce", False),
        ("Press Association", False),
    ],
)
def test_companies_are_one_across_articles_and_abbreviations_are_not(name: str, one: bool) -> None:
    found = [RESOLVER.resolve(ArticleFacts(a, name), Reading((EntitySpan(0, len(name), "ORG", 1.0),), ())) for a in ("a1", "a2")]
    assert (found[0].mentions == found[1].mentions) == one


def test_names() -> None:
    assert bare_name("Mr. Tom Hale’s") == "Tom Hale"
    assert bare_name("Don Breckell") == "Don Breckell"
    assert bare_name("Don Esteban Ruiz") == "Esteban Ruiz"
    assert {
        bare_name(f"{title} Ana Lim") for title in ("Tan Sri", "Datuk Seri", "Tan Sri Datuk Seri", "Deputy Minister Datuk", "Dato’")
    } == {"Ana Lim"}
    assert in_one_sentence("Ana Reyes. Doctor") == "Ana Reyes"
    for name in ("Ana J.R. Hale", "Ana R. Hale", "U.S. Amb. Ana Reyes", "Asst. Sec. Ana Reyes", "Brig. Gen. Ana Reyes"):
        assert in_one_sentence(name) == name
    assert name_key("The Łódź Chamber's") == name_key("łódź chamber")
    assert refers_to("Reyes", "Ana Reyes")
    assert not refers_to("Ana Reyes", "Ana Reyes")
    assert initials("Port Traders League of the North") == "PTLN"


def test_a_users_knowledge_base_adds_and_its_errors_are_named(tmp_path: Path) -> None:
    path = tmp_path / "kb.toml"
    path.write_text(
        '["Port Traders League"]\nname = "Port Traders League"\ntype = "ORG"\ncountry = "GB"\naliases = ["PTL", "Traders"]\n',
        encoding="utf-8",
    )
    found = load_knowledge_base(str(path)).find("the Traders")
    assert found is not None
    assert (found.entity_id, found.known, found.country) == ("Port Traders League", True, "GB")
    for wrong in ('type = "THING"', 'type = "ORG"\ncountry = ["US"]', 'type = "PERSON"\nname = "?!"'):
        path.write_text(f'["X"]\n{wrong}\n' + ("" if "name" in wrong else 'name = "X"\n'), encoding="utf-8")
        with pytest.raises(ConfigError, match="X"):
            load_knowledge_base(str(path))
