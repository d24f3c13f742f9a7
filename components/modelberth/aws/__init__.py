"""Components for Amazon Web Services. What several products share is here; each product is a package of its own."""
