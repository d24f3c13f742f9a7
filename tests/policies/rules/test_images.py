"""Which images are pinned, and where they come from."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth_policies.limits import Images, Limits
from modelberth_policies.resources import GAP, UNKNOWN, Partial, Resource
from modelberth_policies.rules.images import in_registries, is_pinned, not_allowed, not_pinned, registry_of
from modelberth_policies.subject import Subject, Undeterminable

DIGEST = "sha256:" + "0123456789abcdef" * 4
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize("image", [f"{ECR}/model@{DIGEST}", f"model:1.2@{DIGEST}", f"{ECR}/model@sha256:{GAP}"])
def test_pinned(image):
    assert is_pinned(image)


@pytest.mark.parametrize(
    "image",
    [
        "", "model", "model:latest", f"@{DIGEST}", f"model@{DIGEST[:-1]}", f"model@{DIGEST}0",
        f"model@{DIGEST.upper()}", f"model:{DIGEST}", f"model@{DIGEST} ",
        "model@sha512:" + "0" * 128, GAP, None, 7, ["model"], {"image": "model"},
    ],
)  # fmt: skip
def test_not_pinned(image):
    assert not is_pinned(image)


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("nginx", "docker.io"),
        ("acme/model:1", "docker.io"),
        ("index.docker.io/acme/model", "docker.io"),
        ("localhost/model", "localhost"),
        ("localhost:5000/model:1", "localhost:5000"),
        ("GHCR.io/acme/model", "ghcr.io"),
        (f"{ECR}/model@{DIGEST}", ECR),
        ("", "docker.io"),
    ],
)
def test_the_registry(image, registry):
    assert registry_of(image) == registry


@pytest.mark.parametrize(
    ("image", "patterns", "allowed"),
    [
        (f"{ECR}/model:1", ("111122223333.dkr.ecr.*",), True),
        (f"444455556666.dkr.ecr.eu-west-1.amazonaws.com/{ECR}/model", ("111122223333.dkr.ecr.*",), False),
        (f"ghcr.io/{ECR}/model", ("111122223333.dkr.ecr.*",), False),
        ("ghcr.io/acme/model:1", ("ghcr.io/acme/*",), True),
        ("ghcr.io/acme/model", ("ghcr.io/acme/model",), True),
        ("ghcr.io/other/model", ("ghcr.io/acme/*",), False),
        ("nginx:1", ("docker.io/library/*",), True),
        ("acme/model", ("docker.io/library/*",), False),
        ("nginx", (), True),
        ("nginx", ("ghcr.io", "docker.io"), True),
    ],
)
def test_registries(image, patterns, allowed):
    assert in_registries(image, patterns) is allowed


def said(rule, image, *registries):
    owner = Subject(Resource("urn:u", "t", "n", inputs={"image": image}), Limits(images=Images(registries=registries)))
    try:
        return list(rule(owner))
    except Undeterminable as unknown:
        return f"unknown {unknown.path}"


def test_a_digest_that_is_still_unknown_is_one():
    assert said(not_pinned, Partial(f"{ECR}/model@sha256:{GAP}")) == []
    assert said(not_pinned, Partial(f"{GAP}/model:latest")) == [
        "takes the image unknown, which names no digest (@sha256:…)"
    ]
    assert said(not_pinned, "model:1") == ["takes the image 'model:1', which names no digest (@sha256:…)"]
    assert said(not_pinned, Partial(f"{ECR}/{GAP}")) == "unknown image"
    assert said(not_pinned, UNKNOWN) == "unknown image"


def test_what_is_not_known_to_come_from_elsewhere_is_undeterminable():
    assert said(not_allowed, "nginx", "ghcr.io") == ["takes the image 'nginx'; allowed are ghcr.io"]
    assert said(not_allowed, Partial(f"ghcr.io/acme/model:{GAP}"), "ghcr.io") == []
    assert said(not_allowed, Partial(f"docker.io/acme/model:{GAP}"), "ghcr.io") == [
        "takes the image unknown; allowed are ghcr.io"
    ]
    assert said(not_allowed, Partial(f"{GAP}.dkr.ecr.eu-west-1.amazonaws.com/m"), "1.dkr.*") == "unknown image"
    assert said(not_allowed, UNKNOWN, "ghcr.io") == "unknown image"
    assert said(not_allowed, UNKNOWN) == []


NAME = st.text(alphabet=string.ascii_lowercase + string.digits, min_size=1)
HOST = st.builds("{}.{}".format, NAME, NAME)


@given(HOST, NAME, NAME, st.sampled_from(["", ":1", f"@{DIGEST}", f":1@{DIGEST}"]))
def test_the_registry_does_not_depend_on_the_version(host, owner, name, version):
    image = f"{host}/{owner}/{name}{version}"
    assert registry_of(image) == host
    assert in_registries(image, [host]) and in_registries(image, [f"{host}/{owner}/*"])
    assert is_pinned(image) is ("@" in version)


@given(st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text())))
def test_nothing_breaks_it(image):
    assert is_pinned(image) in (True, False)
    if isinstance(image, str):
        registry_of(image)
        in_registries(image, ["*"])
    said(not_pinned, image)
    said(not_allowed, image, "ghcr.io")
