"""`review`: where people differ, and what is right."""

from __future__ import annotations

from functools import partial
from typing import Any

from tui_annotate.job import Arg
from tui_annotate.recipes.common import DATASET, components, names
from tui_annotate.recipes.registry import recipe
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.stream.store_sources import check_answers_open, store_path
from tui_annotate.task.review import REVIEW

_views: dict[tuple[str, str, tuple[str, ...]], str] = {}
"""The views that reviews of this process have begun in: a recipe is called again when there are
new answers, which may have been given in another view."""


@recipe(
    "review",
    contained=True,
    cosmetic=("label", "blind"),
    dataset=DATASET,
    in_sets=Arg(help="The datasets whose answers are compared, with commas"),
    label=Arg("--label", "-l", help="Labels with commas; else those of the answers"),
    view_id=Arg("--view-id", "-v", help="The view, where the answers name none or several"),
    auto_accept=Arg("--auto-accept", "-A", help="Save what all agree on without showing it"),
    accept_single=Arg(
        "--accept-single", "-AS", help="With --auto-accept: what one person alone said, too"
    ),
    show_skipped=Arg(
        "--show-skipped", "-S", help="Take in what was ignored, and rejections of manual views"
    ),
    blind=Arg("--blind", help="Do not say who chose which version"),
    all_=Arg("--all", "-a", help="Show everything, and not only where people differ"),
)
def review(
    dataset: str,
    in_sets: str,
    label: str | None = None,
    view_id: str | None = None,
    auto_accept: bool = False,
    accept_single: bool = False,
    show_skipped: bool = False,
    blind: bool = False,
    all_: bool = False,
) -> dict[str, Any]:
    """Settle where people differ: their versions are listed, the one of most people first.

    Sessions within a dataset count as people of their own. Answers of manual views are compared by
    input, yes and no by question. Ignored answers, and rejected ones of manual views, are left out.
    """
    check_answers_open("review")
    # The engine is loaded for this only, so that help stays quick.
    from tui_annotate.recipes import review_survey, review_tasks

    sets = names(in_sets)
    review_survey.check_sets(dataset, sets)
    path = store_path()
    running = (str(path), dataset, tuple(sets))
    survey, view = review_survey.survey_in(
        path, sets, dataset, view_id, before=_views.get(running), skipped=show_skipped
    )
    _views[running] = view.id
    config = survey.config(view, read_labels(label) if label else None)
    wanted = review_tasks.ReviewSettings(
        path=path,
        sets=tuple(sets),
        into=dataset,
        view=view.id,
        keys=tuple(key for key in view.written(config) if key != "tokens"),
        automatic=auto_accept,
        single=auto_accept and accept_single,
        skipped=show_skipped,
        everything=all_,
        blind=blind,
    )
    shown = {REVIEW: True, **({"review_blind": True} if blind else {}), **config}
    found = components(dataset, view.id, review_tasks.Reviewed(wanted), None, **shown)
    return (
        {**found, "on_load": partial(review_tasks.accept_automatic, wanted)}
        if auto_accept
        else found
    )
