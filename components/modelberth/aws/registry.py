"""Where images and models lie: an immutable ECR repository, a versioned bucket, a group of model packages."""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, Self

import pulumi
import pulumi_aws as aws
from pydantic import Field, model_validator

from modelberth.aws.bucket import Days, PrivateBucket, PrivateBucketArgs
from modelberth.aws.encryption import Encryption, grant_use, key_arn
from modelberth.aws.identity import Statement, after, document, name_in_aws
from modelberth.aws.ids import AccountId, BucketName, shaped
from modelberth.aws.model_packages import GroupName, group_name, newest_approved, package_statements
from modelberth.aws.provider import Account
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.errors import ModelberthError
from modelberth.core.labels import Labels, render

__all__ = [
    "PULL",
    "ModelRegistry",
    "ModelRegistryArgs",
    "Registry",
    "RepositoryArn",
    "RepositoryUrl",
    "newest_approved",
]

RepositoryArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:ecr:[a-z0-9-]+:\d{12}:repository/[a-z0-9][a-z0-9._/-]*",
        "the ARN of a repository; write arn:aws:ecr:<region>:<account>:repository/<name>",
    ),
]
"""The ARN of an ECR repository."""

RepositoryUrl = Annotated[
    str,
    shaped(
        r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.[a-z0-9.-]+/[a-z0-9][a-z0-9._/-]*",
        "the address of a repository; write <account>.dkr.ecr.<region>.amazonaws.com/<name>, without tag and digest",
    ),
]
"""The address of an ECR repository."""

# What S3 takes without encoding and IAM without meaning: no * and no $.
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Registry(Config):
    """Images, artefacts and packages: made by `ModelRegistry`, or ones that are there already."""

    bucket: In[BucketName]
    """Name of the artefact bucket. A model's files lie under `<model>/<version>/`."""

    repository_arn: In[RepositoryArn]
    """ARN of the ECR repository from which images are pulled."""

    repository_url: In[RepositoryUrl]
    """Address of that repository, without tag or digest."""

    package_group: In[GroupName] | None = None
    """Name of the SageMaker model package group. Left out: none is used."""

    @staticmethod
    def prefix(model: str, version: str) -> str:
        """Where the files of a model's version lie in the bucket: `ranker/1.4.0/`.

        Put them there as they are: `aws s3 cp --recursive ./ranker s3://<bucket>/ranker/1.4.0/`. Raises
        `ModelberthError` for a name that would lead elsewhere, or mean something in a policy.
        """
        for what, part in (("model", model), ("version", version)):
            if not _PART.fullmatch(part):
                raise ModelberthError(
                    f"{what}: got {part!r}, allowed in a path of the registry are letters, digits, '.', '_' and '-', "
                    "a letter or digit first; rename it"
                )
        return f"{model}/{version}/"


