"""Settings: defaults, then the file, then the variables; each value tells its source."""

import pytest

from decisions.settings import load_settings
from domain.errors import BadSettings
from domain.params import Settings


def loaded(home, text=None, **environment):
    if text is not None:
        (home / "lanewise.toml").write_text(text)
    return load_settings(home, environment)


def source(found, key):
    return next((value.value, value.source) for value in found.values if value.key == key)


def test_nothing_said_is_the_defaults(tmp_path):
    """Without file and variables every value is the default and says so."""
    found = loaded(tmp_path)
    assert found.settings == Settings()
    assert {value.source for value in found.values} == {"default"}
    assert len({value.key for value in found.values}) == len(found.values) > 30


def test_the_file_wins_over_defaults_and_a_variable_over_the_file(tmp_path):
    """Values in order of precedence, each with its source; those not named stay."""
    text = 'data = "elsewhere"\n[training]\nseed = 7\nleaves = 15\n[import]\nmax_bad_share = 0.1\n'
    found = loaded(tmp_path, text, LANEWISE_TRAINING_SEED="9", LANEWISE_SERVE_HOST="0.0.0.0")
    assert found.settings.training.seed == 9
    assert found.settings.training.leaves == 15
    assert found.settings.imports.max_bad_share == 0.1
    assert found.settings.data == "elsewhere"
    assert source(found, "training.seed") == (9, "LANEWISE_TRAINING_SEED")
    assert source(found, "training.leaves") == (15, "lanewise.toml")
    assert source(found, "training.max_trees") == (Settings().training.max_trees, "default")
    assert source(found, "serve.host") == ("0.0.0.0", "LANEWISE_SERVE_HOST")
    assert source(found, "data") == ("elsewhere", "lanewise.toml")


def test_a_whole_number_is_a_number(tmp_path):
    """learning_rate = 1 in the file is 1.0; a variable's text is read as the default's kind."""
    found = loaded(tmp_path, "[training]\nlearning_rate = 1\n", LANEWISE_PLAN_HORIZON_H="3", LANEWISE_DATA="7")
    assert found.settings.training.learning_rate == 1.0
    assert isinstance(found.settings.training.learning_rate, float)
    assert found.settings.plan.horizon_h == 3.0
    assert found.settings.data == "7"


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("False", False)])
def test_a_variable_says_yes_or_no_in_words(tmp_path, said, meant):
    """The word false is no; it is not taken for any text that is not empty."""
    assert loaded(tmp_path, LANEWISE_TRAINING_EXTRA_TREES=said).settings.training.extra_trees is meant


def test_variables_of_others_are_left_alone(tmp_path):
    """LANEWISE_HOME is no setting; variables without the prefix are nobody's business."""
    assert loaded(tmp_path, LANEWISE_HOME="x", PATH="y").settings == Settings()


BAD = [
    ("[training]\nseeds = 1\n", {}, r"unknown key 'training\.seeds'"),
    ("[trainings]\nseed = 1\n", {}, r"unknown key 'trainings\.seed'"),
    ("seed = 1\n", {}, "unknown key 'seed'"),
    ("[training]\nseed = 'one'\n", {}, r"training\.seed \(from lanewise\.toml\) must be of kind int, but is 'one'"),
    ("[training]\nseed = '1'\n", {}, "must be of kind int"),
    ("[training]\nseed = true\n", {}, "must be of kind int"),
    ("[training]\nseed = 1.5\n", {}, "must be of kind int"),
    ("[training]\nlearning_rate = true\n", {}, "must be of kind float"),
    ("data = 3\n", {}, "must be of kind str"),
    ("[training]\nseed = -1\n", {}, r"training\.seed must be 0 or more, but is -1"),
    ("[training]\ntest_share = 1.0\n", {}, "between 0 and 1, but is 1.0"),
    ("[training]\nlearning_rate = nan\n", {}, "learning_rate"),
    ("[training]\nleaves = 1\n", {}, "from 2 to 4096, but is 1"),
    ("[training]\nencoding = 'hashed'\n", {}, r"training\.encoding must be one of native, .*'hashed'"),
    ("[training]\nfeature_fraction = 0.0\n", {}, "above 0 and at most 1, but is 0.0"),
    ("[import]\nmax_bad_share = 1.1\n", {}, "from 0 to 1, but is 1.1"),
    ("[plan]\nmax_cases = 0\n", {}, r"plan\.max_cases must be 1 or more"),
    ("[costs]\nnotify = -0.1\n", {}, r"costs\.notify must be 0 or more"),
    ("[serve]\nport = 70000\n", {}, r"serve\.port must be from 1 to 65535"),
    ("[training\n", {}, "no valid TOML"),
    (None, {"LANEWISE_TRAINING_SEED": "one"}, r"training\.seed \(from LANEWISE_TRAINING_SEED\).*kind int.*'one'"),
    (None, {"LANEWISE_TRAINING_SEED": "-1"}, "0 or more"),
    (None, {"LANEWISE_TRAINING_EXTRA_TREES": "no"}, "of kind bool, but is 'no'"),
    (None, {"LANEWISE_TRAINING_SEEDS": "1"}, "LANEWISE_TRAINING_SEEDS is no setting"),
]


@pytest.mark.parametrize(("text", "environment", "told"), BAD)
def test_a_wrong_setting_is_told(tmp_path, text, environment, told):
    """The key, where it came from, what was expected and what came."""
    with pytest.raises(BadSettings, match=told):
        loaded(tmp_path, text, **environment)


def test_a_section_that_is_no_table_is_told(tmp_path):
    """training = 3 is an unknown key, not a crash."""
    with pytest.raises(BadSettings, match="unknown key 'training'"):
        loaded(tmp_path, "training = 3\n")


def test_a_file_in_another_encoding_is_told(tmp_path):
    """Bytes that are no UTF-8 are no valid TOML."""
    (tmp_path / "lanewise.toml").write_bytes(b'data = "\xff"\n')
    with pytest.raises(BadSettings, match="no valid TOML"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize("key", ["late_per_min", "notify"])
def test_an_infinite_cost_is_refused(tmp_path, key):
    """A plan cannot price with infinity."""
    with pytest.raises(BadSettings):
        loaded(tmp_path, f"[costs]\n{key} = inf\n")
