"""The reader: one encoder pass over a text that tags its entities and its attributions."""