class ModelRegistryArgs(Config):
    """Where the images and models of one account and region lie."""

    account: Account
    """Region and account of the registry."""

    encryption: Encryption
    """Key of images and artefacts."""

    readers: tuple[AccountId, ...] = ()
    """Accounts that may pull images, read artefacts, and describe and deploy packages, so that what was tried in this
    one is promoted to theirs. They change nothing. Left out: none."""

    untagged_days: Days = 30
    """Days after which an image without a tag goes. Left out: 30."""

    images: Annotated[int, Field(ge=1, le=10000)] | None = None
    """How many images with a tag are kept, the newest. Left out: all; an endpoint pulls its image again whenever it
    grows, and fails to grow where that is gone."""

    noncurrent_days: Days = 90
    """Days for which artefacts that were overwritten or deleted can be got back. Left out: 90."""

    access_logs: In[BucketName] | None = None
    """Bucket in which S3 notes who read and wrote artefacts. Left out: nobody can say afterwards."""

    force_destroy: bool = False
    """Whether destroying the registry deletes images and artefacts. Left out: no, it fails until there are none."""

    protect: bool = False
    """Whether Pulumi refuses to destroy it. Left out: no; strict profiles set it."""

    labels: Labels | None = None
    """Who owns it. Left out: no tags."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.force_destroy and self.protect:
            raise ValueError("force_destroy and protect are both set, and one undoes the other; leave one out")
        if self.account.id in self.readers:
            raise ValueError(f"readers has {self.account.id}, which owns the registry and may read it; take it out")
        if len(set(self.readers)) != len(self.readers):
            raise ValueError("readers has an account twice; name each once")
        return self


class ModelRegistry(Component):
    """A repository whose tags cannot move, a private bucket, a group of model packages, and who else may read them."""

    registry: Registry
    """The registry, for the fields that want one, once its policies are in force."""

    def __init__(
        self, name: str, args: ModelRegistryArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = ModelRegistryArgs.parse(args, name)
        super().__init__(name, args, opts)
        bucket = PrivateBucket(f"{name}-models", bucket_args(name, args), self.child())
        repository = self._repository(name, args)
        group = aws.sagemaker.ModelPackageGroup(
            name,
            model_package_group_name=group_name(name),
            model_package_group_description=f"Packages of {name}.",
            tags=_tags(args),
            opts=self._kept(args),
        )
        shared = list(self._shared(name, args, repository, group))
        self.registry = Registry(
            bucket=after(bucket.name, *shared),
            repository_arn=after(repository.arn, *shared),
            repository_url=after(repository.repository_url, *shared),
            package_group=after(group.model_package_group_name, *shared),
        )
        self.register_outputs(dict(self.registry))

    def _kept(self, args: ModelRegistryArgs) -> pulumi.ResourceOptions:
        # True or nothing: what the component was given is inherited.
        return self.child(protect=True if args.protect else None)

    def _repository(self, name: str, args: ModelRegistryArgs) -> "aws.ecr.Repository":
        key = key_arn(args.encryption)
        repository = aws.ecr.Repository(
            name,
            name=name_in_aws(name, "aws-ecr-repository"),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[
                {"encryption_type": "AES256"} if key is None else {"encryption_type": "KMS", "kms_key": key}
            ],
            force_delete=args.force_destroy,
            tags=_tags(args),
            opts=self._kept(args),
        )
        aws.ecr.LifecyclePolicy(
            name, repository=repository.name, policy=image_lifecycle(args.untagged_days, args.images), opts=self.child()
        )
        return repository

    def _shared(
        self,
        name: str,
        args: ModelRegistryArgs,
        repository: "aws.ecr.Repository",
        group: "aws.sagemaker.ModelPackageGroup",
    ) -> Iterator[pulumi.Resource]:
        """What lets the readers in. Without readers, nothing."""
        if not args.readers:
            return
        them = {"AWS": tuple(f"arn:{args.account.partition}:iam::{reader}:root" for reader in args.readers)}
        yield aws.ecr.RepositoryPolicy(
            name,
            repository=repository.name,
            policy=document([Statement("Pull", PULL, principals=them)]),
            opts=self.child(),
        )
        yield aws.sagemaker.ModelPackageGroupPolicy(
            name,
            model_package_group_name=group.model_package_group_name,
            resource_policy=document(package_statements(args.account, group_name(name), them)),
            opts=self.child(),
        )
        for reader, root in zip(args.readers, them["AWS"], strict=True):
            granted = grant_use(f"{name}-{reader}", args.encryption, root, ("Decrypt", "DescribeKey"), self.child())
            if granted is not None:
                yield granted


def bucket_args(name: str, args: ModelRegistryArgs) -> PrivateBucketArgs:
    """The bucket of a registry. Its name ends in the account, as all accounts share bucket names."""
    return PrivateBucketArgs(
        account=args.account,
        bucket=name_in_aws(name, "aws-s3-bucket", f"models-{args.account.id}"),
        encryption=args.encryption,
        readers=args.readers,
        access_logs=args.access_logs,
        noncurrent_days=args.noncurrent_days,
        force_destroy=args.force_destroy,
        protect=args.protect,
        labels=args.labels,
    )


PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""Pulling an image. Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html"""


def image_lifecycle(untagged_days: int, images: int | None) -> str:
    """Which images go, in ECR's words. Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html"""
    untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days"}
    tagged = {"tagStatus": "tagged", "tagPatternList": ["*"], "countType": "imageCountMoreThan"}
    selections = [{**untagged, "countNumber": untagged_days}]
    if images is not None:
        selections.append({**tagged, "countNumber": images})
    rules = [
        {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}
        for priority, selection in enumerate(selections, 1)
    ]
    return json.dumps({"rules": rules})


def _tags(args: ModelRegistryArgs) -> dict[str, str] | None:
    return None if args.labels is None else render(args.labels, "aws")
