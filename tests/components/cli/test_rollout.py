"""`modelberth rollout sync`: the file anew from what the stack has begun, and from nothing else."""

import argparse

import pytest
import yaml

from modelberth.cli import rollout
from modelberth.core.errors import ModelberthError
from modelberth.stack.files import files_of
from modelberth.stack.record import RECORD_TYPE

IRIS = {"service": "iris", "edits": "free", "generation": 3.0, "stable": "1.0.0", "candidate": "1.1.0", "weight": 10.0,
        "mirror": 0.0}  # fmt: skip
UNNAMED = {"service": "ranker", "edits": "free", "generation": 0.0, "stable": "2.0.0", "weight": 0.0, "mirror": 0.0}


def state(*records):
    others = [{"type": "pulumi:pulumi:Stack", "outputs": {}}, {"type": "a:b:C"}]
    return {"deployment": {"resources": [*others, *({"type": RECORD_TYPE, "outputs": found} for found in records)]}}


def test_what_no_rollouts_file_has_named_is_not_written():
    found = rollout.recorded_in(state(IRIS, UNNAMED))
    assert found.keys() == {"iris"}
    assert found["iris"]["generation"] == 3
    assert (found["iris"]["stable"], found["iris"]["candidate"], found["iris"]["weight"]) == ("1.0.0", "1.1.0", 10)


@pytest.mark.parametrize("given", [{}, {"deployment": None}, state(), state(UNNAMED)])
def test_a_stack_that_has_begun_none_is_said_so(given):
    with pytest.raises(ModelberthError) as error:
        rollout.recorded_in(given)
    assert str(error.value) == "the stack has recorded no rollout yet; nothing was changed"


def test_the_file_is_written_anew_and_others_are_kept(tmp_path, monkeypatch, capsys):
    (tmp_path / "Pulumi.yaml").write_text("name: test\nruntime: python\nmain: stacks\nstackConfigDir: stacks/config\n")
    file = files_of(tmp_path, "dev").rollouts
    file.parent.mkdir(parents=True)
    other = {"generation": 7, "stable": "5.0.0"}
    file.write_text(yaml.safe_dump({"iris": {"generation": 1, "stable": "0.9.0"}, "other": other}))
    monkeypatch.setattr(rollout, "exported", lambda _project, _stack: state(IRIS, UNNAMED))
    rollout.run_sync(argparse.Namespace(project=tmp_path, stack="dev"))
    written = yaml.safe_load(file.read_text())
    assert written.keys() == {"iris", "other"}
    assert written["other"] == other
    assert (written["iris"]["generation"], written["iris"]["candidate"], written["iris"]["weight"]) == (3, "1.1.0", 10)
    assert capsys.readouterr().out == f"{file.name}: iris at generation 3\n"
