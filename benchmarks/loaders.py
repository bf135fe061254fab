"""How loaders stand broken files: thousands of mutated ones, and what came of them.

    python -m benchmarks.loaders 20000 [--seed 1] [--keep FOLDER]

For each file: nothing but the program's own errors is raised; every record is a row or a bad row,
with numbers and places that follow each other and can be gone on from; and every span that says
what it covers lies on just that. Files for which one of these does not hold are kept in FOLDER.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks._marks_beside import marks_beside
from tests.exchange.support import document, task
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.exchange.registry import FORMATS
from tui_annotate.exchange.writers import FormatSettings
from tui_annotate.sources.base import BadRow, Row
from tui_annotate.sources.registry import LOADERS, open_source

_PACKAGES = {"parquet": "pyarrow", "spacy": "spacy", "cas": "cassis", "hf": "datasets"}
_TEXTS = (
    "Ada 👍🏽 met Bo in Bonn .", "naïve # 東京\r\nAcme von Berlin",
    "a\u0301b 𝒳 U.S. , \"quoted\" | x",
)  # fmt: skip
_JUNK = (
    b'"', b"{", b"}", b"[", b"]", b"<", b">", b"&", b"\t", b"\n", b"\r\n", b"\\", b"|", b"_", b"*",
    b"\x00", b"\xff", b"\xed\xa0\x80", "👍".encode(), "\u2028".encode(), b"null", b"-1", b"1e999",
    b"NaN", b"99999999999999999999", b"true", b"0", b"#", b",", b";", b":", b"''", b"</", b"]]>",
    b"&x;", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"B-", b"I-PER", b"T1", b"[1]", b"->", b"__label__",
)  # fmt: skip
_WRITTEN = {
    "jsonl": ".jsonl", "csv": ".csv", "conll2003": ".conll", "iob2": ".iob", "bilou": ".bilou",
    "conllu": ".conllu", "brat": "", "label-studio": ".json", "doccano": ".jsonl",
    "spacy-tuples": ".json", "ner-annotator": ".json", "argilla": ".json", "webanno": "",
    "ner-tags": ".jsonl", "cas-xmi": "", "cas-json": "", "parquet": ".parquet", "spacy": ".spacy",
}  # fmt: skip
_PLAIN = {
    ("json", "a.json"): '[{"text": "Ada left", "spans": [{"start": 0, "end": 3, "label": "PER",'
    ' "text": "Ada"}]}, {"text": "x"}]',
    ("json", "b.json"): '{"version": 1, "train": [{"text": "Ada left", "spans": [{"start": 0,'
    ' "end": 3, "label": "PER", "text": "Ada"}]}, {"text": "x"}], "dev": [{"text": "👍"}]}',
    ("json", "c.json"): '{"a": {"text": "Ada left"}, "b": {"text": "x", "meta": {"y": 1}}}',
    ("spacy-tuples", "a.py"): "TRAIN = [\n  ('Ada 👍 left', {'entities': [(0, 3, 'PER'), (6, 10,"
    " 'X')]}),\n  ('x', {'cats': {'A': 1.0}}), # y\n]\n",
    ("entity-json", "b.json"): '{"data": [{"text": "👍 Ada left", "entities": [[2, 5], [6, 10]]},'
    ' {"text": "Ada met Bo", "entities": [["PER", 0, 3], ["0", "3", "X"], [8, 10, "Bo", "Y"]]}]}',
    ("csv", "b.csv"): 'id,comment_text,toxic,insult\n1,"You ""fool""\n👍",1,0\n2,Nice,0,0\n',
    ("conll2003", "b.conll"): "Bank\tB-ORG\nof\tI-ORG\n👍\tL-ORG|U-GPE\n.\tO\n\nx\tO\n",
    ("conllu", "b.conllu"): "# relations = 1;1;3;3;met\n1\tAda\tPER\tB-PER\t_\n2\tmet\tV\tO\t_\n"
    "3\t👍\tP\tB-PER\t_\n\n",
    ("txt", "a.txt"): "one\ntwo words\n\nthree\n",
    ("txt-paragraph", "a.txt"): "one\ntwo\n\nthree\n",
    ("txt-file", "a.txt"): "one\ntwo\n",
    ("tsv", "a.tsv"): "text\tlabel\nAda left\tA\nBo\tB\n",
    ("fasttext", "a.txt"): "__label__A Ada left\n__label__B __label__C Bo\n",
    ("doccano", "a.csv"): "id,data,label\r\n1,Ada left,A#B\r\n2,Bo,\r\n",
    ("pubannotation", "a.json"): '[{"text": "Ada met Bo", "denotations": [{"id": "T1", "span":'
    ' {"begin": 0, "end": 3}, "obj": "PER"}, {"id": "T2", "span": {"begin": 8, "end": 10}, "obj":'
    ' "PER"}], "relations": [{"pred": "r", "subj": "T1", "obj": "T2"}]}]',
    ("bioc", "a.xml"): "<?xml version='1.0'?><!DOCTYPE collection SYSTEM 'BioC.dtd'><collection>"
    "<document><id>1</id><passage><offset>0</offset><text>Ada met 👍 Bo</text><annotation id='1'>"
    "<infon key='type'>PER</infon><location offset='0' length='3'/><text>Ada</text></annotation>"
    "</passage></document><document><id>2</id><passage><offset>0</offset><text>x</text></passage>"
    "</document></collection>",
    ("bioc", "a.json"): '{"documents": [{"id": "1", "passages": [{"offset": 0, "infons":'
    ' {},"text":'
    ' "Ada met Bo", "annotations": [{"id": "1", "infons": {"type": "PER"}, "text": "Ada",'
    ' "locations": [{"offset": 0, "length": 3}]}]}], "relations": []}]}',
    ("standoff-xml", "a.xml"): "<notes><TEXT>Ada 👍 left</TEXT><TAGS><X id='1' start='0' end='3'"
    " text='Ada'/><Y id='2' spans='6~10' text='left'/><L id='3' fromID='1' toID='2'/></TAGS>"
    "</notes>",
    ("inline-xml", "a.xml"): "<PER>Ada</PER> met <X a='b'><PER>Bo</PER> 👍</X> &amp; y\nplain\n",
    ("inline-xml", "b.xml"): "<?xml version='1.0'?><doc><p><PER>Ada</PER> left</p><p>no</p></doc>",
    ("argilla", "b.json"): '[{"id": "1", "fields": {"text": "Ada left"}, "responses": {"s": '
    '[{"value": [{"start": 0, "end": 3, "label": "PER"}], "user_id": "u"}]}, "suggestions": {}},'
    ' {"fields": {"text": "x"}, "responses": [{"user_id": "u", "values": {"l": {"value":'
    ' "A"}}}]}]',
    ("squad", "a.json"): '{"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context":'
    ' "👍 Ada left. Bo", "qas": [{"id": "1", "question": "Who?", "answers": [{"text": "Bo",'
    ' "answer_start": 12}]}, {"id": "2", "question": "Why?", "answers": []}]}]}]}',
    ("entity-json", "a.json"): '[{"text": "👍 Ada left", "entities": [{"start": 3, "end": 6,'
    ' "word": "Ada", "entity_group": "PER"}]}, {"text": "Ada met", "entities": {"PER":'
    ' [{"indices": [0, 3]}]}}, {"textContent": "Ada", "textSegmentAnnotations": [{"startOffset":'
    ' 0, "endOffset": 3, "displayName": "PER"}]}, {"tokenized_text": ["Ada", "met"], "ner":'
    ' [[0, 0, "PER"]]}]',
    ("entity-json", "a.jsonl"): '{"rasa_nlu_data": {"common_examples": [{"text": "Ada met",'
    ' "intent": "x", "entities": [{"start": 0, "end": 3, "entity": "PER"}]}]}}\n{"go": [{"data":'
    ' [{"text": "a "}, {"text": "Bo", "entity": "PER"}]}]}\n{"content": "Ada", "annotation":'
    ' [{"label": ["PER"], "points": [{"start": 0, "end": 2, "text": "Ada"}]}]}\n',
    ("tagged-text", "a.txt"): "Ada|NNP|B-PER met|VBD|O 👍|X|O\nBo/it|NNP|I-PER #|X|O\n",
    ("tagged-text", "b.txt"): "<START:x> Ada <END> met 👍\n<START> Bo <END> .\nand/or\n",
    ("opinion-tuples", "a.txt"): "Great 👍 wine .####[([2], [0], 'POS'), ([2, 3], [1], 'NEG')]\n"
    "Great wine .####[['wine', 'drinks', 'positive', 'Great'], ['NULL', 'x', 'neutral', 'NULL']]\n",
    ("conll2003", "c.gold_conll"): "".join(
        f"a/b 0 {n} {word} NN (NP* - - - S {name} (V*) {chain}\n"
        for n, (word, name, chain) in enumerate(
            (("👍", "*", "(0)"), ("met", "*", "-"), ("her", "*", "(3|(0)"), ("cat", "*", "3)"))
        )
    ),
    ("entity-json", "d.jsonl"): '{"content": "👍 Ada met Bo", "externalId": "d", "labels":'
    ' [{"author":'
    ' {"email": "a@x"}, "labelType": "DEFAULT", "jsonResponse": {"N": {"annotations": [{"mid":'
    ' "1",'
    ' "beginOffset": 3, "content": "Ada", "categories": [{"name": "PER"}]}, {"categories":'
    ' [{"name":'
    ' "r"}], "startEntities": [{"mid": "1"}], "endEntities": [{"mid": "1"}]}]}, "C":'
    ' {"categories":'
    ' [{"name": "good"}]}}}]}\n{"data_row": {"id": "1", "row_data": "👍 Ada met"}, "projects":'
    ' {"p":'
    ' {"labels": [{"annotations": {"objects": [{"feature_id": "f", "name": "PER", "location":'
    ' {"start": 3, "end": 5, "token": "Ada"}}], "classifications": [{"name": "k", "radio_answer":'
    ' {"name": "g"}}], "relationships": []}}]}}}\n{"projects": [{"name": "p", "documents":'
    ' [{"id": 1,'
    ' "text": "👍 Ada", "annotations": [{"id": 1, "cui": "C", "value": "ada", "start": 2, "end":'
    ' 5}],'
    ' "relations": [{"start_entity": 1, "end_entity": 1, "relation": "r"}]}]}]}\n{"examples":'
    ' [{"content": "Ada", "annotations": [{"tag": "P", "start": 0, "end": 3, "annotated_by":'
    ' [{"annotator": "b"}]}], "seen_by": [{"annotator": "c"}]}]}\n',
    ("entity-json", "e.jsonl"): '{"dialogue_id": "1", "turns": [{"speaker": "U", "utterance":'
    ' "👍 in'
    ' Bonn", "frames": [{"service": "R", "slots": [{"slot": "city", "start": 5,'
    ' "exclusive_end": 9}],'
    ' "state": {"a": 1}}]}]}\n{"utterances": [{"index": 0, "speaker": "U", "text": "👍 large",'
    ' "segments": [{"start_index": 2, "end_index": 7, "text": "large", "annotations": [{"name":'
    ' "s"}]}]}]}\n{"id": "1", "utt": "wake at five", "annot_utt": "wake at [time : five]",'
    ' "intent":'
    ' "a"}\n{"question": "Where?", "choices": {"label": ["A", "B"], "text": ["x", "👍"]},'
    ' "answerKey":'
    ' "B"}\n{"article": "A.", "questions": ["W?"], "options": [["a", "b"]], "answers": ["A"]}\n'
    '{"question": "Who?", "answer": "Ada", "context": [["T", ["👍 Ada.", " So."]]],'
    ' "supporting_facts":'
    ' [["T", 1]]}\n{"passage": "Bo ran 3.", "qa_pairs": [{"question": "H?", "answer": {"number":'
    ' "3"}}]}\n{"story": "👍 Ada", "questions": [{"input_text": "W?"}], "answers":'
    ' [{"span_start": 2,'
    ' "span_end": 5, "input_text": "Ada"}]}\n',
    ("rasa", "a.yml"): 'version: "3.1"\nnlu:\n- intent: live\n  examples: |\n    - i 👍 in'
    ' [Berlin]'
    '(city)\n    - to [Bonn]{"entity": "city", "value": "b"} or (no) [more\n- lookup: city\n',
    ("rasa", "a.md"): "## intent:live\n- i 👍 in [Berlin](city)\n- [x](a:b) [y](z\n",
    ("pubtator", "a.pubtator"): "7|t|👍 Ada in Bonn\n7|a|She sings.\n7\t2\t5\tAda\tPER\tQ1\n"
    "7\t9\t13\tBonn\tCITY\tQ2\n7\tCID\tQ1\tQ2\n\n8|t|None\n8|a|x\n",
    ("trec", "a.txt"): "DESC:manner How 👍 did it ?\nHUM:ind Who was Ada ?\n",
    ("trees", "a.txt"): "(3 (2 (2 The) (2 👍)) (2 .))\n( (S (NP (NNP Ada)) (VP (VBD left))))\n",
    ("entity-json", "c.jsonl"): '{"document_id": "d", "passages": [{"text": ["👍 Ada"], "offsets":'
    ' [[0, 5]]}, {"text": ["in Bonn"], "offsets": [[6, 13]]}], "entities": [{"id": "e", "type":'
    ' "PER", "text": ["Ada"], "offsets": [[2, 5]]}, {"id": "f", "type": "X", "text": ["a"],'
    ' "offsets": [[0, 1], [6, 8]]}], "relations": [{"type": "r", "arg1_id": "e", "arg2_id":'
    ' "f"}]}'
    "\n",
    ("semeval-relations", "a.txt"): '1\t"The <e1>firm</e1> makes <e2>chairs</e2>."\n'
    'Product-Producer(e2,e1)\nComment: so\n\n2\t"An <e1>a</e1> and a <e2>b</e2>."\nOther\n',
    ("inline-xml", "c.xml"): "<?xml version='1.0'?><sentences><sentence><text>The 👍 menu</text>"
    "<Opinion target='menu' from='6' to='10' polarity='x'/></sentence></sentences>",
    ("tsv", "b.tsv"): 'text\tother\tlabel\n" Ada 👍 .\t"so" she said\tA\nBo\t" " x\tB\n',
    ("snips", "a.yaml"): "---\ntype: intent\nname: fly\nutterances:\n  - to [a:city](Bonn) 👍\n"
    '  - "from [a](Cork)"\n---\ntype: entity\nname: city\n',
    ("lu", "a.lu"): "# Fly\n- to 👍 {@to={@city=Bonn}} {when = now}\n## B\n- b\n@ list city =\n"
    "- x\n",
    ("tagged-text", "c.ann"): "[@Ada#PER*] met 👍 [$Bo#PER*] in [@ Bonn#X*].\nnone [@x\n",
    ("entity-json", "f.json"): '{"text": {"0": "👍 Ada left", "1": "x"}, "entities": {"0":'
    ' [[2, 5, "PER"]], "1": []}}',
    ("entity-json", "g.json"): '[{"utterances": [{"text": "👍 Bonn", "intent": "go", "entities":'
    ' [{"entity": "wit$l:to", "start": 2, "end": 6, "body": "Bonn"}]}]}, {"intents": [{"tag": "a",'
    ' "patterns": ["👍", "b"]}]}, {"columns": ["text"], "data": [["Ada left"]]}, {"question":'
    ' "Q?", "opa": "x", "opb": "y", "cop": 1}]',
    ("entity-json", "h.jsonl"): '{"passage": {"text": "👍 Bo", "questions": [{"question": "Q?",'
    ' "answers": [{"text": "x", "label": 1}]}]}, "idx": 0}\n{"passage": {"text": "👍 Bo"}, "qas":'
    ' [{"query": "q", "answers": [{"start": 2, "end": 3}]}]}\n{"document_text": "<P> 👍 Bo",'
    ' "question_text": "Q?", "annotations": [{"short_answers": [{"start_token": 1, "end_token":'
    ' 2}]}]}\n{"sentences": [{"index": 0, "tokens": [{"word": "Bo", "before": "", "ner": "P",'
    ' "characterOffsetBegin": 0}]}]}\n{"trainingPhrases": [{"parts": [{"text": "👍"}]}]}\n',
    ("webanno", "b.tsv"): "#FORMAT=WebAnno TSV 3.3\n#T_SP=c.S|value\n#T_RL=c.R|value|BT_c.S\n"
    "#T_CH=d.L|referenceRelation|referenceType\n\n\n#Text=Ada met Bo\n1-1\t0-3\tAda\tPER[1]\t_\t_\t"
    "c->1-1[3]\tn[3]\t\n1-2\t4-7\tmet\t_\t_\t_\t_\t_\t\n1-3\t8-10\tBo\tPER[2]\tr\t1-1[1_2]\t"
    "*->1-2[4]\tn[4]\t\n1-3.1\t8-9\tB\t*\t_\t_\t_\t_\t\n",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seed:
    """A good file, or a good folder, of one loader.

    Attributes:
        loader: The loader's name.
        files: Name -> content; the first one is opened.
    """

    loader: str
    files: dict[str, bytes]


@dataclass(slots=True)
class Account:
    """What came of the files of one loader."""

    files: int = 0
    rows: int = 0
    bad: int = 0
    refused: int = 0
    slowest: float = 0.0


@dataclass(slots=True)
class Findings:
    """What came of all files, and what should not have been: kind of fault -> examples."""

    accounts: dict[str, Account] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def fault(self, kind: str, seed: Seed, number: int, what: str) -> None:
        """Note one fault."""
        self.faults[kind] += 1
        self.examples.append(f"{kind}: file {number}, {seed.loader}: {what}")


def seeds(folder: Path, endings: tuple[str, ...] = ("",)) -> list[Seed]:
    """Return good files of every loader whose packages are installed.

    Args:
        folder: An empty folder in which they may be made.
        endings: What their names end in.
    """
    found = [
        Seed(loader, {name: text.encode()})
        for (loader, name), text in _PLAIN.items()
        if name.endswith(endings)
    ]
    for name, ending in _WRITTEN.items():
        format_ = FORMATS.get(name)
        if (
            format_ is None
            or not ending.endswith(endings)
            or find_spec(_PACKAGES.get(format_.extra, "json")) is None
        ):
            continue
        path = folder / f"{name}{ending or '.d'}"
        if not ending:
            path.mkdir()
        writer = format_.open(path, FormatSettings())
        for number, content in enumerate(_contents(format_.overlaps), 1):
            writer.write(document(content, number=number))
        writer.close()
        loader = format_.loader or name
        if ending:
            found.append(Seed(loader, {path.name: path.read_bytes()}))
            continue
        texts = sorted(each for each in path.iterdir() if each.name != "TypeSystem.xml")
        kept = [each for each in texts if each.stem == texts[0].stem]
        if (path / "TypeSystem.xml").exists():
            kept.append(path / "TypeSystem.xml")
        found.append(Seed(loader, {each.name: each.read_bytes() for each in kept}))
    if "" in endings:
        text = "👍 Ada met\r\nBo .\n\nnone\n".encode()
        marks = b"(0, 1) - PER\n((1, 0), (1, 1)) - X Y\n(0, 1) (1, 0) - met\n() - Z\n4 -\n"
        found.append(Seed("slate", {"a.txt": text, "a.txt.annotations": marks}))
        found += [Seed(loader, files) for loader, files in marks_beside()]
    brat = next((each for each in found if each.loader == "brat"), None)
    if brat is None:
        return found
    (ann, marks), (txt, text) = brat.files.items()
    moved = {
        ann.replace(".ann", ".a1"): marks,
        txt: text,
        ann.replace(".ann", ".a2"): b"* Equiv T1 T2\n",
    }
    return [*found, Seed("bionlp", moved)]


def _contents(overlaps: bool) -> Iterator[dict[str, Any]]:
    for text in _TEXTS:
        content = task(text, (0, 3, "PER")) if text.startswith("Ada") else task(text)
        spans = content["spans"]
        words = [(each["start"], each["end"]) for each in content["tokens"]]
        start, end = words[-2 if overlaps else -1][0], words[-1][1]
        spans.append({"start": start, "end": end, "label": "X-Y"})
        yield content


def mutate(data: bytes, rng: random.Random, other: bytes) -> bytes:
    """Return a file with one to four changes of the kinds that files suffer."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        change: Callable[[bytes, random.Random, bytes], bytes] = rng.choice(_CHANGES)
        data = change(data, rng, other)
    return data


