"""The config for `spacy train`: a new one, one on top of a trained pipeline, or somebody's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui_annotate.errors import UsageError, nearest
from tui_annotate.exchange.spacy import GROUP, WRONG, blank
from tui_annotate.exchange.writers import need
from tui_annotate.suggest.models import load_pipeline
from tui_annotate.suggest.spacy_docs import learn_from_refusals
from tui_annotate.whole_files import read_whole_text

LONGEST = 12
"""The longest span, in tokens, that a new `spancat` suggests."""

FEW = 1000
"""With fewer documents a new parser keeps labels that are rarer than spaCy's bound of 30."""

BASE = "base"
"""What a base pipeline is called that had to be changed and is saved with a config."""

_READER = {"@readers": "spacy.Corpus.v1"}
_FILES = ("train", "dev")
_FIXED = ("training", "nlp", "system", "initialize")
"""Sections whose keys are spaCy's own; others belong to functions that anybody can register."""


@dataclass(slots=True)
class CorpusFacts:
    """What was found in the answers, for the config and for people.

    Attributes:
        labels: Component -> label -> how often.
        longest: The longest span of `spancat`, in tokens.
        off_tokens: Spans that do not fit the tokens of the pipeline's own tokenizer.
        first_off: The text of the first of them; empty where there is none.
        wrong: Entities that were said to be wrong.
        documents: How many there are to learn from.
        notes: What was decided about the config, as sentences without a full stop.
    """

    labels: dict[str, Counter[str]] = field(default_factory=dict)
    longest: int = 1
    off_tokens: int = 0
    first_off: str = ""
    wrong: int = 0
    documents: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BaseConfig:
    """What a config begins with.

    Attributes:
        lang: The language of a new pipeline; None for that of `base_model`, else English.
        base_model: A trained pipeline that is trained further, by its name or folder.
        config: A config that somebody wrote.
    """

    lang: str | None = None
    base_model: str | None = None
    config: Path | None = None

    def pipeline(self, components: Sequence[str]) -> Any:
        """Return the pipeline whose tokens are learned on.

        Args:
            components: What is to be learned: somebody's own config must have it.

        Raises:
            MissingExtra: spaCy is not installed.
            UsageError: There is no such pipeline, language or config, or that lacks a component.
        """
        spacy = need("spacy", "spacy", what="training")
        if self.base_model is not None:
            nlp = load_pipeline(self.base_model)
            if self.lang not in (None, nlp.lang):
                what = f"the pipeline {self.base_model!r} is for {nlp.lang!r}, not {self.lang!r}"
                raise UsageError(what, where="--lang", hint="Leave --lang out")
            return nlp
        lang = self.lang
        if self.config is not None:
            own = _load(self.config)
            _check_has(self.config, own, components)
            lang = lang or own.get("nlp", {}).get("lang")
        return blank(spacy, lang or "en")

    def make(self, nlp: Any, components: Sequence[str], seen: CorpusFacts, folder: Path) -> Any:
        """Return the config, without the files of a corpus.

        Args:
            nlp: What `pipeline` returned; components of a trained one may be given labels.
            components: What is learned.
            seen: What was found in the answers; notes are added.
            folder: Where a trained pipeline that had to be changed is saved, under the name `base`.

        Raises:
            UsageError: spaCy makes no such config.
        """
        if self.config is not None:
            return _own(nlp, self.config, seen)
        if self.base_model is not None and nlp.component_names:
            return _on_base(self.base_model, nlp, components, seen, folder)
        return _new(nlp.lang, components, seen)


def set_corpus(config: Any, corpus: Path, parts: Sequence[str] = _FILES) -> None:
    """Write into a config where its corpus lies.

    Args:
        config: The config.
        corpus: The folder.
        parts: Which of `train` and `dev` are in it.
    """
    paths = config.setdefault("paths", {})
    for name in _FILES:
        paths[name] = str(corpus / f"{name}.spacy") if name in parts else None


def check_settings(config: Path, words: Sequence[str]) -> None:
    """Check that settings of a command line, such as `--training.max_steps 20`, are in a config.

    spaCy passes over some that are not, and trains as if they had not been given.

    Args:
        config: The config.
        words: What goes to `spacy train`.

    Raises:
        UsageError: There is no such section, or no such key in a section of fixed keys.
    """
    own = _load(config)
    default = need("spacy", "spacy", what="training").Language.default_config
    for word in words:
        name = word.partition("=")[0]
        if not name.startswith("--") or "." not in name:
            continue
        *sections, key = name.removeprefix("--").split(".")
        at: Any = {**default, **own}
        for section in sections:
            if not isinstance(at, Mapping) or section not in at:
                known = list(at) if isinstance(at, Mapping) else []
                what = f"the config has no section {section!r}"
                raise UsageError(what, where=name, hint=nearest(section, known))
            at = at[section]
        if len(sections) == 1 and sections[0] in _FIXED:
            known = list({**default[sections[0]], **at})
            if key not in known:
                what = f"[{sections[0]}] of the config has no {key!r}"
                raise UsageError(what, where=name, hint=nearest(key, known))


