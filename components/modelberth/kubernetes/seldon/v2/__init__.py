"""Seldon Core 2: models that are placed on servers, and one address before all of them."""
