"""Pages as sites save them: each a shape of its own around an invented story. ``data-main`` marks the main text.

A page's true text is that of its elements with ``data-main``, less that of elements with ``data-not``; the marks are taken out
before the page is read.
"""

from __future__ import annotations

import re

import lxml.html

STORIES = [
    [
        "The harbour board of Lindfield said on Monday that the new tariff on imported rope would cost each of its eleven ferries about 900 dollars a year, and that fares would have to follow by summer.",
        "“Nobody here makes rope of that length any more,” board member Ines Halloway told reporters on the quay. “We are taxed for buying what we cannot buy at home.”",
        "The trade office disagrees. Its regional head, Tobias Wren, said that two mills inland had asked for the duty and had promised to spin marine rope again within eighteen months.",
        "Skippers remain doubtful. At the evening meeting several of them held up frayed lines from the winter storms and asked who would answer for an accident in the meantime.",
        "A vote on fares is due in two weeks. Until then the board will lend out rope from its store, which, Halloway added, smells of tar and is older than most of the crew.",
    ],
    [
        "Students from nine countries queued outside the consulate in Marlow Bay on Tuesday after it cut the number of visa interviews to forty a day, a third of what it offered last year.",
        "The consul, Adela Fontaine, blamed a shortage of officers. She said that no application had been refused without an interview and that none would be.",
        "For some that is little comfort. Jun Okabe, who has a place at a forestry school, has waited since April; his term began last week with an empty chair.",
        "The university’s dean wrote to the ministry that each empty chair costs the town two beds, a bicycle and, over four years, some eighty thousand dollars.",
        "Fontaine promised a second window from October. The queue applauded, politely, and did not move.",
    ],
    [
        "Two crates of magnets from the refinery at Ostrava Ridge were held at the border for eleven days because a new export permit did not name the ship that was to carry them.",
        "The refinery’s lawyer, Pelle Grann, called the rule a lock without a key. Ships change, he argued, and permits take six weeks; by then the cargo has missed three sailings.",
        "Officials at the ministry of mines replied that the field had been on the form since spring and that most exporters fill it in without complaint.",
        "Wind-turbine builders downstream have begun to keep a month of magnets in stock. It ties up money, said buyer Honor Castellane, but an idle assembly hall ties up more.",
        "On Friday the crates were let go after a clerk wrote in the ship’s name by hand. It had sailed two days before.",
    ],
    [
        "When the duty on cheese fell by half in January, the dairy in Upper Tarn did what it had not done for a decade and hired four people in a single morning.",
        "Its manager, Rosalba Quint, said that orders from the coast had doubled since. She expects to run a night shift by Easter if the well holds out.",
        "Across the valley the mood is different. The growers’ league, whose hard cheese now meets foreign competition in every shop, wants the old rate back and has hired a bus to say so.",
        "“They lowered the fence on our side of the field only,” its chairman Osric Bell told the league’s paper.",
        "The trade minister, asked about both, said that a tariff was a dial and not a switch, and that he would turn it again if he had to.",
        "No date was given. The bus leaves on Thursday.",
    ],
    [
        "The ministry of labour will let farms bring in two thousand pickers on short work visas this season, half of what the growers had asked for and twice what the unions wanted.",
        "Minister Calla Dresner presented the number as a truce. Both sides, she noted, had left the room without slamming the door.",
        "Growers in the southern districts said that fruit would rot all the same. They put the gap at eleven hundred hands in the first three weeks of July.",
        "The union’s secretary countered that wages had not moved in four summers. Pay more and pickers will come by bicycle, he said, visas or no visas.",
        "An inspector will visit every farm that takes part. Last year, two of nine were found to have charged their pickers for ladders.",
    ],
    [
        "A court in the capital struck down the surcharge on imported glass on Wednesday, finding that the minister had used a law made for epidemics to protect a bottle works.",
        "The ruling takes effect in thirty days. Importers, who have paid some fourteen million since last autumn, may ask for refunds, the judges wrote, “and need not plead for them”.",
        "The bottle works employs three hundred people in a town with little else. Its director, Ludmila Ferrant, said that she had learned of the ruling from a truck driver.",
        "The ministry announced that it would appeal. A spokesman held that glass could well be a matter of public health, since medicine is sold in it.",
        "Wine makers, who buy most of the glass, opened a bottle outside the court. It was, one of them conceded, imported too.",
    ],
]  # fmt: skip

