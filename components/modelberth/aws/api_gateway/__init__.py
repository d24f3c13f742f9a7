"""Amazon API Gateway in front of an endpoint: who may call, how fast, with what body."""
