"""What the columns of a table hold: found once, by its header and its first rows.

The reader (`csv.py`) hands in what it has read and then follows what was found here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tui_annotate.errors import SourceError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.crowd_tables import find_said_classes
from tui_annotate.sources.known_tables import ARGILLA_COLUMN, is_export, is_label_studio_row
from tui_annotate.sources.sentence_pairs import pair_of
from tui_annotate.sources.text_columns import (
    TableOptions,
    crowd_of,
    find_column,
    find_text,
    lacks_text,
)
from tui_annotate.sources.text_field import TEXT
from tui_annotate.sources.token_table import (
    SentenceColumns,
    TokenColumns,
    TokenRow,
    find_columns_by_tags,
    find_sentence_columns,
    find_token_columns,
)
from tui_annotate.sources.unnamed_columns import (
    ClassColumns,
    UnnamedColumns,
    find_class_columns,
    find_unnamed,
    named_class_columns,
    names_apart,
    places_of_spans,
)

RowKind = Literal["token", "pair", "question", "label-studio", "export", "fields", "text"]
"""What a row of a table is.

- `token`: one token of a sentence, with its tag;
- `pair`: two sentences that belong together;
- `question`: a question with choices, of which one is right;
- `label-studio`: an annotation of Label Studio's;
- `export`: a task, as `export` writes it;
- `fields`: an object that a recipe's code takes, with a key for each column;
- `text`: a text, and what there is to say of it.
"""


OF_CHOICES = frozenset((
    *("choice1", "option1", "sol1", "ending0", "ending1", "answera", "opa", "a", "option_a"),
    *("option_1", "choice_1", "choice_a", "choicea", "optiona"),
))  # fmt: skip
"""Columns of which a table of questions with choices has one, in lower case. What is asked of a
table is called its options here, never the choices of a question."""


class TableBegin(NamedTuple):
    """What a table begins with, its first line included.

    Attributes:
        rows: Its first rows.
        has_quotes: Whether quotes hold fields together, in a table without a header.
        plain_rows: The cells of some of its first rows, read with such quotes or without.
    """

    rows: Sequence[TokenRow]
    has_quotes: bool
    plain_rows: Sequence[Sequence[str]]


class TableHeader(NamedTuple):
    """How the columns are called.

    Attributes:
        columns: Their names.
        is_record: Whether the first line is a record, and the names were made up.
        has_quotes: Whether quotes hold fields together.
        tokens: What holds tokens and tags, in a table with a token in each row.
        unnamed: What else a table without a header holds.
    """

    columns: tuple[str, ...]
    is_record: bool = False
    has_quotes: bool = True
    tokens: TokenColumns | None = None
    unnamed: UnnamedColumns | None = None


class TableLayout(NamedTuple):
    """What the columns of a table hold; columns are counted from 0.

    Attributes:
        kind: What a row is.
        names: The names of the columns, none twice.
        told: What people should know of how the columns were taken; empty for nothing.
        tokens: The columns of a table of tokens.
        sentence: The columns of words and tags, in a table with a sentence in each row.
        text: The column of the text; None where none has to be one.
        more_texts: Columns whose cells stand below the text.
        label: The column whose cell is the `label` of its task.
        classes: The columns of the classes that were chosen.
        id: The column that names the row.
        meta: The columns that go to `meta`, each with its key there.
        people: The column that says who answered.
        parse: The column of parses that hold intents and slots.
    """

    kind: RowKind
    names: tuple[str, ...]
    told: str
    tokens: TokenColumns | None = None
    sentence: SentenceColumns | None = None
    text: int | None = None
    more_texts: tuple[int, ...] = ()
    label: int | None = None
    classes: ClassColumns = ClassColumns()
    id: int | None = None
    meta: tuple[tuple[int, str], ...] = ()
    people: int | None = None
    parse: int | None = None


def may_be_record(first: Sequence[str], options: TableOptions) -> bool:
    """Return whether the first line of a table may be a record: it names no column that is known.

    Args:
        first: Its cells.
        options: What is asked of the table.
    """
    if options.takes_any_row or options.fields.text_field or options.fields.id_field:
        return False
    known = {each.lower() for each in first}
    asked = {each.lower() for each in options.label_fields}
    if known & {*asked, TEXT, *options.texts}:
        return False
    if {"question", "sentence", "sent1", "premise", "goal"} & known and OF_CHOICES & known:
        return False
    return not (pair_of(known) or find_token_columns([*known]) or is_label_studio_row(known))


def find_header(
    first: tuple[str, ...], begin: TableBegin | None, options: TableOptions
) -> TableHeader:
    """Return how the columns are called.

    Args:
        first: The cells of the first line.
        begin: What the table begins with; None where the first line holds the names for certain.
        options: What is asked of the table.

    Raises:
        SourceError: Nothing tells whether the first line holds names.
    """
    if begin is None:
        return TableHeader(first, tokens=_tokens_by_names(first, options))
    by_choices = _columns_of_choices(begin.plain_rows)
    if by_choices:
        return TableHeader(by_choices, True, begin.has_quotes)
    by_tags = find_columns_by_tags(first, begin.rows)
    if by_tags is not None:
        tokens, is_named = by_tags
        made_up = tuple(f"column {at + 1}" for at in range(len(first)))
        return TableHeader(first if is_named else made_up, not is_named, tokens=tokens)
    unnamed = find_unnamed(begin.plain_rows)
    if unnamed is None:
        return TableHeader(first, tokens=_tokens_by_names(first, options))
    if not unnamed.is_sure:
        raise SourceError(
            "its first line may be a header or a record, and it is too short to tell",
            where=options.where,
            hint="Name the column of the text with `--text-field`, or write a line with the"
            " names of the columns above it, such as `text` and `label`",
        )
    return TableHeader(unnamed.names, True, begin.has_quotes, unnamed=unnamed)


def needs_rows(header: TableHeader, options: TableOptions) -> bool:
    """Return whether `find_layout` has to see the first rows of a table."""
    if options.label_fields:
        return True
    if header.tokens is not None:
        return False
    return not options.takes_any_row or (options.fields.answered and not is_export(header.columns))


def find_layout(
    header: TableHeader, rows: Sequence[TokenRow], options: TableOptions
) -> TableLayout:
    """Return what the columns of a table hold.

    Args:
        header: How the columns are called.
        rows: The first rows, without the names of the columns; none of a pipe, and where they are
            not needed.
        options: What is asked of the table.

    Raises:
        SourceError: A column that is asked for is not there; or nothing of the table can be taken.
    """
    columns = header.columns
    names, told_of_names = names_apart(columns)
    sentence = _find_sentence(header, rows, options)
    kind, text, told_of_kind = _find_kind(header, sentence, rows, options)
    label = _find_label(header, options)
    parse = _find_parse(columns, rows, options) if kind == "text" and sentence is None else None
    # A parse says which class its text has.
    has_class = parse is not None and not options.label_fields
    classes = ClassColumns() if has_class else _find_classes(columns, rows, text, options)
    # A table of ours is read by its own columns, whose lists are JSON, even if somebody has added
    # columns of Argilla's to it.
    if not _is_our_export(columns, options):
        _refuse_argilla(columns, options)
    id_field = options.fields.id_field
    crowd = crowd_of(columns) if options.fields.answered else None
    layout = TableLayout(
        kind=kind,
        names=tuple(names),
        told=_joined(
            _told_of_form(header, sentence) or told_of_names,
            told_of_kind,
            classes.told,
            f"its column `{columns[parse]}` holds intents and slots" if parse is not None else "",
        ),
        tokens=header.tokens,
        sentence=sentence,
        text=text,
        more_texts=header.unnamed.texts[1:] if header.unnamed is not None else (),
        label=label,
        classes=classes,
        id=find_column(columns, id_field, "--id-field", options) if id_field else None,
        people=crowd.people if crowd is not None else None,
        parse=parse,
    )
    return layout._replace(meta=_meta_columns(layout))


def _joined(*told: str) -> str:
    return "; ".join(filter(None, told))


def _tokens_by_names(columns: Sequence[str], options: TableOptions) -> TokenColumns | None:
    if not lacks_text(columns, options):
        return None
    return find_token_columns([column.lower() for column in columns])


def _is_pair(columns: Sequence[str], options: TableOptions) -> bool:
    if options.takes_any_row or not lacks_text(columns, options):
        return False
    return pair_of(map(str.lower, columns)) is not None


def _is_question(header: TableHeader, rows: Sequence[TokenRow], options: TableOptions) -> bool:
    """Return whether the rows are questions with choices, by the names of the columns and the first
    row that fits under them."""
    lowered = {column.lower() for column in header.columns}
    asked = options.takes_any_row or options.fields.text_field is not None
    if asked or header.tokens is not None or lowered.isdisjoint(OF_CHOICES):
        return False
    fitting = (row.values for row in rows if row.problem is None)
    first = next((each for each in fitting if len(each) == len(header.columns)), None)
    if first is None or is_export(header.columns):
        return False
    # Loaded for tables with such columns only, as each module costs a start.
    from tui_annotate.sources.choice_json import is_question

    return is_question(dict(zip(header.columns, first, strict=True)))


def _columns_of_choices(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the names of the columns of a table without a header whose rows are a question, its
    choices and the letter of the right one, as MMLU has them; none for any other table."""
    widths = {len(row) for row in rows}
    count = min(widths, default=0) - len(("question", "answer"))
    letters = [*"ABCDE"[: max(count, 0)]]
    said = {row[-1].strip() for row in rows if row}
    asked = sum(" " in row[0].strip() for row in rows if row)
    named = len(widths) == 1 and len(letters) == count > 2 and len(said) > 1
    fits = named and said <= {*letters} and 2 * asked > len(rows)
    return ("question", *letters, "answer") if fits else ()


