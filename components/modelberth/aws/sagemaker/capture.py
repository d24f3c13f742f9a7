"""Requests and answers that are kept, so that drift can be seen: how many, for how long, under which key, and where."""

from typing import Annotated, Any, Literal

import pulumi
from pydantic import AfterValidator

from modelberth.aws.bucket import PrivateBucket, PrivateBucketArgs
from modelberth.aws.encryption import Encryption, key_arn
from modelberth.aws.identity import name_in_aws
from modelberth.aws.ids import BucketName
from modelberth.aws.provider import Account
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.quantities import SECONDS, Seconds, Share

FOLDER = "captured"
"""Folder in the bucket; below it SageMaker writes `<endpoint>/<variant>/<year>/<month>/<day>/<hour>/`."""

MODES = {"both": ("Input", "Output"), "input": ("Input",), "output": ("Output",)}


def _whole_percents(share: float) -> float:
    percent = share * 100
    if share > 0 and abs(percent - round(percent)) < 1e-9:
        return share
    raise ValueError(f"got {share:g}; SageMaker captures whole percents from 1% to 100%; write one")


def _whole_days(seconds: float) -> float:
    if seconds > 0 and seconds % SECONDS["d"] == 0:
        return seconds
    raise ValueError(f"got {seconds:g} seconds; S3 expires objects after whole days; write for example 14d")


class DataCapture(Config):
    """What is kept of the traffic. All three are asked for together: payloads are people's data."""

    sample: Annotated[Share, AfterValidator(_whole_percents)]
    """Share of the requests, in whole percents: `10%`.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html"""

    expires: Annotated[Seconds, AfterValidator(_whole_days)]
    """How long each is kept, in whole days: `14d`; S3 removes it within a day after that."""

    encryption: Encryption
    """With which key they are encrypted, on the instance and in the bucket."""

    content: Literal["both", "input", "output"] = "both"
    """Which side is kept. Left out: both; a model monitor needs both."""


def capture_config(capture: DataCapture, bucket: pulumi.Input[str]) -> dict[str, Any]:
    """The `data_capture_config` of an endpoint configuration: keep it in this bucket.

    JSON and CSV are kept as they are; SageMaker writes anything else in base64, which no monitor reads.
    """
    key = key_arn(capture.encryption)
    return {
        "enable_capture": True,
        "initial_sampling_percentage": round(capture.sample * 100),
        "destination_s3_uri": f"s3://{bucket}/{FOLDER}",
        "capture_options": [{"capture_mode": mode} for mode in MODES[capture.content]],
        "capture_content_type_header": {"csv_content_types": ["text/csv"], "json_content_types": ["application/json"]},
        **({} if key is None else {"kms_key_id": key}),
    }


class CaptureBucketArgs(Config):
    """Where the captured data of one endpoint lies."""

    account: Account
    """Account and region of the endpoint."""

    capture: DataCapture
    """What is kept."""

    access_logs: In[BucketName] | None = None
    """Bucket in which S3 notes who read it. Left out: nobody can say afterwards."""

    labels: Labels | None = None
    """Tags. Left out: none."""


class CaptureBucket(Component):
    """A bucket of one endpoint, in which everything expires; it goes with the endpoint, whatever is in it."""

    bucket: pulumi.Output[str]
    """Name of the bucket, once it is closed, encrypted, and everything in it expires."""
    uri: pulumi.Output[str]
    """Folder of what is captured, `s3://…/captured/`, once the bucket is ready."""
    config: dict[str, Any]
    """`data_capture_config` of the endpoint configuration, in plain values: the endpoint depends on this component."""

    def __init__(
        self, name: str, args: CaptureBucketArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = CaptureBucketArgs.parse(args, name)
        super().__init__(name, args, opts)
        bucket_name = name_in_aws(name, "aws-s3-bucket", args.account.id)
        private = PrivateBucketArgs(
            account=args.account,
            bucket=bucket_name,
            encryption=args.capture.encryption,
            expiration_days=round(args.capture.expires / SECONDS["d"]),
            noncurrent_days=1,
            access_logs=args.access_logs,
            # What is in it expires anyway, and must not outlive the endpoint that it was captured from.
            force_destroy=True,
            labels=args.labels,
        )
        self.bucket = PrivateBucket(name, private, self.child()).name
        self.uri = self.bucket.apply(lambda found: f"s3://{found}/{FOLDER}/")
        self.config = capture_config(args.capture, bucket_name)
        self.register_outputs({"bucket": self.bucket})