RELATED = [
    "Five charts that explain the rope market",
    "Why your ferry is late: a reader’s guide to the new timetable",
    "Opinion: the coast deserves better than this",
    "In pictures: the winter storms, twenty years on",
    "Quiz: how well do you know your cheeses?",
]


def _ps(story: int, tag: str = "p", attrs: str = "", skip: int = 0, until: int | None = None) -> str:
    return "\n".join(f"<{tag}{attrs} data-main>{p}</{tag}>" for p in STORIES[story][skip:until])


def _related(tag: str = "ul", css: str = "related-stories") -> str:
    items = "".join(f'<li><a href="/s/{i}">{t}</a></li>' for i, t in enumerate(RELATED))
    return f'<div class="{css}"><h3>Related stories</h3><{tag}>{items}</{tag}></div>'


_NAV = '<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/business">Business</a></li><li><a href="/sport">Sport</a></li></ul></nav>'
_FOOTER = "<footer><p>Copyright 2026 Lindfield Media Group. All rights reserved. Terms of use, privacy policy, contact the newsroom, careers and advertising.</p></footer>"
_COOKIES = '<div id="onetrust-banner-sdk" class="otFlat" role="dialog"><p>We and our 412 partners store and access information on your device, such as cookies, to personalise ads and content, measure their performance and learn about our readers. You can change your mind at any time.</p><button>Accept all</button><button>Manage choices</button></div>'
_AD = '<div class="ad-slot ad-slot--mid" data-not><span>Advertisement</span><p>Buy two tins of Halvard’s deck paint and get a brush for nothing. Offer ends Sunday at all good chandlers.</p></div>'
_SIGNUP = '<div class="newsletter-signup" data-not><h4>The Morning Tide</h4><p>Sign up for our daily newsletter and get the stories that matter to the coast in your inbox before breakfast.</p><form><input type="email"><button>Sign up</button></form></div>'
_AUTHOR = '<div class="author-box"><img src="a.jpg"><p>Mara Tolliver covers trade and the coast for the Lindfield Post. She has reported from four continents and one lighthouse, and was shortlisted for the Regional Press Prize in 2024.</p><p>Follow her on Chatter @maratolliver</p></div>'
_COMMENTS = '<section id="comments"><h2>Comments (3)</h2><div class="comment"><b>saltydog</b><p>Been saying this for years, my brother in law works at the mill and they have not seen a new loom since the war.</p></div><div class="comment"><b>Petra K.</b><p>The minister should try hauling a ferry in with dental floss and then tell us about dials and switches and all of that.</p></div><div class="comment"><b>anon</b><p>First! Also what a load of nonsense, nobody asked for this and nobody will pay for it in the end except you and me.</p></div></section>'
_SHARE = '<div class="share-tools"><a href="#">Share on Chatter</a><a href="#">Share on Facebook</a><a href="#">Copy link</a></div>'


def _page(title: str, body: str, head: str = "") -> str:
    return f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title} | Lindfield Post</title>{head}</head>\n<body>{body}</body></html>'


