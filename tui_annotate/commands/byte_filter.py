"""Takes what is no key out of the bytes that a terminal sends, before they are read as keys.

A terminal answers questions with control strings: OSC, DCS, APC, PM and SOS, from `ESC ]`, `ESC P`,
`ESC _`, `ESC ^` and `ESC X` up to BEL or `ESC \\`. An answer to a question that an earlier program
asked comes late over SSH, and lag may cut it anywhere. Mouse reports of the oldest form, `CSI M`,
have three bytes behind them that may be any character. Neither becomes a key here.

The same controls have forms of one character, U+0080 to U+009F: `CSI` is U+009B, in UTF-8 `C2 9B`,
and on a terminal of 8 bits the byte alone. No key types them, so they are read as their forms with
ESC are, but that nothing of them is ever given back to a person.

A person may type `escape` and then `]`. What tells the two apart is time and form: a terminal sends
many bytes at once, and its answers begin in few ways (`11;`, `1$r`, `>|`, `Gi=`). What comes one
byte at a time and does not begin like an answer was typed.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from tui_annotate.commands.terminal_bytes import (
    BEGINNINGS,
    KEY,
    KEY_EVENT,
    RELEASED,
    REPEATED,
    as_others_send,
    begins_like_answer,
    bytes_behind,
    is_one_character,
    may_begin_answer,
)
from tui_annotate.fast_namedtuple import NamedTuple

PATIENCE = 1.5
"""Seconds without a byte after which the rest of a string is not waited for any longer."""

LONGEST = 4096
"""Bytes of a string after which its end is not waited for any longer: a character that comes alone
is a key again."""

TOGETHER = 0.03
"""Seconds within which nobody types two keys: bytes so close were sent together."""

GUESS = 0.4
"""Seconds for which keys that may begin an answer are kept back, behind an escape only."""

_ESC, _BEL, _BACKSLASH = 0x1B, 0x07, 0x5C
_LEAD_C2 = 0xC2  # the first byte of U+0080 to U+00BF in UTF-8
_SINGLE_CSI = 0x9B
_SINGLES = frozenset(each + 0x40 for each in b"[O]P_^X\\")
"""Controls of one character that begin or end something; the others are no keys and do nothing."""
_CANCELS = (0x18, 0x1A)
_INTRODUCERS = b"]P_^X"
_PASTE_END, _SINGLE_PASTE_END = b"\x1b[201~", b"\x9b201~"
_MOUSE_BYTES = 3
_LONGEST_BEGINNING = 16
"""Bytes by which an answer is told from what a person types."""
_LONGEST_REPLY = 64
"""Bytes that are kept of an answer, for who wants to know what it says: longer ones are cut."""

_State: TypeAlias = Literal["ground", "escape", "csi", "mouse", "guess", "string", "paste"]


class PassedBytes(NamedTuple):
    """Bytes that go on to the reader of keys.

    Attributes:
        data: The bytes.
        repeat: The terminal itself says that the key is held down (kitty keyboard protocol).
        complete: Nothing belongs to them that is still to come: a lone ESC is the escape key.
    """

    data: bytes
    repeat: bool = False
    complete: bool = False


class _Arrival(NamedTuple):
    """How a byte has come, which tells a person from a terminal.

    Attributes:
        now: When.
        together: So soon behind the byte before it that nobody typed both.
        alone: Its read gave one character, as the keys of a person come.
    """

    now: float
    together: bool
    alone: bool


class ByteFilter:
    """Decides for each byte whether a reader of keys may see it.

    Args:
        escape_delay: Seconds for which the rest of a sequence is waited for behind an ESC.
    """

    def __init__(self, escape_delay: float = 0.1) -> None:
        self._escape_delay = escape_delay
        self._state: _State = "ground"
        self._held = b""  # of a sequence; in a guess, of the escape that is still kept back
        self._handed_on = False  # the beginning of the sequence has gone on, as it came too slowly
        self._kind = 0  # the introducer of the string
        self._body = b""  # what followed it
        self._length = 0
        self._is_answer = False  # the string begins like one
        self._joined = False  # ESC and what it introduces came together
        self._may_end = False  # an ESC has come in the string, which `\\` makes its end
        self._to_come = 0  # bytes of a mouse report
        self._wide = False  # its last one may begin a character of two bytes, as in mode 1005
        self._single = False  # the sequence, or the paste, began with a control of one character
        self._begun_character = False  # `C2` has come: a control may follow
        self._continuing = 0  # bytes that are still to come of a character of UTF-8
        self._last = float("-inf")
        self._escaped_at = float("-inf")  # an escape key went on; a string may still follow
        self._doubted: tuple[int, float] = (0, float("-inf"))
        self._out: list[PassedBytes] = []
        self._replies: list[bytes] = []

    def take_replies(self) -> list[bytes]:
        """Return what OSC strings that have ended since the last time say, each once: their bytes
        without introducer and end, the first 64 of them."""
        replies, self._replies = self._replies, []
        return replies

    @property
    def deadline(self) -> float | None:
        """When `tick` has something to do at the latest; None while nothing is kept back."""
        if self._state in ("escape", "csi") and not self._handed_on:
            return None if self._is_no_typing() else self._last + self._escape_delay
        if self._state == "guess":
            return self._last + self._guess_time()
        return None

    def feed(self, data: bytes, now: float) -> list[PassedBytes]:
        """Take bytes as they were read.

        Args:
            data: What one read gave.
            now: Seconds on a clock that only goes forward.

        Returns:
            What may be read as keys, in order.
        """
        self._give_up(now)
        together = now - self._last <= TOGETHER
        alone = is_one_character(data)
        if self._leaves_string(together=together, alone=alone, first=data[:1]):
            self._forget()
        if self._state == "ground" and self._resumes_doubted(data, now):
            self._kind, self._body = self._doubted[0], b""
            self._begin_string()
        self._doubted = (0, 0.0)
        came, behind = _Arrival(now, together, alone), _Arrival(now, True, alone)
        for byte in data:
            self._take_character(byte, came)
            came = behind
            self._last = now
        return self._flush()

    def tick(self, now: float) -> list[PassedBytes]:
        """Give what has been kept back long enough.

        Args:
            now: Seconds on the clock of `feed`.
        """
        self._give_up(now)
        return self._flush()

    # -- time ----------------------------------------------------------------------------------

    def _guess_time(self) -> float:
        """Return for how long what may begin a string is kept back."""
        if self._joined and not self._body:
            return PATIENCE
        return GUESS if self._kind in BEGINNINGS else TOGETHER

    def _give_up(self, now: float) -> None:
        silence = now - self._last
        waits = self._state in ("escape", "csi") and not self._is_no_typing()
        if waits and silence >= self._escape_delay:
            self._hand_on()
        if self._state == "guess" and silence >= self._guess_time():
            self._believe_person(now)
        # A paste ends with its end only: what lag holds back of it is no key either.
        if self._state in ("csi", "mouse", "string") and silence > PATIENCE:
            self._forget()

    def _is_no_typing(self) -> bool:
        """Tell whether nobody can have typed what is held: `ESC [` that came together, `ESC [ ?`,
        which begins an answer, and a control of one character."""
        if self._state != "csi":
            return False
        return self._single or self._joined or self._held[2:3] in (b"<", b"=", b">", b"?")

    def _leaves_string(self, *, together: bool, alone: bool, first: bytes) -> bool:
        """Tell whether the string at hand is over without its end, before a new read is looked at.

        One that is too long, or does not begin like an answer, ends with the first character that
        comes alone, as those of a person do. Many at once are more of it, which lag has held up: a
        clipboard is longer than any limit.
        """
        if self._state != "string" or together or self._may_end:
            return False
        is_doubtful = self._length > LONGEST or not self._is_answer
        return is_doubtful and alone and first not in (b"\x07", b"\x1b")

    def _forget(self) -> None:
        self._state, self._held, self._body, self._may_end = "ground", b"", b"", False
        self._single = False

    # -- bytes ---------------------------------------------------------------------------------

    def _take_character(self, byte: int, came: _Arrival) -> None:
        """Take a byte of UTF-8; a control of one character as the two bytes that it stands for."""
        if self._state == "mouse" and self._take_in_mouse_report(byte, came.now):
            return
        begun, self._begun_character = self._begun_character, False
        is_control = 0x80 <= byte < 0xA0 and not self._continuing
        if is_control and (begun or byte in _SINGLES):
            self._take_control(byte, came)
            return
        if begun:
            self._take(_LEAD_C2, came)
        if byte == _LEAD_C2:
            self._begun_character = True
            return
        self._continuing = bytes_behind(byte, self._continuing)
        self._take(byte, came)

    def _take_in_mouse_report(self, byte: int, now: float) -> bool:
        """Take a byte while a mouse report is read; False if the report was complete before it."""
        if self._wide and 0x80 <= byte < 0xC0:  # the second byte of a number, which counts as one
            self._wide = False
            if self._to_come == 0:
                self._forget()
            return True
        if self._to_come == 0:  # its last number had one byte after all
            self._forget()
            return False
        self._begun_character, self._continuing = False, 0  # its bytes are numbers, no characters
        self._take_mouse(byte, now)
        return True

    def _take_control(self, control: int, came: _Arrival) -> None:
        """Take a control of one character, U+0080 to U+009F."""
        introducer = control - 0x40
        if self._state == "paste":
            self._take_control_of_paste(control)
        elif introducer == _BACKSLASH and self._state not in ("guess", "string"):
            return  # it ends nothing
        elif control in _SINGLES:
            self._take(_ESC, came)
            self._take(introducer, _Arrival(came.now, True, came.alone))
            self._single = self._state == "csi"

    def _take(self, byte: int, came: _Arrival) -> None:
        if self._state == "ground":
            self._take_ground(byte, came.now)
        elif self._state == "escape":
            self._take_escape(byte, together=came.together)
        elif self._state == "csi":
            self._take_csi(byte, came.now)
        elif self._state == "guess":
            self._take_guess(byte, came)
        elif self._state == "string":
            self._take_string(byte, came)
        else:
            self._take_paste(byte)

    def _take_ground(self, byte: int, now: float) -> None:
        # Lag may hold up what follows an ESC for so long that the escape key has gone on. A `]` or
        # `[` behind it is then watched all the same: it may begin an answer.
        escaped = now - self._escaped_at <= PATIENCE
        self._escaped_at = float("-inf")
        if byte == _ESC:
            self._state, self._held, self._handed_on = "escape", b"\x1b", False
        elif escaped and byte in _INTRODUCERS:
            self._begin_guess(byte, joined=False)
        elif escaped and byte == ord("["):
            self._state, self._held, self._handed_on = "csi", b"\x1b[", True
            self._joined = False
            self._emit(b"[")
        else:
            self._emit(bytes((byte,)))

    def _take_escape(self, byte: int, *, together: bool) -> None:
        if byte == _ESC:
            self._emit(b"\x1b", complete=True)
        elif byte == ord("["):
            self._state, self._held, self._joined = "csi", b"\x1b[", together
        elif byte in _INTRODUCERS:
            self._begin_guess(byte, joined=together)
        else:
            self._forget()
            self._emit(b"\x1b" + bytes((byte,)))

    def _take_csi(self, byte: int, now: float) -> None:
        """Take a byte behind `ESC [`: parameters follow until a byte from `@` to `~` ends them."""
        if byte < 0x20 or byte > 0x7E:  # no sequence after all
            # What came together, or began with a control of one character, nobody typed; and what
            # has gone on already goes on only once.
            if not (self._handed_on or self._single or self._joined):
                self._emit(self._held)
            self._forget()
            self._take_ground(byte, now)
            return
        # The Linux console's F1 to F5 are `ESC [ [ A` to `E`: the second bracket ends nothing.
        console = self._held == b"\x1b[" and byte == ord("[")
        self._held += bytes((byte,))
        if self._handed_on:
            self._emit(bytes((byte,)))
        if byte < 0x40 or console:
            if len(self._held) > LONGEST:
                self._forget()
            return
        self._finish_csi()

    def _finish_csi(self) -> None:
        sequence, handed_on, single = self._held, self._handed_on, self._single
        self._forget()
        if sequence == b"\x1b[M":
            self._state, self._to_come, self._wide = "mouse", _MOUSE_BYTES, False
            return
        if sequence == b"\x1b[200~":
            self._state, self._single = "paste", single
        if not handed_on and KEY.fullmatch(sequence):
            self._emit_sequence(sequence)

    def _emit_sequence(self, sequence: bytes) -> None:
        """Hand a sequence on; one of the kitty protocol as other terminals send the key."""
        event = KEY_EVENT.fullmatch(sequence)
        if event is None or not (b":" in sequence or sequence.endswith(b"u")):
            self._emit(sequence)
            return
        kind = event["event"]
        plain = None if kind == RELEASED else as_others_send(event)
        if plain is not None:
            self._emit(plain, repeat=kind == REPEATED, complete=plain == b"\x1b")

    def _take_mouse(self, byte: int, now: float) -> None:
        self._to_come -= 1
        self._wide = 0xC2 <= byte < 0xE0
        if (self._to_come == 0 and not self._wide) or byte < 0x20:
            self._forget()
        if byte < 0x20:
            self._take_ground(byte, now)

    def _take_paste(self, byte: int) -> None:
        """Hand a bracketed paste on, up to its end.

        An ESC of the pasted text is left out: a reader of keys would take what follows it for keys.
        """
        one = bytes((byte,))
        end = _SINGLE_PASTE_END if self._held[:1] == _SINGLE_PASTE_END[:1] else _PASTE_END
        if self._held and not end.startswith(self._held + one):
            self._emit(self._held[1:])
            self._held, end = b"", _PASTE_END
        if not end.startswith(self._held + one):
            self._emit(one)
            return
        self._held += one
        if self._held == end:
            self._emit(_PASTE_END)
            self._forget()

    def _take_control_of_paste(self, control: int) -> None:
        """Take a control of one character within a paste: it is text, unless the terminal marks
        pastes with such controls and it may begin the end."""
        if control == _SINGLE_CSI and self._single:
            self._emit(self._held[1:])
            self._held = _SINGLE_PASTE_END[:1]
            return
        self._take_paste(_LEAD_C2)
        self._take_paste(control)

    # -- strings -------------------------------------------------------------------------------

    def _begin_guess(self, byte: int, *, joined: bool) -> None:
        """Wait for what follows an introducer; the escape before it is in `_held` until then."""
        self._state, self._kind, self._body, self._joined = "guess", byte, b"", joined

    def _take_guess(self, byte: int, came: _Arrival) -> None:
        body = self._body + bytes((byte,))
        ends = byte in (_ESC, _BEL)
        # An end is a key of its own, escape or ctrl+g: only where the beginning came together was
        # it sent with it.
        sent = came.together or (self._joined if ends else not came.alone)
        if sent or begins_like_answer(self._kind, body):
            self._begin_string()
            self._take_string(byte, came)
        elif not ends and may_begin_answer(self._kind, body):
            self._body = body
        else:
            self._believe_person(came.now)
            self._take_ground(byte, came.now)

    def _believe_person(self, now: float) -> None:
        """Hand on what was kept back: it was typed. `ESC ]` sent together was no key of ours."""
        escape, typed = self._held, bytes((self._kind,)) + self._body
        joined, kind, body = self._joined, self._kind, self._body
        self._forget()
        if joined:
            typed = body
        elif escape:
            self._emit(escape, complete=True)
        if typed:
            self._emit(typed)
        if not body:
            self._doubted = (kind, now + PATIENCE)

    def _resumes_doubted(self, data: bytes, now: float) -> bool:
        """Tell whether many bytes at once are the rest of a string that was taken for a key."""
        kind, until = self._doubted
        if not kind or now > until or len(data) < 2 or data[0] == _ESC:
            return False
        return begins_like_answer(kind, data)

    def _begin_string(self) -> None:
        self._state, self._held = "string", b""
        self._length, self._is_answer, self._may_end = 0, False, False

    def _take_string(self, byte: int, came: _Arrival) -> None:
        """Take a byte of a string: its end is BEL or `ESC \\`; others break it off."""
        self._length += 1
        if self._may_end:
            self._take_behind_escape(byte, came)
        elif byte == _ESC:
            self._may_end = True
        elif byte == _BEL:
            self._keep_reply()
            self._forget()
        elif byte in _CANCELS:
            self._forget()
        elif len(self._body) < (_LONGEST_REPLY if self._is_answer else _LONGEST_BEGINNING):
            self._body += bytes((byte,))
            self._is_answer = self._is_answer or begins_like_answer(self._kind, self._body)

    def _take_behind_escape(self, byte: int, came: _Arrival) -> None:
        """Take the byte behind an ESC in a string, which has ended with it or was cut off."""
        if byte == _BACKSLASH:
            self._keep_reply()
            self._forget()
        else:
            self._forget()
            self._cut_off_string(byte, came)

    def _keep_reply(self) -> None:
        """Keep what an OSC string says that has come to its end."""
        if self._is_answer and self._kind == ord("]"):
            self._replies.append(self._body)

    def _cut_off_string(self, byte: int, came: _Arrival) -> None:
        """Read on behind an ESC that ended no string: another sequence, or the escape key."""
        if came.together:
            self._state, self._held, self._handed_on = "escape", b"\x1b", False
            self._take_escape(byte, together=True)
        else:
            self._emit(b"\x1b", complete=True)
            self._take_ground(byte, came.now)

    # -- what goes on --------------------------------------------------------------------------

    def _hand_on(self) -> None:
        """Hand the beginning of a sequence on whose rest has not come in time."""
        if self._handed_on:
            return
        self._emit(self._held, complete=True)
        if self._state == "escape":
            self._forget()
            self._escaped_at = self._last
        else:
            self._handed_on = True

    def _emit(self, data: bytes, *, repeat: bool = False, complete: bool = False) -> None:
        if not data:
            return
        last = self._out[-1] if self._out else None
        if last is not None and not (last.complete or last.repeat or complete or repeat):
            self._out[-1] = PassedBytes(last.data + data)
        else:
            self._out.append(PassedBytes(data, repeat, complete))

    def _flush(self) -> list[PassedBytes]:
        out, self._out = self._out, []
        return out
