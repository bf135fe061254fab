from __future__ import annotations

import pytest

from tui_annotate.commands.guards import DWELL, LOST, Guard, TaskView, receipt

pytestmark = pytest.mark.quick

SHORT = TaskView()


def ready(**kwargs: bool) -> Guard:
    """A guard on a terminal that has answered for the task on screen at time 0."""
    guard = Guard("terminal", **kwargs)
    assert guard.frame_written(0.0)
    assert guard.replied(0.0)
    return guard


class TestFrame:
    def test_decisions_count_after_the_reply(self) -> None:
        guard = ready()
        assert guard.judge("accept", 1.0, SHORT).allowed
        guard.frame_written(1.1)
        refused = guard.judge("accept", 1.2, SHORT)
        assert not refused.allowed
        assert refused.message
        assert guard.replied(1.4)
        verdict = guard.judge("accept", 2.0, SHORT)
        assert (verdict.allowed, verdict.proof, verdict.reading_ms) == (True, "terminal", 600)

    def test_keys_are_blind_until_the_refusal_can_have_been_seen(self) -> None:
        guard = ready()
        guard.frame_written(1.0)
        assert not guard.is_blind(1.1)
        assert guard.judge("accept", 1.2, SHORT).probe, "it tells when the refusal is on screen"
        assert not guard.judge("accept", 1.3, SHORT).probe, "once is enough"
        assert guard.replied(1.7)  # the frame
        assert guard.is_blind(1.8)
        assert guard.replied(1.9)  # the refusal
        assert not guard.is_blind(1.9)
        assert guard.judge("accept", 2.0, SHORT).allowed

    def test_a_refusal_that_is_never_answered_does_not_stop_the_keys_for_ever(self) -> None:
        guard = ready()
        guard.frame_written(1.0)
        guard.judge("accept", 1.2, SHORT)
        assert guard.is_blind(1.2 + LOST - 0.1)
        assert not guard.is_blind(1.2 + LOST + 0.1)

    def test_another_task_is_looked_at_anew(self) -> None:
        guard = ready()
        guard.frame_written(1.0)
        guard.judge("accept", 1.2, SHORT)
        guard.frame_written(1.3)
        assert not guard.is_blind(1.4)

    def test_a_terminal_that_never_replied_is_not_waited_for(self) -> None:
        guard = Guard("terminal")
        guard.frame_written(0.0)
        verdict = guard.judge("accept", 0.5, SHORT)
        assert (verdict.allowed, verdict.proof, verdict.reading_ms) == (True, "unproven", 500)

    def test_a_terminal_known_to_reply_is_waited_for_from_the_first_task_on(self) -> None:
        guard = Guard("terminal", replies=True)
        guard.frame_written(0.0)
        assert not guard.judge("accept", 0.5, SHORT).allowed
        assert guard.replied(0.6)
        assert guard.judge("accept", 0.7, SHORT).proof == "terminal"

    def test_another_terminal_of_that_name_may_never_reply(self) -> None:
        guard = Guard("terminal", replies=True)
        guard.frame_written(0.0)
        assert not guard.judge("accept", LOST + 1, SHORT).allowed
        assert guard.judge("accept", LOST + 2, SHORT).proof == "unproven"

    def test_late_replies_to_the_question_at_the_start_prove_nothing(self) -> None:
        guard = Guard("terminal", owed=2)
        guard.frame_written(0.0)
        assert not guard.replied(0.1)
        assert not guard.replied(0.1)
        assert not guard.judge("accept", 0.2, SHORT).allowed, "it does reply, only late"
        assert guard.replied(0.3)
        assert guard.judge("accept", 0.4, SHORT).proof == "terminal"

    def test_a_slow_terminal_is_waited_for(self) -> None:
        guard = ready()
        guard.frame_written(1.0)
        assert not guard.judge("accept", 1.0 + LOST - 0.1, SHORT).allowed

    def test_a_late_reply_to_the_frame_before_proves_nothing(self) -> None:
        guard = Guard("terminal")
        guard.frame_written(0.0)
        guard.judge("accept", 0.1, SHORT)
        guard.frame_written(0.2)
        assert guard.replied(0.3)  # to the first probe
        assert not guard.judge("accept", 0.4, SHORT).allowed
        assert guard.replied(0.5)
        assert guard.judge("accept", 0.6, SHORT).allowed

    def test_replies_are_accepted_only_while_a_probe_is_out(self) -> None:
        guard = Guard("terminal")
        assert not guard.replied(0.0)
        guard.frame_written(0.0)
        assert guard.replied(0.1)
        assert not guard.replied(0.2)

    def test_a_lost_reply_is_asked_for_again(self) -> None:
        guard = ready()
        guard.frame_written(1.0)
        verdict = guard.judge("accept", 1.0 + LOST + 0.1, SHORT)
        assert (verdict.allowed, verdict.probe) == (False, True)
        assert not guard.judge("accept", 4.2, SHORT).probe
        assert guard.replied(4.3)
        assert guard.judge("accept", 5.0, SHORT).allowed
        guard.frame_written(6.0)
        assert guard.replied(6.1)
        assert guard.judge("accept", 6.2, SHORT).allowed

    def test_without_a_terminal_everything_counts(self) -> None:
        guard = Guard("none")
        assert not guard.frame_written(0.0)
        assert guard.judge("accept", 0.0, SHORT).proof == "none"
        guard.frame_written(0.0)
        assert guard.judge("accept", 0.0, SHORT).allowed


