"""Scores against gold, as the design's section 5 defines them."""
