"""The form for a new job: which questions it asks, in which order, and what it proposes."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from tui_annotate.errors import TuiAnnotateError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.first_look import FirstLook, Holds, can_be_looked_at, look
from tui_annotate.text.safe import safe_line


def complete_path(typed: str) -> tuple[str, list[str]]:
    """Return what was typed, lengthened as far as all matching paths agree, and their names.

    Folders end in a slash. Hidden files match where their dot was typed. A folder that cannot be
    read has nothing to offer.

    Args:
        typed: The beginning of a path; `~` and the working folder count as in a shell.
    """
    before, slash, beginning = typed.rpartition("/")
    folder = Path(before + slash).expanduser()
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in entries
                if entry.name.startswith(beginning)
                and (beginning.startswith(".") or not entry.name.startswith("."))
            )
    except OSError:
        names = []
    common = os.path.commonprefix(names)  # noqa: RUF071 - letter by letter is what is meant
    return before + slash + (common or beginning), names


_SHOWN = 50
"""Characters of a text that are shown to tell fields apart."""

_USUAL_LABELS: Mapping[str, str] = {
    "ner.manual": "PERSON,ORG,PLACE",
    "spans.manual": "ROLE,ORG",
    "textcat.manual": "COMPLAINT,PRAISE",
    "rel.manual": "WORKS_FOR,LIVES_IN",
}
_RECIPE_OF: Mapping[Holds, str] = {
    "": "ner.manual",
    "spans": "ner.manual",
    "overlapping spans": "spans.manual",
    "relations": "rel.manual",
    "classes": "textcat.manual",
}


class FormChoice(NamedTuple):
    """Something that can be chosen.

    Attributes:
        value: What it is called in a command.
        said: What it means, in plain words.
        picture: How tasks look, in letters, row by row.
    """

    value: str
    said: str
    picture: tuple[str, ...] = ()


RECIPES = (
    FormChoice(
        "ner.manual",
        "Mark names, places, dates and the like",
        (
            "Ana Ruiz joined Acme in May.",
            "└PERSON┘        └ORG    └DATE",
        ),
    ),
    FormChoice(
        "textcat.manual",
        "Say what each text is about or what it is",
        (
            "The parcel came two weeks late.",
            "  1 [x] COMPLAINT",
            "  2 [ ] PRAISE",
        ),
    ),
    FormChoice(
        "spans.manual",
        "Mark passages that may lie within each other",
        (
            "the chair of the Water Board left",
            "└ROLE──────────────────────┘",
            "             └ORG──────────┘",
        ),
    ),
    FormChoice(
        "rel.manual",
        "Link words: who works for whom, what causes what",
        (
            "┌──WORKS_FOR──┐",
            "│             ▼",
            "Ana  leads   Acme",
        ),
    ),
    FormChoice(
        "coref.manual",
        "Link words that mean the same person or thing",
        (
            "┌──COREF─┐",
            "▼        │",
            "Ana said she had left.",
        ),
    ),
    FormChoice(
        "mark",
        "Read each text, and say yes or no to it",
        (
            "The parcel came two weeks late.",
            "",
            "a accept   x reject   space ignore",
        ),
    ),
)
"""Recipes in plain words; others are said by their own help."""

_ASCII = str.maketrans("└┘┌┐─│▼", "`'..-|v")


class Question(NamedTuple):
    """One question of the form.

    Attributes:
        key: What it is about, in a word or two: a heading of the answer.
        asks: The question.
        about: What helps to answer it, one sentence an item.
        choices: What can be chosen; empty where the answer is written.
        proposal: What is proposed: a text, or the value of a choice.
        is_path: The answer is a path, which can be completed.
    """

    key: str
    asks: str
    about: tuple[str, ...] = ()
    choices: tuple[FormChoice, ...] = ()
    proposal: str = ""
    is_path: bool = False


class NewJob:
    """The answers that the form has so far, and the question that comes next.

    Args:
        recipes: Recipes that need no more than the form asks for, and whether each has labels.
        help_of: Says in a sentence what a recipe is for.
        datasets: Names that have answers already.
        ascii_only: Draw pictures in ASCII.
    """

    def __init__(
        self,
        recipes: Mapping[str, bool],
        help_of: Callable[[str], str] = str,
        datasets: Collection[str] = (),
        *,
        ascii_only: bool = False,
    ) -> None:
        self._recipes = recipes
        self._help_of = help_of
        self._datasets = datasets
        self._ascii = ascii_only
        self._answers: dict[str, str] = {}
        self._look: FirstLook | None = None

    @property
    def answers(self) -> Mapping[str, str]:
        """What was answered, by the key of the question, in the order of the questions."""
        return self._answers

    @property
    def _keys(self) -> list[str]:
        """The questions that there are, as far as that is known."""
        found = ["file"]
        if self._look is not None and self._look.fields:
            found.append("text")
        found.append("work")
        recipe = self._answers.get("work", "")
        if not recipe or self._recipes.get(recipe):  # most have labels, so that one is expected
            found.append("labels")
        if recipe == "textcat.manual" and _are_several(self._answers.get("labels", ",")):
            found.append("several")
        if recipe == "rel.manual":
            found.append("linked")
        return [*found, "name"]

    @property
    def steps(self) -> tuple[int, int]:
        """The number of the question at hand, from 1 on, and how many there are."""
        return len(self._answers) + 1, len(self._keys)

    @property
    def question(self) -> Question | None:
        """The question that comes next; None where all are answered."""
        key = next((key for key in self._keys if key not in self._answers), None)
        if key is None:
            return None
        question: Question = getattr(self, f"_ask_{key}")()
        return question

    def back(self) -> str | None:
        """Take the last answer back and return it; None where there is none."""
        if not self._answers:
            return None
        key, answer = self._answers.popitem()
        if key == "file":
            self._look = None
        return answer

    def answer(self, text: str) -> str:
        """Take an answer to the question at hand; return why it cannot be, empty where it is."""
        question = self.question
        assert question is not None
        refused = self._refused(question, text)
        if not refused:
            self._answers[question.key] = text
        return refused

    def _refused(self, question: Question, text: str) -> str:
        if question.key == "file":
            return self._look_at(text)
        if question.key == "linked":
            return ""
        if not [each for each in text.split(",") if each.strip()]:
            what = {"labels": "at least one label is needed", "name": "a name is needed"}
            return what.get(question.key, "an answer is needed")
        if question.key == "name" and text.startswith("-"):
            return "a name cannot begin with a dash, which is for options"
        return ""

    def _look_at(self, text: str) -> str:
        """Look at the first rows of a file; return why it cannot be used."""
        self._look = None
        if not text:
            return "a file is needed"
        local = not any(mark in text for mark in ":*?[")
        if local and not Path(text).expanduser().exists():
            return f"there is no file {text}"
        if not can_be_looked_at(text):
            return ""
        try:
            self._look = look(str(Path(text).expanduser()), count=False)
        except TuiAnnotateError as error:
            return str(error)
        return ""

    # The questions

    def _ask_file(self) -> Question:
        return Question(
            "file",
            "Which file holds the texts?",
            (
                "Tab completes its name. Tables, JSON, plain text and the formats of other "
                "programs are recognised; a folder or *.txt stands for all files in it.",
            ),
            is_path=True,
        )

    def _ask_text(self) -> Question:
        assert self._look is not None
        shown = (
            FormChoice(name, name, (safe_line(words, _SHOWN),)) for name, words in self._look.fields
        )
        return Question(
            "text",
            "Which field is the text to be read?",
            ("Its first row stands below.",),
            tuple(shown),
            self._look.field,
        )

    def _ask_work(self) -> Question:
        known = {choice.value: choice for choice in RECIPES}
        usual = [choice for choice in RECIPES if choice.value in self._recipes]
        others = [
            FormChoice(name, self._help_of(name).removesuffix("."))
            for name in self._recipes
            if name not in known
        ]
        holds = self._look.holds if self._look is not None else ""
        proposal = _RECIPE_OF[holds]
        about = (f"The first rows hold {holds} already.",) if holds else ()
        choices = tuple(map(self._drawn, (*usual, *others)))
        return Question("work", "What is to be done with the texts?", about, choices, proposal)

    def _drawn(self, choice: FormChoice) -> FormChoice:
        if not self._ascii:
            return choice
        return choice._replace(picture=tuple(row.translate(_ASCII) for row in choice.picture))

    def _ask_labels(self) -> Question:
        recipe = self._answers["work"]
        of_rows = self._look is not None and recipe in _fitting(self._look.holds)
        found = self._look.labels if of_rows and self._look is not None else []
        about = ["Names with commas between them, or a file with one name in each line."]
        if found:
            about.append("These are the labels of the first rows.")
        else:
            about.append(f"For example: {_USUAL_LABELS.get(recipe, 'YES,NO')}")
        asks = {
            "textcat.manual": "Which classes are there?",
            "rel.manual": "How can words be linked?",
        }
        question = asks.get(recipe, "Which labels are there?")
        return Question("labels", question, tuple(about), proposal=",".join(found))

    def _ask_several(self) -> Question:
        return Question(
            "several",
            "May a text have several of them?",
            choices=(
                FormChoice("one", "No, exactly one", ("  1 (x) COMPLAINT", "  2 ( ) PRAISE")),
                FormChoice("several", "Yes, or none", ("  1 [x] COMPLAINT", "  2 [x] PRAISE")),
            ),
            proposal="one",
        )

    def _ask_linked(self) -> Question:
        about = (
            "Names with commas, such as PERSON,ORG; they are marked by digits.",
            "Leave it empty to link words without marking them.",
        )
        return Question("linked", "What kinds of words are linked?", about)

    def _ask_name(self) -> Question:
        file = self._answers["file"]
        proposal = Path(file).name.partition(".")[0].strip("*?[]- ") or "my_set"
        about = ["Answers are kept under this name. The same name goes on with the same answers."]
        if proposal in self._datasets:
            about.append(f"There are answers under {proposal!r} already.")
        return Question("name", "What shall the work be called?", tuple(about), proposal=proposal)

    # The command that the answers make

    def arguments(self) -> tuple[str, ...]:
        """Return the words of the command behind `tui-annotate`."""
        given = self._answers
        path = given["file"]
        source = str(Path(path).expanduser()) if ":" not in path else path
        words = [given["work"], given["name"], source]
        if "labels" in given:
            names = (each.strip() for each in given["labels"].split(","))
            words += ["--label", ",".join(filter(None, names))]
        if given.get("several") == "one":
            words.append("--exclusive")
        if given.get("linked", "").strip():
            words += ["--span-label", given["linked"]]
        if given.get("text") or (self._look is not None and self._look.field):
            words += ["--text-field", given.get("text") or self._look.field]  # type: ignore[union-attr]
        return tuple(words)

    def command(self) -> str:
        """Return the command, as it is typed in a shell."""
        return shlex.join(("tui-annotate", *self.arguments()))

    def summary(self) -> list[tuple[str, str]]:
        """Return what was answered so far, in plain words, with its headings."""
        found = []
        for key, answer in self._answers.items():
            said = answer
            if key == "file" and self._look is not None:
                said = f"{answer}: {self._look.format}"
            if key == "work":
                known = {choice.value: choice.said for choice in RECIPES}
                said = f"{known[answer]} ({answer})" if answer in known else answer
            if key == "several":
                said = "exactly one for each text" if answer == "one" else "several, or none"
            if key == "linked":
                said = answer.strip() or "any words"
            found.append((key, said))
        return found


def _are_several(labels: str) -> bool:
    return "," in labels or Path(labels).expanduser().is_file()


def _fitting(holds: Holds) -> Collection[str]:
    """Return the recipes for which the labels of rows that hold something are of use."""
    if holds in ("spans", "overlapping spans"):
        return ("ner.manual", "spans.manual")
    return (_RECIPE_OF[holds],) if holds else ()