def set_base(config: Any, saved: Path, final: Path) -> None:
    """Have a config name a changed base pipeline by where it will lie."""
    rename_values(config, str(saved / BASE), str(final / BASE))


def rename_values(section: Any, old: str, new: str) -> None:
    """Put `new` into a config, in place, wherever a value is `old`."""
    for key, value in section.items():
        if value == old:
            section[key] = new
        elif isinstance(value, dict):
            rename_values(value, old, new)


def _new(lang: str, components: Sequence[str], seen: CorpusFacts) -> Any:
    init_config = need("spacy.cli.init_config", "spacy", what="training").init_config
    try:
        config = init_config(lang=lang, pipeline=list(components), optimize="efficiency", gpu=False)
    except (ValueError, SystemExit):
        what = f"spaCy makes no config for {lang!r} with {', '.join(components)}"
        raise UsageError(what, where="--lang") from None
    for name in components:
        _suit(config, name, seen)
    return config


def _suit(config: Any, name: str, seen: CorpusFacts) -> None:
    """Suit the settings of a new component to what it learns from."""
    settings = config["components"][name]
    if name == "spancat":
        # Without this spaCy forgets the scores of each label.
        config["training"].setdefault("score_weights", {})[f"spans_{GROUP}_per_type"] = None
        sizes = list(range(1, min(max(seen.longest, 3), LONGEST) + 1))
        settings["suggester"] = {"@misc": "spacy.ngram_suggester.v1", "sizes": sizes}
        settings["spans_key"] = GROUP
    if name == "ner" and seen.wrong:
        settings["incorrect_spans_key"] = WRONG
    if name == "parser" and seen.documents < FEW:
        settings["min_action_freq"] = 1


def _load(path: Path) -> Any:
    util = need("spacy.util", "spacy", what="training")
    try:
        text = read_whole_text(path)
    except (OSError, UnicodeDecodeError) as error:
        what = getattr(error, "strerror", None) or "it is not valid UTF-8"
        raise UsageError(f"it cannot be read ({what.lower()})", where=str(path)) from None
    try:
        return util.load_config_from_str(text, interpolate=False)
    except Exception as error:  # the parser of configs raises errors of several kinds
        first = str(error).strip().split("\n", 1)[0]
        hint = "Make one with: python -m spacy init config my.cfg --pipeline ner"
        what = f"it is no config of spaCy ({type(error).__name__}: {first})"
        raise UsageError(what, where=str(path), hint=hint) from None


def _check_has(path: Path, own: Any, components: Sequence[str]) -> None:
    """Raise `UsageError` where a config lacks a component, by its name and by what makes it."""
    pipeline = own.get("nlp", {}).get("pipeline", [])
    sections = own.get("components", {})
    there = set(pipeline) | {sections.get(name, {}).get("factory") for name in pipeline}
    missing = [name for name in components if name not in there]
    if missing:
        what = f"its pipeline lacks {', '.join(missing)}"
        hint = f"It has: {', '.join(pipeline) or 'nothing'}"
        raise UsageError(what, where=str(path), hint=hint)


def _own(nlp: Any, path: Path, seen: CorpusFacts) -> Any:
    """Return somebody's own config, with spaCy's defaults for the sections that it leaves out."""
    own = _load(path)
    corpora = own.get("corpora", {})
    if not all(isinstance(corpora.get(name), dict) for name in _FILES) or "@readers" in corpora:
        if corpora:
            seen.notes.append("its own section [corpora] gives way to the files written here")
        own["corpora"] = {name: {**_READER, "path": f"${{paths.{name}}}"} for name in _FILES}
        training = own.setdefault("training", {})
        training.update({f"{name}_corpus": f"corpora.{name}" for name in _FILES})
    return nlp.default_config.merge(own)


