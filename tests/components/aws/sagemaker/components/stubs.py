"""Boto3's own stub of the service, told what an inference component answers."""

import json

ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
NAME, OLD, NEW = "prod-ranker--stable", "prod-ranker-stable--old", "prod-ranker-stable--new"
ARN = f"arn:aws:sagemaker:eu-central-1:123456789012:inference-component/{NAME}"
ALARM = f"{NAME}-5xx"
SINCE = "2026-11-20T00:00:00Z"
GUARD = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 300,
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": ALARM}]},
}


def spec(model, memory=1024, **reserved):
    return {"ModelName": model, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": memory, **reserved}}


def props(model=NEW, *, copies=None, deployment="", alarms=(), tags=None, **reserved):
    # As the engine hands them over: every number is a float.
    return {
        "account": ACCOUNT,
        "component_name": NAME,
        "specification": json.dumps(spec(model, **reserved)),
        **({} if copies is None else {"copies": float(copies)}),
        "tags": {"version": "1.4.0"} if tags is None else tags,
        "deployment": deployment,
        "alarms": list(alarms),
    }


def described(aws, model, status="InService", reason=None, copies=1, memory=1024, **reserved):
    answer = {
        "InferenceComponentName": NAME,
        "InferenceComponentArn": ARN,
        "EndpointName": "prod-ranker",
        "EndpointArn": "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/prod-ranker",
        "VariantName": "shared",
        "Specification": spec(model, memory, **reserved),
        "RuntimeConfig": {"DesiredCopyCount": copies, "CurrentCopyCount": copies},
        "InferenceComponentStatus": status,
        "CreationTime": SINCE,
        "LastModifiedTime": SINCE,
        **({"FailureReason": reason} if reason else {}),
    }
    aws["sagemaker"].add_response("describe_inference_component", answer, {"InferenceComponentName": NAME})


def gone(aws):
    message = f'Could not find inference component "{ARN}".'
    aws["sagemaker"].add_client_error("describe_inference_component", "ValidationException", message)


def updated(aws, model=NEW, memory=1024, **words):
    wanted = {"InferenceComponentName": NAME, "Specification": spec(model, memory), **words}
    aws["sagemaker"].add_response("update_inference_component", {"InferenceComponentArn": ARN}, wanted)


def fired(aws):
    answer = {"MetricAlarms": [{"AlarmName": ALARM, "StateValue": "ALARM"}]}
    aws["cloudwatch"].add_response("describe_alarms", answer, {"AlarmNames": [ALARM], "StateValue": "ALARM"})
