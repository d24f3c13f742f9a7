"""The files of an environment: where they lie, and that they are read as the engine reads them."""

import pytest

from modelberth.core.errors import ConfigError, ModelberthError
from modelberth.stack.files import files_of, read_yaml

HEAD = "Pulumi.dev.yaml: 1 fault\n  "


@pytest.fixture
def file(tmp_path):
    return tmp_path / "Pulumi.dev.yaml"


def test_the_files_lie_where_the_project_says(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: x\nstackConfigDir: stacks/config\n")
    files = files_of(tmp_path, "dev")
    assert files.config == tmp_path / "stacks/config/Pulumi.dev.yaml"
    assert files.rollouts == tmp_path / "stacks/config/rollouts.dev.yaml"
    assert files.pins == tmp_path / "stacks/config/pins.dev.yaml"


def test_without_a_folder_for_them_they_lie_beside_the_project(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: x\n")
    assert files_of(tmp_path, "dev").config == tmp_path / "Pulumi.dev.yaml"


def test_a_folder_without_a_project_is_refused(tmp_path):
    with pytest.raises(ModelberthError) as error:
        files_of(tmp_path, "dev")
    assert str(error.value) == f"{tmp_path}: no Pulumi.yaml there; run this in the folder of a Pulumi project"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("no", "no"), ("y", "y"), ("10:30", "10:30"),
        ("2026-11-20", "2026-11-20"), ("1.4.0", "1.4.0"), ("'1.0'", "1.0"), ('"0000"', "0000"), ("=", "="),
        ("0777", 511), ("0008", 8.0), ("true", True), ("False", False), ("null", None), ("~", None), ("7", 7),
        ("-7", -7), ("0x1F", 31), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("200ms", "200ms"), ("1%", "1%"),
        ("[a, 1]", ["a", 1]),
    ],
)  # fmt: skip
def test_plain_words_mean_what_the_engine_takes_them_for(file, written, value):
    file.write_text(f"key: {written}\n")
    read = read_yaml(file)["key"]
    assert (type(read), read) == (type(value), value)


def test_on_is_a_key_like_any_other(file):
    file.write_text("on: local\nyes: 1\n")
    assert read_yaml(file) == {"on": "local", "yes": 1}


@pytest.mark.parametrize("text", [None, "", "# nothing\n", "null\n", "---\n"])
def test_a_file_that_is_not_there_and_an_empty_one_are_the_same(file, text):
    if text is not None:
        file.write_text(text)
    assert read_yaml(file) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n- b\n", f"{HEAD}holds a list, not keys with values"),
        ("word\n", f"{HEAD}holds a str, not keys with values"),
        ("a: 1\nb: [1\n", f"{HEAD}line 3: no YAML: expected ',' or ']', but got '<stream end>'"),
        (
            "a: 1\n\tb: 2\n",
            "Pulumi.dev.yaml: 1 fault\n  line 2: no YAML: found character '\\t' that cannot start any token",
        ),
        (
            "a: !!python/object/apply:os.system [echo]\n",
            f"{HEAD}line 1: no YAML: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/object/apply:os.system'",
        ),
    ],
)
def test_what_is_no_mapping_is_refused_with_its_line(file, text, message):
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_yaml(file)
    assert str(error.value) == message
