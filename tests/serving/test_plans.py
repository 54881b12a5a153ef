"""Joint plans over HTTP."""

import pytest

from tests.serving.client import Client
from tests.serving.fake import PLAN_ID


def test_a_plan_is_made_and_found_again(client: Client) -> None:
    """201, and what Location names answers the same."""
    made = client.post("/v1/plans", json={"as_of": "2013-12-31"})
    assert (made.status_code, made.headers["location"]) == (201, f"/v1/plans/{PLAN_ID}")
    assert made.json()["id"] == PLAN_ID
    assert client.get(made.headers["location"]).json() == made.json()


def test_a_plan_that_is_not_there(client: Client) -> None:
    """404, whatever the id looks like."""
    for plan_id in ("0" * 16, "x", "..%2F..%2Fetc%2Fpasswd"):
        assert client.get(f"/v1/plans/{plan_id}").status_code == 404


def test_a_bad_policy_is_the_callers_mistake(client: Client) -> None:
    """422 with the policy's own message."""
    answer = client.post("/v1/plans", json={"policy": "nonsense"})
    assert (answer.status_code, answer.json()["detail"]) == (422, "policy line 1: expected a rule")


@pytest.mark.parametrize("case", ["S-1", "2013-10-01/UA/1545/EWR", "a b?c"])
def test_a_case_is_explained_whatever_its_id(client: Client, case: str) -> None:
    """Ids of cases are the user's: slashes, blanks and question marks are among them."""
    from urllib.parse import quote

    answer = client.get(f"/v1/plans/{PLAN_ID}/cases/{quote(case, safe='')}", params={"action": "expedite"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["case"]["case_id"], told["asked"]["action"]) == (case, "expedite")
    assert told["reasons"] == ["It is cheapest."]
    assert "12.00 USD" in told["text"]
