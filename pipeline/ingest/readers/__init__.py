"""A reader a format: file in, records and rejects out. One bad record never loses the others of its file."""
