"""The function that asks the model. Its role may invoke this endpoint and nothing else."""

import json
import os

import boto3

runtime = boto3.client("sagemaker-runtime")


def answer(event: dict[str, object], _context: object) -> dict[str, object]:
    """The model's answer to `{"features": […]}`."""
    asked = json.dumps({"features": event["features"]})
    said = runtime.invoke_endpoint(EndpointName=os.environ["ENDPOINT"], ContentType="application/json", Body=asked)
    return json.loads(said["Body"].read())