def _is_our_export(columns: Sequence[str], options: TableOptions) -> bool:
    """Return whether the rows are taken as tasks that `export` wrote."""
    return is_export(columns) and options.fields.text_field is None


def _find_kind(
    header: TableHeader,
    sentence: SentenceColumns | None,
    rows: Sequence[TokenRow],
    options: TableOptions,
) -> tuple[RowKind, int | None, str]:
    """Return what a row is, the column of its text, and what people should know of that.

    Raises:
        SourceError: A row needs a text, and no column is the text.
    """
    columns = header.columns
    if header.tokens is not None:
        return "token", None, ""
    if sentence is None and _is_question(header, rows, options):
        return "question", None, "its rows are questions with options"
    is_pair = _is_pair(columns, options)
    text: int | None
    if sentence is not None:
        text, told = sentence.words, ""
    elif is_pair:
        text, told = None, ""
    else:
        text, told = find_text(columns, options)
    if is_pair:
        return "pair", text, told
    if is_label_studio_row(columns):
        return "label-studio", text, told
    if _is_our_export(columns, options):
        return "export", text, told
    return ("fields" if text is None else "text"), text, told


def _find_sentence(
    header: TableHeader, rows: Sequence[TokenRow], options: TableOptions
) -> SentenceColumns | None:
    """Return the columns of a table whose rows hold a sentence and a tag for each word."""
    if options.takes_any_row or header.tokens is not None:
        return None
    columns = header.columns
    whole = [row.values for row in rows if row.problem is None]
    fitting = [values for values in whole if len(values) == len(columns)]
    return find_sentence_columns(columns, fitting, options.fields.text_field or "")


