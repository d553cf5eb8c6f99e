"""Who is speaking: one identity for every claimer, within an article and across articles."""
