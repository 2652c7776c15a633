"""What passes a cap and what is refused below it: patterns that users of a gateway published.

Each is worked by hand from an issue or change of LiteLLM (BerriAI/litellm) that describes it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from tests.dbt_project.limits.conftest import States, limit

NOON = datetime(2026, 10, 15, 12)
_NUMBER = count()

Call = dict[str, Any]


def call(start: float, usd: float | str = 1, minutes: float = 1, **more: Any) -> Call:
    """A call of chat that starts so many minutes after noon, with what it costs, USD."""
    started = NOON + timedelta(minutes=start)
    name = f"c{next(_NUMBER)}"
    return {
        "utc_day": started.date(), "source_name": "s", "call_id": name, "request_id": name,
        "started_at": started, "ended_at": started + timedelta(minutes=minutes), "status": "ok",
        "error_type": None, "http_status": None, "estimate_usd": Decimal(str(usd)),
        "feature": "chat",
        "tenant_id": "acme", "user_id": "u1", "api_key_id": "k1", "team_tag": "Chat Team",
        "provider": "p", "model_id": "m", **more,
    }  # fmt: skip


def refusal(start: float, **more: Any) -> Call:
    return call(start, 0, 0, status="error", error_type="BudgetExceededError", **more)


def day_limit(usd: float, scope: str = "api_key", member: str = "k1") -> Call:
    return limit(scope, member, usd, "day")


def found(audited: States, calls: list[Call], *limits: Call) -> list[tuple[Any, ...]]:
    return audited("direction, cause, usd, calls, minutes", calls, limits)


def test_requests_that_ran_already_pass_together(audited: States) -> None:
    """Issue 34732: requests of one session all read the same spend before any is recorded. The
    limit of 10 is reached at 12:10; three of 1.50 began before, and end by 12:13."""
    calls = [call(0, 10, 10), *(call(9, "1.5", n) for n in (2, 3, 4)), refusal(20)]
    assert found(audited, calls, day_limit(10)) == [
        ("passed", "race", Decimal("4.5"), 3, 3),
        ("refused", "cap_reached", 0, 1, 0),
    ]


def test_a_counter_that_is_behind_lets_calls_pass(audited: States) -> None:
    """Change 24682: every pod counts for itself. Reached at 12:01; five of 1 begin until the first
    refusal at 12:30, the last of them ends at 12:29."""
    calls = [call(0, 10), *(call(n) for n in (4, 10, 16, 22, 28)), refusal(30), refusal(31)]
    assert found(audited, calls, day_limit(10)) == [
        ("passed", "lag", 5, 5, 28),
        ("refused", "cap_reached", 0, 2, 1),
    ]


def test_one_call_may_be_larger_than_what_was_left(audited: States) -> None:
    """Issue 19105: who is below the limit may ask. Of 9.50 and then 4, 3.50 are beyond 10."""
    calls = [call(0, "9.5"), call(5, 4), refusal(10)]
    assert found(audited, calls, day_limit(10)) == [
        ("passed", "boundary", Decimal("3.5"), 1, 0),
        ("refused", "cap_reached", 0, 1, 0),
    ]


def test_a_window_that_is_reset_early_lets_calls_pass_again(audited: States) -> None:
    """Change 37489: west of Greenwich windows are reset hours too early. Reached at 12:01, refused
    from 12:02 on; at 18:00 calls pass again though the day ends at midnight: three of 2, the last
    ends at 18:21."""
    calls = [call(0, 10), refusal(2), refusal(300), *(call(360 + n, 2) for n in (0, 10, 20))]
    assert found(audited, calls, day_limit(10)) == [
        ("passed", "reset", 6, 3, 380),
        ("refused", "cap_reached", 0, 2, 298),
    ]


def test_a_limit_that_nobody_enforces_is_told_from_one_that_is_late(audited: States) -> None:
    """Issue 11962: a user's budget is passed over where the key has a team. Reached at 12:01 and
    nobody refused: 2 in the first hour may be late, 3 a minute and more after it are not."""
    calls = [call(0, 10), call(30, 2), call(62, 1), call(600, 2)]
    assert found(audited, calls, day_limit(10, "user", "u1")) == [
        ("passed", "lag", 2, 1, 30),
        ("passed", "not_enforced", 3, 2, 600),
    ]


def test_a_counter_that_ran_away_refuses_below_the_limit(audited: States) -> None:
    """Issue 30460: the counter stands at 50, the true spend at 14. Of 50, 36 were left when it
    was first refused; four refusals in two hours."""
    calls = [call(0, 14), *(refusal(n) for n in (60, 100, 140, 180))]
    assert found(audited, calls, day_limit(50)) == [("refused", "counter_drift", 36, 4, 120)]


def test_spend_that_is_counted_twice_refuses_at_half_the_limit(audited: States) -> None:
    """Issue 36926: the counter is twice the spend, 148.48 of 100 at a true 74.24; 25.76 are left.
    It heals in two minutes: then a call passes within the limit, as it should."""
    calls = [call(0, "74.24"), refusal(5), refusal(7), call(8, 1)]
    assert found(audited, calls, day_limit(100)) == [
        ("refused", "counter_drift", Decimal("25.76"), 2, 2)
    ]


def test_a_window_that_is_reset_late_refuses_in_the_next_one(audited: States) -> None:
    """Issue 34896: in Tokyo windows are reset nine hours late. Reached on the 15th; on the 16th
    everything is refused from 00:01 to 08:59, although all of 10 is left."""
    calls = [call(0, 10), refusal(10), refusal(721), refusal(720 + 539), call(720 + 541, 1)]
    assert found(audited, calls, day_limit(10)) == [
        ("refused", "cap_reached", 0, 1, 0),
        ("refused", "late_reset", 10, 2, 538),
    ]


def test_a_refusal_is_of_the_limit_that_is_reached(audited: States) -> None:
    """The feature's is; the key's, at a tenth, is not off."""
    calls = [call(0, 10), refusal(5)]
    assert audited(
        "scope, cause, usd", calls, [day_limit(100), day_limit(10, "feature", "chat")]
    ) == [("feature", "cap_reached", 0)]


def test_a_refused_request_that_another_model_answers_is_graceful(audited: States) -> None:
    """Two of three requests: one by the cache, one by a small model; one was asked twice."""
    calls = [
        call(0, 10), refusal(5, request_id="a"), call(6, 0, request_id="a"),
        refusal(7, request_id="b"), refusal(8, request_id="b"), refusal(9, request_id="c"),
        call(10, "0.01", request_id="c"),
    ]  # fmt: skip
    assert audited(
        "cause, calls, requests, answered_requests, graceful_ratio", calls, [day_limit(10)]
    )[0] == ("cap_reached", 4, 3, 2, pytest.approx(2 / 3))


def test_a_refused_request_is_answered_told_or_ends_in_a_server_error(audited: States) -> None:
    """Of five: one answered after a 500, two ended in one, of which one was the refusal itself, and
    two were told: a 429, and a 404 of the model that was asked next."""
    calls = [
        call(0, 10),
        refusal(5, request_id="a", http_status=429),
        call(6, 0, request_id="a", status="error", http_status=500),
        call(7, 0, request_id="a"),
        refusal(8, request_id="b", http_status=429),
        call(9, 0, request_id="b", status="error", error_type="InternalServerError",
             http_status=503),
        refusal(10, request_id="c", http_status=500),
        refusal(11, request_id="d", http_status=429),
        refusal(12, request_id="e"),
        call(13, 0, request_id="e", status="error", http_status=404),
    ]  # fmt: skip
    assert audited(
        "cause, requests, answered_requests, server_error_requests, graceful_ratio,"
        " server_error_ratio", calls, [day_limit(10)],
    )[0] == ("cap_reached", 5, 1, 2, 0.2, 0.4)  # fmt: skip


def test_what_passed_sums_to_what_was_spent_beyond_the_limit(audited: States) -> None:
    """30 at a limit of 7.25, in calls that overlap; half of them end before the first refusal."""
    calls = [call(7 * n, "1.5", 20) for n in range(20)] + [refusal(100)]
    rows = audited("usd", calls, [day_limit(7.25)])
    assert sum(row[0] for row in rows) == Decimal("22.75")


def test_limits_that_nobody_reaches_and_soft_ones_are_not_audited(audited: States) -> None:
    soft = limit("api_key", "k1", 5, "day", kind="soft")
    assert audited("*", [call(0, 10)], [day_limit(11), soft]) == []
