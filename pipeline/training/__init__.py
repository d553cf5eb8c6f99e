"""Recipes that train the models in ``models/`` from gold and public data; nothing here runs in the pipeline."""