def _cut(data: bytes, rng: random.Random, _other: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flip(data: bytes, rng: random.Random, _other: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _drop(data: bytes, rng: random.Random, _other: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.randrange(1, 12) :]


def _insert(data: bytes, rng: random.Random, _other: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_JUNK) + data[at:]


def _number(data: bytes, rng: random.Random, _other: bytes) -> bytes:
    found = list(re.finditer(rb"\d+", data))
    if not found:
        return data
    one = rng.choice(found)
    value = int(one[0]) if len(one[0]) < 20 else 0
    new = rng.choice((value + 1, value - 1, -value, 10**12, value * 10, 0))
    return data[: one.start()] + str(new).encode() + data[one.end() :]


def _lines(data: bytes, rng: random.Random, _other: bytes) -> bytes:
    lines = data.split(b"\n")
    rng.shuffle(lines) if len(lines) < 4 else lines.insert(
        rng.randrange(len(lines)), lines[rng.randrange(len(lines))]
    )
    return b"\n".join(lines)


def _splice(data: bytes, rng: random.Random, other: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _replace(data: bytes, rng: random.Random, _other: bytes) -> bytes:
    words = re.findall(rb'"[^"]{1,20}"|\w+', data) or [b""]
    return data.replace(
        rng.choice(words), rng.choice((rng.choice(words), *_JUNK)), rng.choice((1, -1))
    )


_CHANGES = (_cut, _flip, _drop, _insert, _number, _number, _lines, _splice, _replace)


def fuzz(count: int, seed: int, folder: Path, keep: Path | None = None) -> Findings:
    """Read mutated files and return what came of them.

    Args:
        count: How many.
        seed: Of the random numbers: the same one makes the same files.
        folder: An empty folder in which files are made.
        keep: Where files with a fault are copied to; None to keep none.
    """
    rng, findings = random.Random(seed), Findings()
    (folder / "seeds").mkdir()
    good = seeds(folder / "seeds")
    for number in range(count):
        one, other = good[number % len(good)], rng.choice(good)
        place = folder / "file"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        changed = rng.choice(list(one.files))
        for name, data in one.files.items():
            new = mutate(data, rng, next(iter(other.files.values()))) if name == changed else data
            (place / name).write_bytes(new)
        before = findings.faults.total()
        first = place / next(iter(one.files))
        _read(first, one, number, findings)
        if keep is not None and findings.faults.total() > before:
            shutil.copytree(place, keep / f"{number}-{one.loader}", dirs_exist_ok=True)
    return findings


def _read(path: Path, seed: Seed, number: int, findings: Findings) -> None:
    account = findings.accounts.setdefault(seed.loader, Account())
    account.files += 1
    began = time.perf_counter()
    try:
        # Every third file is opened by its ending, as people do.
        source = open_source(path, loader=None if number % 3 == 0 else seed.loader)
        rows = list(source.rows())
        account.rows += sum(isinstance(row, Row) for row in rows)
        account.bad += sum(isinstance(row, BadRow) for row in rows)
        for what in _unaccounted(path, source, rows):
            findings.fault("unaccounted", seed, number, what)
        for what in _misplaced(path, rows):
            findings.fault("wrong span", seed, number, what)
    except TuiAnnotateError:
        account.refused += 1
    except Exception as error:
        findings.fault("crash", seed, number, f"{type(error).__name__}: {str(error)[:200]}")
    account.slowest = max(account.slowest, time.perf_counter() - began)


def _unaccounted(path: Path, source: Any, rows: list[Row | BadRow]) -> Iterator[str]:
    """Yield what tells that a record was left out or counted twice."""
    at = 0
    for row in rows:
        is_held = row.end == row.start  # A last record that may still be growing.
        if row.start.row != at or row.end.row != (at if is_held else at + 1):
            yield f"row {at} goes from {row.start} to {row.end}"
        at = row.end.row
    if source.count() != len(rows):
        yield f"{source.count()} records are counted, and {len(rows)} read"
    if not rows and _holds_records(path):
        yield "nothing is read, and nothing said"
    if source.seekable and len(rows) > 1:
        before, middle = rows[len(rows) // 2 - 1 : len(rows) // 2 + 1]
        # Several rows of one element share its place.
        is_shared = before.start.offset == middle.start.offset
        # A session goes on before a row that it has not finished, or behind what it cannot read.
        place = middle.start if isinstance(middle, Row) else before.end
        if not is_shared and list(source.rows(place)) != rows[len(rows) // 2 :]:
            yield "reading on in the middle gives other rows"


def _holds_records(path: Path) -> bool:
    """Return whether there is more in a file than comments, or the header of a table."""
    lines = [line for line in path.read_bytes().split(b"\n") if re.search(rb"\w", line)]
    if path.suffix in (".csv", ".tsv"):
        return len(lines) > 1
    return any(not line.startswith(b"#") for line in lines)


def _misplaced(path: Path, rows: list[Row | BadRow]) -> Iterator[str]:
    """Yield spans that lie on another text than they, or the marks beside the text, say."""
    claims: set[str] | None = None
    if path.suffix in (".ann", ".a1"):
        files = [path.with_suffix(each) for each in (".ann", ".a1", ".a2")]
        lines = [
            line
            for file in files
            if file.exists()
            for line in file.read_bytes().decode("utf-8-sig", "replace").split("\n")
        ]
        claims = {_folded(line.split("\t", 2)[2]) for line in lines if line.count("\t") > 1}
        # YEDDA writes its marks into a copy of the text, under the ending that brat's have.
        claims |= {
            _folded(each) for line in lines for each in re.findall(r"\[@(.+?)#[^#]+?\*]", line)
        }
    for row in rows:
        if not isinstance(row, Row):
            continue
        text, spans = row.data.get("text"), row.data.get("spans")
        if not isinstance(text, str) or not isinstance(spans, list):
            continue
        for span in spans:
            if not isinstance(span, dict):
                continue
            start, end = span.get("start"), span.get("end")
            if type(start) is not int or type(end) is not int:
                continue
            covered = text[start:end] if 0 <= start <= end else ""
            said = span.get("text")
            if isinstance(said, str) and said and _folded(said) != _folded(covered):
                yield f"{covered!r} is said to be {said!r}"
            if claims is not None and "pieces" not in span and _folded(covered) not in claims:
                yield f"{covered!r} is claimed by no line"


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


def main() -> int:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("count", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        findings = fuzz(options.count, options.seed, Path(folder), options.keep)
    print(f"{'loader':<15}{'files':>7}{'rows':>8}{'bad':>8}{'refused':>9}{'slowest':>9}")
    for name, each in sorted(findings.accounts.items()):
        slowest = f"{each.slowest * 1000:.0f} ms"
        print(f"{name:<15}{each.files:>7}{each.rows:>8}{each.bad:>8}{each.refused:>9}{slowest:>9}")
    untried = sorted(set(LOADERS) - set(findings.accounts))
    print(f"not tried: {', '.join(untried) or 'none'}")
    print(f"faults: {dict(findings.faults) or 0}")
    for example in findings.examples[:20]:
        print(" ", example)
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(main())