def _find_parse(
    columns: Sequence[str], rows: Sequence[TokenRow], options: TableOptions
) -> int | None:
    """Return the column of parses with intents and slots, unless a recipe's code takes the rows."""
    if options.takes_any_row:
        return None
    fitting = [row.values for row in rows if len(row.values) == len(columns)]
    if not any(cell.lstrip()[:4].upper() == "[IN:" for values in fitting[:1] for cell in values):
        return None
    # Loaded for tables with such columns only, as each module costs a start.
    from tui_annotate.sources.semantic_parse import find_parse_column

    return find_parse_column(fitting)


def _told_of_form(header: TableHeader, sentence: SentenceColumns | None) -> str:
    """Return what people should know of the form of a table; empty for a usual one."""
    if sentence is not None:
        words, tags = header.columns[sentence.words], header.columns[sentence.tags]
        return f"its column `{tags}` holds a tag for each word of `{words}`"
    if header.tokens is not None and header.tokens.marks:
        return "nothing separates its sentences, so each ends at `.`, `!` or `?`"
    return header.unnamed.told if header.unnamed is not None else ""


def _find_label(header: TableHeader, options: TableOptions) -> int | None:
    """Return the column whose cell is the `label` of its task; None where tasks get none."""
    fields = options.fields
    # Whoever names columns wants those; in a file of answers a label is one (`_find_classes`).
    asked = fields.text_field or fields.id_field or fields.offset_unit or options.label_fields
    if asked or not fields.remarks or fields.answered:
        return None
    lowered = [column.lower() for column in header.columns]
    # With any other column beside them it is a table of its own, and its label goes to `meta`.
    is_prodigys = {TEXT, "label"} <= {*lowered} <= {TEXT, "label", "meta"}
    if is_prodigys or (header.unnamed is not None and "label" in lowered):
        return lowered.index("label")
    return None