def _shapes() -> dict[str, str]:
    s: dict[str, str] = {}
    s["plain-article"] = _page("Rope", f"{_NAV}<article><h1>Rope duty reaches the quay</h1>{_ps(0)}</article>{_FOOTER}")
    s["ads-between-paragraphs"] = _page(
        "Queue",
        f"{_NAV}<main><article><h1>Forty a day</h1>{_ps(1, until=2)}{_AD}{_ps(1, skip=2, until=4)}{_AD}{_ps(1, skip=4)}</article></main>{_FOOTER}",
    )
    s["related-links"] = _page(
        "Magnets",
        f"{_NAV}<article><h1>Held at the border</h1>{_ps(2, until=3)}{_related()}<p class='more-link'><a href='/x'>Read more: Why magnets matter to your washing machine</a></p>{_ps(2, skip=3)}</article>{_related(css='recommended-for-you')}{_FOOTER}",
    )
    s["cookie-banner"] = _page("Cheese", f"{_COOKIES}{_NAV}<article><h1>Half the duty</h1>{_ps(3)}</article>{_FOOTER}")
    s["cookie-banner-last-without-names"] = _page(
        "Pickers",
        f"<header>{_NAV}</header><div class='c1'><h1>Two thousand pickers</h1>{_ps(4)}</div><div class='c9' role='dialog' aria-label='Privacy'><p>This site uses cookies to give you the best experience. By going on you agree to our cookie policy and to the storing of data on your device.</p><a href='#'>OK</a></div>",
    )
    s["paywall-stub"] = _page(
        "Glass",
        f"{_NAV}<article><h1>Court strikes down surcharge</h1>{_ps(5, until=3)}<div class='paywall-prompt'><h3>Subscribe to continue reading</h3><p>You have read all of your free articles this month. Get unlimited access to the Lindfield Post for one dollar a week, cancel any time.</p><p>Already a subscriber? <a href='/login'>Log in</a></p></div></article>{_FOOTER}",
    )
    live = "".join(
        f"<div class='live-post' id='post-{i}'><time datetime='2026-02-03T1{i}:05:00Z'>1{i}:05</time><h3 data-main>{t}</h3>{_ps(i, until=3)}<div class='share-tools'><a>Share</a></div></div>"
        for i, t in enumerate(["Board meets on the quay", "Consulate opens its window", "Crates are let go"])
    )
    s["live-blog"] = _page(
        "Live: duties day",
        f"{_NAV}<main class='liveblog'><h1>Duties day, as it happened</h1><div class='key-events'><ul><li>10:05 Board meets on the quay</li><li>11:05 Consulate opens its window</li></ul></div>{live}</main>{_FOOTER}",
        '<script type="application/ld+json">{"@type": "LiveBlogPosting", "headline": "Duties day"}</script>',
    )
    s["br-in-a-table-cell"] = (
        f'<html><head><title>Rope duty</title></head><body bgcolor="#ffffff"><table width="760" border="0"><tr><td colspan="2"><img src="logo.gif" alt="The Gazette"></td></tr><tr><td width="140" valign="top"><a href="a.htm">News</a><br><a href="b.htm">Letters</a><br><a href="c.htm">Tides</a></td><td valign="top"><font size="5"><b>Rope duty reaches the quay</b></font><br><br><font face="Times" data-main>{"<br><br>".join(STORIES[0])}</font></td></tr><tr><td colspan="2"><font size="1">Copyright 2003 The Gazette. Best viewed at 800 by 600.</font></td></tr></table></body></html>'
    )
    s["old-table-layout"] = (
        f'<html><head><title>Cheese</title></head><body><table><tr><td><table><tr><td><a href="1.html">Front page</a></td></tr><tr><td><a href="2.html">Weather</a></td></tr></table></td><td><table cellpadding="4"><tr><td><h2>Half the duty, four new hands</h2></td></tr><tr><td>{_ps(3)}</td></tr></table></td><td><table><tr><td><b>Also today</b></td></tr><tr><td><a href="3.html">Bus to leave on Thursday</a></td></tr></table></td></tr></table></body></html>'
    )
    s["br-separated-in-divs"] = _page(
        "Magnets",
        f"<div id='nav'><a href='/'>Home</a> | <a href='/n'>News</a></div><div id='story'><h1>Held at the border</h1><div class='txt' data-main>{'<br/><br/>'.join(STORIES[2])}</div></div><div id='foot'>Lindfield Post, 4 Quay Street. All rights reserved.</div>",
    )
    nested = "".join(
        f"<div class='row'><div class='col'><div class='block block--text'><div class='inner'><p data-main>{p}</p></div></div></div></div>"
        for p in STORIES[4]
    )
    s["nested-divs"] = _page(
        "Pickers",
        f"<div id='app'><div class='shell'>{_NAV}<div class='page'><div class='grid'><h1>Two thousand pickers</h1>{nested}</div></div></div></div>{_FOOTER}",
    )
    divs = "".join(f"<div class='css-1x2y3z' data-main>{p}</div>" for p in STORIES[5])
    s["paragraphs-as-divs"] = _page(
        "Glass", f"{_NAV}<div role='main'><h1>Court strikes down surcharge</h1><div class='css-9q8w7e'>{divs}</div></div>{_FOOTER}"
    )
    s["amp"] = (
        f'<!doctype html><html amp lang="en"><head><meta charset="utf-8"><title>Forty a day</title><link rel="canonical" href="https://lindfield.example/queue"><style amp-boilerplate>body{{visibility:hidden}}</style></head><body><amp-sidebar id="s"><ul><li>World</li><li>Business</li></ul></amp-sidebar><header>Lindfield Post</header><article><h1>Forty a day</h1><amp-img src="q.jpg" width="4" height="3"></amp-img><figcaption>The queue on Tuesday morning. Photograph: R. Osei</figcaption>{_ps(1, until=3)}<amp-ad width="300" height="250" type="x"><div placeholder>Advertisement</div></amp-ad>{_ps(1, skip=3)}</article><amp-consent id="c"><p>We use cookies. Accept or manage your choices in the settings of this app.</p></amp-consent><footer>Back to top. Copyright 2026</footer></body></html>'
    )
    s["newsletter"] = (
        f'<html><head><title>The Morning Tide</title></head><body style="background:#eee"><div style="display:none">Rope, cheese and a bus: your Tuesday briefing</div><table width="100%"><tr><td align="center"><table width="600"><tr><td><a href="w">View this email in your browser</a></td></tr><tr><td><h1>The Morning Tide</h1></td></tr><tr><td style="font-size:16px">{_ps(0, until=3)}<h2 data-main>Half the duty</h2>{_ps(3, until=4)}</td></tr><tr><td style="font-size:11px"><p>You get this email because you signed up at lindfield.example. <a href="u">Unsubscribe</a> or <a href="p">update your preferences</a>. Our address is 4 Quay Street, Lindfield.</p></td></tr></table></td></tr></table></body></html>'
    )
    s["infinite-scroll"] = _page(
        "Held at the border",
        f"{_NAV}<div class='stream'><article id='a1'><h1>Held at the border</h1>{_ps(2)}</article><article id='a2'><h1>Court strikes down surcharge</h1>{_ps(5).replace(' data-main', '')}</article><article id='a3'><h1>Two thousand pickers</h1>{_ps(4).replace(' data-main', '')}</article></div>{_FOOTER}",
        '<meta property="og:title" content="Held at the border">',
    )
    s["comment-section"] = _page("Cheese", f"{_NAV}<article><h1>Half the duty</h1>{_ps(3)}</article>{_COMMENTS}{_FOOTER}")
    s["comments-within-the-article"] = _page(
        "Rope", f"{_NAV}<article><h1>Rope duty reaches the quay</h1><div class='entry'>{_ps(0)}</div>{_COMMENTS}</article>"
    )
    s["captions"] = _page(
        "Pickers",
        f"{_NAV}<article><h1>Two thousand pickers</h1><figure><img src='1.jpg'><figcaption>Pickers at work near Tarn last July, when two of nine farms were fined. (Photo: Lindfield Post/R. Osei)</figcaption></figure>{_ps(4, until=2)}<div class='wp-caption'><img src='2.jpg'><p class='wp-caption-text'>Minister Calla Dresner leaves the talks on Monday evening by the side door.</p></div>{_ps(4, skip=2)}</article>{_FOOTER}",
    )
    s["pull-quotes"] = _page(
        "Cheese",
        f"{_NAV}<article><h1>Half the duty</h1>{_ps(3, until=3)}<aside class='pullquote'><p>They lowered the fence on our side of the field only</p><cite>Osric Bell</cite></aside>{_ps(3, skip=3)}<blockquote class='pull-quote'>A tariff is a dial and not a switch</blockquote></article>{_FOOTER}",
    )
    s["author-box"] = _page(
        "Glass",
        f"{_NAV}<article><header><h1>Court strikes down surcharge</h1><p class='byline'>By <a href='/m'>Mara Tolliver</a></p><p class='dateline-time'>Published 4 February 2026, 6:14 am. 3 min read</p></header>{_ps(5)}{_AUTHOR}</article>{_FOOTER}",
    )
    s["sign-up-in-the-middle"] = _page(
        "Magnets", f"{_NAV}<article><h1>Held at the border</h1>{_ps(2, until=2)}{_SIGNUP}{_ps(2, skip=2)}{_SHARE}</article>{_FOOTER}"
    )
    s["listicle"] = _page(
        "Queue",
        f"{_NAV}<article><h1>What the queue wants</h1>{_ps(1, until=2)}<ul><li data-main>{STORIES[1][2]}</li><li data-main>{STORIES[1][3]}</li></ul>{_ps(1, skip=4)}</article>{_FOOTER}",
    )
    s["sidebar-first"] = _page(
        "Pickers",
        f"{_NAV}<div id='sidebar'><h3>Most read</h3><ol>{''.join(f'<li><a href=#>{t}</a><p>A longer teaser that tells the reader of the sidebar what the other story is about, in a sentence or so.</p></li>' for t in RELATED)}</ol></div><div id='content'><h1>Two thousand pickers</h1>{_ps(4)}</div>{_FOOTER}",
    )
    s["footer-without-a-tag"] = _page(
        "Rope",
        f"{_NAV}<div class='article-body'><h1>Rope duty reaches the quay</h1>{_ps(0)}</div><div class='site-footer'><p>The Lindfield Post is published by Lindfield Media Group, a member of the Coastal Press Council. Complaints may be sent to the readers’ editor within thirty days.</p><p>Reproduction in whole or in part without permission is prohibited.</p></div>",
    )
    s["embedded-posts"] = _page(
        "Glass",
        f"{_NAV}<article><h1>Court strikes down surcharge</h1>{_ps(5, until=3)}<div class='embed embed--video'><p>Watch: wine makers open a bottle outside the court</p></div><p><strong><a href='/r'>READ MORE: How the bottle works was saved, twice</a></strong></p>{_ps(5, skip=3)}<p><em>Follow the Lindfield Post on Chatter for more business news.</em></p></article>{_FOOTER}",
    )
    s["data-table"] = _page(
        "Cheese",
        f"{_NAV}<article><h1>Half the duty</h1>{_ps(3, until=3)}<table><tr><th>Year</th><th>Rate</th></tr><tr><td>2024</td><td>22%</td></tr><tr><td>2025</td><td>22%</td></tr><tr><td>2026</td><td>11%</td></tr></table>{_ps(3, skip=3)}</article>{_FOOTER}",
    )
    s["blog-post-with-tags"] = _page(
        "Magnets",
        f"<div id='wrapper'><div id='header'><a href='/'>The Quay Blog</a></div><div class='post hentry'><h2 class='entry-title'><a href='/p'>Held at the border</a></h2><div class='post-meta'>Posted by Pelle on February 3, 2026</div><div class='entry-content'>{_ps(2)}</div><div class='post-tags'>Tags: <a>magnets</a>, <a>border</a>, <a>permits</a></div><div class='jp-relatedposts'><h3>Related</h3><p>The winter storms, twenty years on. In pictures: how the quay was lost and rebuilt by its own fishermen.</p></div></div><div id='sidebar'><h3>Archives</h3><ul><li>January 2026</li><li>December 2025</li></ul><p>About me: I write about rope, magnets and the weather from a house with too many clocks.</p></div></div>",
    )
    s["inline-links-and-emphasis"] = _page(
        "Queue",
        f"{_NAV}<article><h1>Forty a day</h1>"
        + "".join(
            f"<p data-main>{p.replace('the', '<em>the</em>', 1).replace('consul', '<a href=/c>consul</a>', 1)}</p>" for p in STORIES[1]
        )
        + f"{_SHARE}</article>{_FOOTER}",
    )
    return s


SHAPES = _shapes()


def saved(page: str) -> str:
    """The page as it was saved, without the marks."""
    return re.sub(r" data-(?:main|not)(?=[ >])", "", page)


def main_text(page: str) -> str:
    """The true main text."""
    tree = lxml.html.fromstring(page)
    for element in tree.xpath("//*[@data-not]"):
        element.drop_tree()
    return "\n".join(lxml.html.tostring(e, method="text", encoding="unicode", with_tail=False) for e in tree.xpath("//*[@data-main]"))
