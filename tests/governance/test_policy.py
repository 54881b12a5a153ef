"""A policy is checked before it is used, and a predicate can be nothing but an expression."""

from pathlib import Path

import pytest

from domain.errors import BadPolicy, NotThere
from governance.candidate_columns import ACTION_KINDS, CANDIDATE_COLUMNS
from governance.policy import EXEMPT, Effect, Level, load_policy, read_policy
from optimization.actions import ACTIONS


def rule(when: str, **more: object) -> str:
    keys = {"name": "r", "effect": "allow"} | more
    return "[[rule]]\nwhen = '''" + when + "'''\n" + "\n".join(f"{k} = {v!r}" for k, v in keys.items())


def test_the_default_policy_is_valid_and_exempts_by_nature() -> None:
    """The packaged policy reads, allows notify under supervision, and its hash is that of its text."""
    policy = load_policy()
    assert {one.effect for one in policy.rules} == set(Effect)
    assert [(one.action, one.level) for one in policy.licences] == [("notify", Level.SUPERVISED)]
    assert len(policy.hash) == 64
    assert EXEMPT == ("do_nothing", "escalate")


def test_another_text_has_another_hash() -> None:
    assert read_policy(rule("true")).hash != read_policy(rule("true") + "\n").hash


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]", "no valid TOML"),
        ("[rules]\n", "unknown key 'rules'"),
        ("rule = 3", r"written as \[\[rule\]\]"),
        (rule("true", wen="x"), "rule 'r' has the unknown key 'wen'"),
        (rule("true", effect="deny"), "effect must be forbid or require or allow, but is 'deny'"),
        (rule("true") + "\n" + rule("false"), "two rules are named 'r'"),
        ("[[rule]]\nwhen = 'true'\neffect = 'allow'", r"\[\[rule\]\] 1 needs name"),
        ("[[rule]]\nname = 'r'\neffect = 'allow'", "rule 'r' needs when"),
        (rule("true", role="planner"), "only a rule that requires approval"),
        (rule("true", effect="require", people=0), "people must be a whole number of 1 or more, but is 0"),
        (rule("true", effect="require", review_min=1.5), "review_min must be a whole number"),
        (rule("true", effect="require", role=""), "needs role, a text"),
        ("[default]\nroles = 'x'", "unknown key 'roles'"),
        ("[[licence]]\nlevel = 'autonomous'", "needs action"),
        ("[[licence]]\naction = 'notify'\nlevel = 'full'", "level must be recommend"),
        ("[[licence]]\naction = 'notify'\nlevel = 'recommend'\nscope = 'nope'", "unknown column 'nope'"),
        ("[[licence]]\naction = 'expidite'\nlevel = 'recommend'", "'expidite'; the kinds are do_nothing, notify"),
        (rule("action = 'expidite'"), "rule 'r' names the action 'expidite'; the kinds are do_nothing"),
        (rule("value > 1 AND 'fly' <> Action"), "names the action 'fly'"),
        (rule("action NOT IN ('notify', 'sail')"), "names the action 'sail'"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(BadPolicy, match=message):
        read_policy(text)


@pytest.mark.parametrize(
    "when",
    [
        "true; DROP TABLE candidates",
        "true) FROM candidates; SELECT (true",
        "(SELECT true)",
        "EXISTS (SELECT 1)",
        "value IN (SELECT 1)",
        "true FROM 'secret.csv'",
        "true FROM read_text('/etc/passwd')",
        "read_text('/etc/passwd') IS NULL",
        "getenv('HOME') = 'x'",
        "current_setting('home_directory') = 'x'",
        "getvariable('x')",
        "random() > 0.5",
        "now() > NULL",
        "current_date IS NOT NULL",
        "nextval('s') > 1",
        "query('SELECT 1') IS NULL",
        "sum(value) > 1",
        "sum(value) OVER () > 1",
        "row_number() OVER () > 1",
        "COLUMNS(*) IS NULL",
        "*",
        "candidates.value > 1",
        "value > $1",
        "value > ?",
        "list_transform([1], x -> x) IS NULL",
        "lambda x: x",
        "true AS y",
        "true, true",
        "true WHERE false",
        "true ORDER BY 1",
        "true LIMIT 1",
        "true UNION SELECT false",
        "true) OR (true",
        "true /* never closed",
        "DISTINCT true",
        "ALL true",
        "main.lower(action) = 'x'",
        "system.main.lower(action) = 'x'",
        "action::JSON IS NULL",
        "CAST(action AS BLOB) IS NULL",
        "rowid > 1",
        "value",
        "1",
        "'true'",
        "action > 3 +",
        "error('x')",
        "unnest([true])",
        "",
        "value = (VALUES (1))",
        "ATTACH 'x.db'",
        "COPY candidates TO 'x.csv'",
    ],
)
def test_more_than_an_expression_is_refused(when: str) -> None:
    """Each attempt to do anything but compare columns is refused, and the message names the rule."""
    with pytest.raises(BadPolicy, match=r"rule 'r'"):
        read_policy(rule(when))


@pytest.mark.parametrize(
    "when",
    [
        "action = 'expedite' AND (direct_cost + 1) * 2 > 500",
        "coalesce(customer_tier, '') IN ('gold', 'silver')",
        "value BETWEEN 1 AND 2 OR NOT (p_late > 0.5)",
        "lower(carrier_id) LIKE 'a%' OR carrier_id ILIKE '%b'",
        "CASE WHEN value IS NULL THEN false ELSE value > 3 END",
        "stage IS DISTINCT FROM 'release'",
        "coalesce(action, '') IN ('notify', 'expedite') OR action = NULL OR action <> 'retender'",
        "stage::VARCHAR = 'AF' OR regexp_matches(stage, '^X3')",
        "Value > 3",
        "TRY(value > 1)",
        "assumed -- a comment at the end changes nothing",
        "assumed",
        "NULL",
        "true",
    ],
)
def test_a_plain_expression_is_accepted(when: str) -> None:
    read_policy(rule(when))


def test_every_column_can_be_used() -> None:
    for name in CANDIDATE_COLUMNS:
        read_policy(rule(f"{name} IS NOT NULL"))


def test_the_kinds_of_action_are_those_of_the_catalogue() -> None:
    assert tuple(action.kind for action in ACTIONS) == ACTION_KINDS


def test_an_error_names_the_file(tmp_path: Path) -> None:
    for text in ("[[rule]", rule("nope")):
        (tmp_path / "mine.toml").write_text(text)
        with pytest.raises(BadPolicy, match=r"mine\.toml: "):
            load_policy(tmp_path / "mine.toml")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="no policy file"):
        load_policy(tmp_path / "policy.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadPolicy, match="cannot be read"):
        load_policy(tmp_path / "bytes.toml")