def _on_base(
    base: str, nlp: Any, components: Sequence[str], seen: CorpusFacts, folder: Path
) -> Any:
    """Return a config whose components come from a trained pipeline.

    Each of the pipeline's components, and of those to be learned, is one of these:

    - kept: it is to be learned, and goes on from what it knows in the trained pipeline;
    - anew: it is to be learned, and begins without knowledge, because the trained pipeline lacks
      it or its component cannot take the labels;
    - frozen: it is not to be learned, and stays as it is in the trained pipeline;
    - a layer of vectors, such as `tok2vec`, that a kept component reads is trained along with it.
    """
    config = _new(nlp.lang, components, seen)
    kept, source = _grow_components(base, nlp, components, seen, folder)
    anew = [name for name in components if name not in kept]
    frozen = _frozen_components(nlp, kept, anew)
    config["components"] = {
        name: {"source": source} | frozen.get(name, {})
        for name in nlp.component_names
        if name not in anew
    }
    for name in anew:
        # A model of its own: what it would share belongs to the base, and may not change.
        config["components"][name] = {"factory": name}
        _suit(config, name, seen)
    base_nlp = nlp.config["nlp"]
    config["nlp"] |= {
        "pipeline": list(dict.fromkeys([*nlp.component_names, *anew])),
        "tokenizer": base_nlp["tokenizer"],
        "disabled": [name for name in base_nlp.get("disabled", []) if name not in components],
    }
    config["training"]["frozen_components"] = [*frozen]
    initialize = config.setdefault("initialize", {})
    initialize["vectors"] = source if len(nlp.vocab.vectors) else None
    initialize["before_init"] = {
        "@callbacks": "spacy.copy_from_base_model.v1",
        "tokenizer": source,
        "vocab": source,
    }
    return config


def _grow_components(
    base: str, nlp: Any, components: Sequence[str], seen: CorpusFacts, folder: Path
) -> tuple[list[str], str]:
    """Give the components of a trained pipeline the labels that they lack, and save the pipeline
    in `folder` if that changed it.

    Returns:
        The components that go on learning from what they know, and where the pipeline lies now.
    """
    kept = []
    is_changed = False
    for name in components:
        if name not in nlp.component_names:
            continue
        grown = _grow(nlp, name, seen)
        if grown is None:
            seen.notes.append(f"{name} begins anew: that of {base} cannot take its labels")
        else:
            kept.append(name)
            is_changed = is_changed or grown
    if is_changed:
        # A config names pipelines by where they lie, so one with further labels has to lie there.
        nlp.to_disk(folder / BASE)
        return kept, str(folder / BASE)
    return kept, str(Path(base).absolute()) if Path(base).exists() else base


def _frozen_components(
    nlp: Any, kept: Sequence[str], anew: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return the components of a trained pipeline that stay as they are, each with what its section
    of a config has to say of that."""
    layers = _layers(nlp)
    # A layer that a trained component reads its vectors from is trained along with it.
    trained = {layer for layer, users in layers.items() if users & set(kept)}
    found: dict[str, dict[str, Any]] = {}
    for name in nlp.component_names:
        if name in kept or name in anew or name in trained:
            continue
        found[name] = {}
        if any(name in layers[layer] for layer in trained):
            # It would no longer know its vectors, so it keeps a copy of the layer as it was.
            listening = list(_listeners(nlp.config["components"][name]))
            found[name] = {"replace_listeners": listening}
    return found


def _grow(nlp: Any, name: str, seen: CorpusFacts) -> bool | None:
    """Give a trained component the labels that it lacks.

    Returns:
        Whether it was changed; None where it cannot be.
    """
    pipe = nlp.get_pipe(name)
    if name == "spancat" and getattr(pipe, "key", GROUP) != GROUP:
        return None
    changed = False
    if name == "ner" and seen.wrong:
        learn_from_refusals(nlp, WRONG)
        changed = True
    if name == "senter":
        return changed
    known = set(pipe.labels)
    for label in seen.labels.get(name, ()):
        if label not in known:
            try:
                pipe.add_label(label)
            except Exception:  # models that cannot grow raise errors of several kinds
                return None
            changed = True
    return changed


def _layers(nlp: Any) -> dict[str, set[str]]:
    """Return, for each component that others read their vectors from, who does."""
    found = {}
    for name, pipe in nlp.components:
        with suppress(AttributeError):
            found[name] = set(pipe.listener_map)
    return found


def _listeners(section: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield where in a component's settings its listeners are, such as `model.tok2vec`."""
    for key, value in section.items():
        if not isinstance(value, dict):
            continue
        here = f"{path}.{key}" if path else key
        if "Listener" in str(value.get("@architectures", "")):
            yield here
        else:
            yield from _listeners(value, here)
