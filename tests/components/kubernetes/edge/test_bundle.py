"""A bundle: the same content has the same name, and whatever was changed on its way is refused."""

import copy
import hashlib
import json
import subprocess

import pulumi
import pytest
from components.kubernetes.edge.samples import CASES, IMAGE, IN_IMAGE, MOST, VECTOR, objects
from hypothesis import given
from hypothesis import strategies as st

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.edge.bundle import IMAGES, MANIFESTS, SUMS, bundle_of, checked, write
from modelberth_policies.sources.program import run_in_process


def made(fields=MOST):
    return list(objects(fields).values())


@pytest.mark.parametrize("case", CASES)
def test_the_same_objects_are_the_same_bundle_whatever_their_order_among_equals(case):
    first, again = bundle_of(made(CASES[case])), bundle_of(made(CASES[case]))
    assert first == again
    assert first.digest.startswith("sha256:")


def test_another_image_is_another_bundle():
    server = {"resources": {"cpu": 0.5, "memory_gib": 0.5}, "image": IMAGE.replace("a" * 64, "c" * 64)}
    assert bundle_of(made()).digest != bundle_of(made({**MOST, "server": server})).digest


def test_it_names_every_image_that_must_be_on_the_box():
    assert bundle_of(made()).images == (VECTOR, IMAGE)
    assert bundle_of(made(CASES["least"])).images == (f"ghcr.io/acme/models/ranker@sha256:{'1' * 64}", IMAGE)


def test_what_others_use_comes_first():
    listed = json.loads(bundle_of(made()).files[MANIFESTS])
    kinds = [each["kind"] for each in listed["items"]]
    assert listed["kind"] == "List"
    assert kinds.index("ServiceAccount") < kinds.index("Deployment")
    assert sorted(kinds) == sorted(each["kind"] for each in made())


def test_what_is_written_is_what_sha256sum_takes_and_the_pointer_names(tmp_path):
    bundle = bundle_of(made())
    folder = write(bundle, tmp_path)
    done = subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "current.json").read_text()) == {"bundle": bundle.digest}
    assert hashlib.sha256((folder / SUMS).read_bytes()).hexdigest() == folder.name
    read = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert checked(read, bundle.digest) == bundle


def test_an_older_bundle_stays_where_it_was(tmp_path):
    before, after = bundle_of(made(IN_IMAGE)), bundle_of(made())
    kept, _ = write(before, tmp_path), write(after, tmp_path)
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before.files
    assert json.loads((tmp_path / "current.json").read_text()) == {"bundle": after.digest}


BUNDLE = bundle_of(made())


@given(name=st.sampled_from(sorted(BUNDLE.files)), data=st.data())
def test_one_byte_that_was_changed_is_found(name, data):
    content = BUNDLE.files[name]
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    changed = {**BUNDLE.files, name: content[:place] + bytes([other]) + content[place + 1 :]}
    with pytest.raises(ConfigError, match=r"is not what was published|its digest is"):
        checked(changed, BUNDLE.digest)


@pytest.mark.parametrize("name", [MANIFESTS, IMAGES, SUMS])
def test_what_is_not_there_is_named(name):
    rest = {each: content for each, content in BUNDLE.files.items() if each != name}
    with pytest.raises(ConfigError, match=f"{name}: is not there"):
        checked(rest, BUNDLE.digest)


def test_a_whole_bundle_in_the_place_of_another_is_refused():
    with pytest.raises(ConfigError, match=f"its digest is {BUNDLE.digest}, and sha256:{'0' * 64} was named"):
        checked(BUNDLE.files, f"sha256:{'0' * 64}")


def test_a_secret_is_not_published():
    with pytest.raises(ConfigError, match=r"Secret\.keys: a bundle is published, and holds no Secret"):
        bundle_of([{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": {}}])


def test_an_object_is_there_once():
    with pytest.raises(ConfigError, match=r"Deployment\.ranker: is there twice"):
        bundle_of([*made(), objects()["ranker"]])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda pod: pod["containers"][0].pop("imagePullPolicy"), "would pull an image on a box that is offline"),
        (lambda pod: pod["volumes"][0]["image"].update(pullPolicy="Always"), "would pull an image on a box"),
        (lambda pod: pod["containers"][0].update(image="ghcr.io/acme/serving:1"), "has no digest"),
        (lambda pod: pod["volumes"][0]["image"].update(reference="ghcr.io/acme/ranker:1"), "has no digest"),
    ],
)
def test_what_would_be_pulled_or_could_change_is_refused(change, told):
    deployment = copy.deepcopy(objects()["ranker"])
    change(deployment["spec"]["template"]["spec"])
    with pytest.raises(ConfigError, match=told):
        bundle_of([deployment])


def test_what_pulumi_knows_only_later_is_refused_by_its_place():
    told = []

    def program():
        deployment = {**objects()["ranker"], "metadata": {"name": "ranker", "namespace": pulumi.Output.from_input("a")}}
        with pytest.raises(ConfigError) as error:
            bundle_of([deployment])
        told.append(str(error.value))

    run_in_process(program)
    assert "Deployment.ranker.metadata.namespace: is known to Pulumi only later" in told[0]
