"""Entity recognition: entities, attributions and who every claimer is."""
