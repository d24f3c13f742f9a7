"""Asynchronous endpoints: requests and answers lie in S3."""