def _find_classes(
    columns: Sequence[str], rows: Sequence[TokenRow], text: int | None, options: TableOptions
) -> ClassColumns:
    """Return the columns of the classes that were chosen: those that were named, and else, in a
    file of answers, those that seem to be."""
    values = [row.values for row in rows]
    if options.label_fields:
        named = [
            find_column(columns, each, "--label-field", options) for each in options.label_fields
        ]
        return named_class_columns(values, tuple(named))
    if not options.fields.answered or text is None or is_export(columns):
        return ClassColumns()
    places = places_of_spans(columns)
    if places:
        raise SourceError(
            f"it has a row for each span (`{places}`), so that no row says all of its text",
            where=options.where,
            hint="Write a row for each text, as JSON lines with all of its spans",
        )
    crowd = crowd_of(columns)
    if crowd is not None:
        return find_said_classes(columns, values, text, crowd)
    return find_class_columns(columns, values, text)


def _refuse_argilla(columns: Sequence[str], options: TableOptions) -> None:
    """Refuse a table in which Argilla's responses are what Python printed of its lists.

    Raises:
        SourceError: It is one.
    """
    if not any(ARGILLA_COLUMN.search(each) for each in columns):
        return
    # Loaded for tables with such columns only, as each module costs a start.
    from tui_annotate.sources.argilla_columns import is_argilla_table

    if is_argilla_table(columns):
        raise SourceError(
            "it is a table of Argilla's records, in which lists of responses are printed",
            where=options.where,
            hint="Write the records as JSON or Parquet, which keep whose each response is",
        )


def _meta_columns(layout: TableLayout) -> tuple[tuple[int, str], ...]:
    """Return the columns that nothing else takes, each with its key in `meta`."""
    taken = {
        *(layout.text, layout.id, layout.label, layout.classes.named, layout.parse),
        *layout.classes.flags,
        *layout.classes.also_named,
        *layout.more_texts,
    }
    if layout.sentence is not None:
        taken.add(layout.sentence.tags)
    rest = [(at, name) for at, name in enumerate(layout.names) if at not in taken]
    if layout.label is not None:
        # Prodigy's own columns are written with a capital.
        rest = [(at, name.lower()) for at, name in rest]
    return tuple((at, name or f"column {at + 1}") for at, name in rest)
