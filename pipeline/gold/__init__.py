"""Gold annotation: written as tagged text, kept as stand-off JSONL, checked before use."""
