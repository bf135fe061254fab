"""HTML as text: in one pass, however large, deep or broken; given up when nobody waits."""

from __future__ import annotations

from contextvars import copy_context

import pytest

from tui_annotate.editors.html_text import readable
from tui_annotate.errors import Abandoned
from tui_annotate.waiting import Waiting, use

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one<p>two</p>three", "one\ntwo\nthree"),
        ("a <!-- b > c --> d<!DOCTYPE x>e<?x y?>f<![CDATA[<b>]]>g", "a  defg"),
        ("<ul><li>one<li>two</ul>", "* one\n* two"),
        ("x &amp;lt; &copy; &#233; < y", "x &lt; © é < y"),
        ("<script>if (a < b) '<p>'</script>x<style>p {}</style>", "x"),
        ("<template>a<b>b</b></template>c<title>d</title>", "c"),
        ('<a href="https://a.b">https://a.b</a> <a href="https://a.b">c</a>', None),
        ("<img alt=\"a > b\" src=c><img src='d'><img>", None),
        ("<pre>a  b\n c</pre><span/>d  e", "a  b\n c\nd e"),
        ('<p title="never closed>one</p>two', "one\ntwo"),
        ("<p>one <b", "one <b"),
        ("<p>one <!-- two", "one <!-- two"),
        ("</p></div>a</b>", "a"),
        ("<details><summary>More</summary>about it</details>", "More\nabout it"),
    ],
)
def test_what_is_shown(html: str, text: str | None) -> None:
    others = {
        True: "https://a.b c <https://a.b>",
        False: "[picture: a > b][picture: d][picture: without a name]",
    }
    assert readable(html) == (others[html.startswith("<a")] if text is None else text)


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<a href=http://x>", "<!-- ", "<", "</", "<!", "<?", "<a ", '<p a="x', "&", "<pre>"],
)
@pytest.mark.parametrize("end", ["", ">", "</a>"])
def test_no_piece_that_comes_without_end_takes_long_or_deep(piece: str, end: str) -> None:
    assert "last" in readable("<p>last</p>" + piece * 3000 + end)


def test_reading_is_counted_and_given_up() -> None:
    html = "<p>word</p>" * 5000
    waiting = Waiting()
    said: list[str] = []

    class Watched(Waiting):
        def at(self, done: int, note: str = "") -> None:
            super().at(done, note)
            said.append(self.sentence())

    def read(told: Waiting) -> str:
        use(told)
        return readable(html)

    copy_context().run(read, Watched())
    assert said[-1].startswith("reading HTML: ") and len(said) > 5
    waiting.abandon()
    with pytest.raises(Abandoned):
        copy_context().run(read, waiting)
