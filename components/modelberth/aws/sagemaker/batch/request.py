"""The words of CreateTransformJob: what of a job is the same in every run."""

from collections.abc import Mapping
from typing import Any

from modelberth.aws.sagemaker.batch.config import BatchTransformArgs
from modelberth.aws.sagemaker.batch.data import Batching, DataProcessing
from modelberth.aws.sagemaker.batch.definition import dated
from modelberth.aws.sagemaker.batch.timing import Run


def request(args: BatchTransformArgs, known: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
    """CreateTransformJob, but for the job's name; `known` are the plain values of what may be known late.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
    """
    processing = None if args.data_processing is None else _processing(args.data_processing)
    return _given(
        ModelName=known["model"],
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": dated(known["input"])}},
            "ContentType": args.input.content_type,
            "SplitType": args.input.split_type,
            "CompressionType": args.input.compression_type,
        },
        TransformOutput=_given(
            S3OutputPath=dated(known["output"]),
            Accept=args.output.accept,
            AssembleWith=args.output.assemble_with,
            KmsKeyId=known.get("output_key"),
        ),
        TransformResources=_given(
            InstanceType=args.instance_type,
            InstanceCount=args.instance_count,
            VolumeKmsKeyId=known.get("volume_key"),
        ),
        DataProcessing=processing,
        ModelClientConfig=_client(args.run) or None,
        Tags=[{"Key": key, "Value": value} for key, value in sorted(tags.items())] or None,
        **_batching(args.batching),
    )


def _batching(batching: Batching) -> dict[str, Any]:
    return _given(
        BatchStrategy=batching.strategy,
        MaxPayloadInMB=batching.max_payload_mb,
        MaxConcurrentTransforms=batching.max_concurrent_transforms,
    )


def _processing(processing: DataProcessing) -> dict[str, Any]:
    return {
        "InputFilter": processing.input_filter,
        "JoinSource": processing.join_source,
        "OutputFilter": processing.output_filter,
    }


def _client(run: Run) -> dict[str, Any]:
    return _given(
        InvocationsTimeoutInSeconds=run.invocation_timeout_seconds, InvocationsMaxRetries=run.invocation_retries
    )


def _given(**words: Any) -> dict[str, Any]:
    return {word: value for word, value in words.items() if value is not None}
