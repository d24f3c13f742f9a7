"""Serverless endpoints."""