class TestMultiplexer:
    def test_the_same_key_needs_a_dwell(self) -> None:
        guard = Guard("multiplexer")
        assert not guard.frame_written(0.0)
        verdict = guard.judge("accept", 0.01, SHORT)
        assert (verdict.allowed, verdict.proof) == (True, "unproven")
        guard.frame_written(0.02)
        assert not guard.judge("accept", 0.02 + DWELL / 2, SHORT).allowed
        assert guard.judge("reject", 0.02 + DWELL / 2, SHORT).allowed
        guard.frame_written(0.2)
        assert guard.judge("accept", 0.21, SHORT).allowed
        guard.frame_written(0.3)
        assert guard.judge("accept", 0.31 + DWELL, SHORT).allowed


class TestSecondPress:
    def test_pages_that_were_never_shown(self) -> None:
        guard = ready()
        view = TaskView(parts=2)
        message = guard.judge("accept", 1.0, view).message
        assert message == "2 pages were never shown (tab), a again accepts"
        message = ready().judge("accept", 1.0, view._replace(turns=">")).message
        assert message == "2 pages were never shown (>), a again accepts"

    def test_unseen_rows(self) -> None:
        guard = ready()
        view = TaskView(rows_below=31)
        assert guard.judge("accept", 1.0, view).message == "31 lines below, a again accepts"
        assert guard.judge("accept", 1.5, view).allowed

    @pytest.mark.parametrize(
        ("view", "words"),
        [
            (TaskView(rows_below=1), "1 line below"),
            (TaskView(rows_above=2), "2 lines above"),
            (TaskView(rows_above=1, rows_below=2), "1 line above and 2 below"),
            (TaskView(rows_above=12, rows_below=31), "12 lines above and 31 below"),
        ],
    )
    def test_where_they_are(self, view: TaskView, words: str) -> None:
        assert ready().judge("accept", 1.0, view).message == f"{words}, a again accepts"

    def test_another_key_between_asks_anew(self) -> None:
        guard, view = ready(), TaskView(rows_below=3)
        assert not guard.judge("accept", 1.0, view).allowed
        guard.other_action(1.2)
        assert not guard.judge("accept", 1.5, view).allowed
        assert not guard.judge("reject", 1.6, TaskView(rows_below=3, edited=True)).allowed
        assert not guard.judge("accept", 1.8, view).allowed
        assert guard.judge("accept", 2.0, view).allowed

    def test_a_new_frame_asks_anew(self) -> None:
        guard, view = Guard("none"), TaskView(rows_below=3)
        guard.frame_written(0.0)
        guard.judge("accept", 1.0, view)
        guard.frame_written(1.5)
        assert not guard.judge("accept", 2.0, view).allowed

    @pytest.mark.parametrize(("decision", "key"), [("reject", "x"), ("ignore", "space")])
    def test_own_edits(self, decision: str, key: str) -> None:
        guard, view = ready(), TaskView(edited=True)
        assert f"{key} again" in guard.judge(decision, 1.0, view).message
        assert guard.judge(decision, 1.5, view).allowed

    def test_what_stays_single_press(self) -> None:
        assert ready().judge("accept", 1.0, TaskView(edited=True)).allowed
        assert ready().judge("reject", 1.0, TaskView(rows_below=9)).allowed
        assert ready().judge("reject", 1.0, TaskView(edited=True, short=True)).allowed

    def test_it_can_be_turned_off(self) -> None:
        assert ready(confirm=False).judge("accept", 1.0, TaskView(rows_below=9)).allowed
        assert ready(confirm=False).judge("reject", 1.0, TaskView(edited=True)).allowed

    def test_another_key_is_named(self) -> None:
        view = TaskView(rows_below=9)
        assert "y again" in ready().judge("accept", 1.0, view, key="y").message


class TestBack:
    def test_at_once_from_an_untouched_task(self) -> None:
        assert ready().back(1.0, touched=False).allowed

    def test_once_more_after_own_edits_were_undone(self) -> None:
        guard = ready()
        verdict = guard.back(1.0, touched=True, earlier="task 36")
        assert (verdict.allowed, verdict.message) == (False, "u again reopens task 36")
        assert guard.back(1.5, touched=True).allowed
        assert ready().back(1.0, touched=True, key="z").message.startswith("z again")

    def test_a_held_key_stops(self) -> None:
        guard = ready()
        guard.other_action(1.0, undo=True)
        times = [1.0 + 0.033 * i for i in range(1, 40)]
        assert not any(guard.back(at, touched=True).allowed for at in times)
        assert not guard.back(times[-1] + 0.3, touched=True).allowed
        assert guard.back(times[-1] + 0.8, touched=True).allowed

    def test_another_key_between_asks_anew(self) -> None:
        guard = ready()
        guard.back(1.0, touched=True)
        guard.other_action(1.2)
        assert not guard.back(1.5, touched=True).allowed


def test_receipt() -> None:
    assert receipt("accept", "Acme ...") == 'accepted "Acme ...", u brings it back'
