# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""What ``compiled`` is the door to: the merge loop on texts, and the check of stored rows.

Does what ``overwriting`` and ``intact`` do, or says that it does not and leaves it to them;
``tests/laws`` hold both to the same outcome. Text is taken as bytes of UTF-8 that others keep
alive; every step is bounded by its end, whatever it holds.
"""

cimport cython
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

from sync.core.conflicts import Lost
from sync.core.slots import FORMS_MAX, SLOTS_MAX
from sync.core.stamps import Stamp
from sync.core.state import is_increment
from sync.core.templates import template_of
from sync.core.text import canonical, parse
from sync.core.values import TOMBSTONE

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    bint PyUnicode_Check(object value)
    bint PyUnicode_CheckExact(object value)
    bint PyLong_CheckExact(object value)
    bint PyFloat_Check(object value)
    long long PyLong_AsLongLongAndOverflow(object value, int* overflow) except? -1

cdef enum:
    REGISTERS_MAX = 60
    WRITERS_MAX = 64
    KNOWN_MAX = 32
    TEMPLATES_MAX = 8

if SLOTS_MAX > REGISTERS_MAX:
    raise ImportError("the compiled part knows masks of fewer bits")

cdef object _new_tuple = tuple.__new__
cdef dict _templates = {}
"""By the keys of a change, templates of the forms it was met with."""


# --- texts ---------------------------------------------------------------------------------------

cdef struct Span:
    const char* at
    Py_ssize_t size


@cython.final
cdef class Buffer:
    """Bytes being written."""

    cdef char* data
    cdef Py_ssize_t size, room

    def __cinit__(self):
        self.room = 4096
        self.size = 0
        self.data = <char*>PyMem_Malloc(self.room)
        if self.data == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_Free(self.data)

    cdef inline int reserve(self, Py_ssize_t more) except -1:
        return self.grow(more) if self.size + more > self.room else 0

    cdef int grow(self, Py_ssize_t more) except -1:
        cdef Py_ssize_t room = self.room
        cdef char* data
        while self.size + more > room:
            room *= 2
        data = <char*>PyMem_Realloc(self.data, room)
        if data == NULL:
            raise MemoryError
        self.data, self.room = data, room
        return 0

    cdef inline int put(self, const char* text, Py_ssize_t size) except -1:
        self.reserve(size)
        memcpy(self.data + self.size, text, size)
        self.size += size
        return 0

    cdef int put_number(self, uint64_t number) except -1:
        cdef char[20] digits
        cdef int at = 20
        while True:
            at -= 1
            digits[at] = 48 + number % 10
            number //= 10
            if number == 0:
                break
        return self.put(digits + at, 20 - at)

    cdef str text(self, Py_ssize_t start):
        return PyUnicode_DecodeUTF8(self.data + start, self.size - start, NULL)


cdef inline Span _span(object text) except *:
    cdef Span span
    span.at = PyUnicode_AsUTF8AndSize(text, &span.size)
    return span


cdef inline const char* _value_end(const char* at, const char* end) noexcept nogil:
    """Where a value ends that is no map; NULL where there is none."""
    cdef Py_ssize_t depth = 0
    cdef const char* start = at
    if at >= end or at[0] == b"{":
        return NULL
    if at[0] != b'"' and at[0] != b"[":
        while at < end and at[0] != b"," and at[0] != b"}" and at[0] != b"]":
            at += 1
        return at if at > start else NULL
    while at < end:
        if at[0] == b'"':
            at += 1
            while at < end and at[0] != b'"':
                at += 2 if at[0] == b"\\" else 1
        elif at[0] == b"[":
            depth += 1
        elif at[0] == b"]":
            depth -= 1
        at += 1
        if depth == 0:
            return at if at <= end else NULL
    return NULL


cdef int _put_text(Buffer out, object text) except -1:
    """The canonical spelling of a text."""
    cdef Span span = _span(text)
    cdef Py_ssize_t i
    cdef uint8_t c
    out.reserve(6 * span.size + 2)
    cdef char* to = out.data + out.size
    to[0] = b'"'
    to += 1
    for i in range(span.size):
        c = <uint8_t>span.at[i]
        if c >= 0x20 and c != 0x22 and c != 0x5C:
            to[0] = c
            to += 1
            continue
        to[0] = b"\\"
        to[1] = c
        if c == 8:
            to[1] = b"b"
        elif c == 9:
            to[1] = b"t"
        elif c == 10:
            to[1] = b"n"
        elif c == 12:
            to[1] = b"f"
        elif c == 13:
            to[1] = b"r"
        elif c < 0x20:
            memcpy(to + 1, b"u00", 3)
            to[4] = 48 + (c >> 4)
            to[5] = (48 if (c & 15) < 10 else 87) + (c & 15)
            to += 4
        to += 2
    to[0] = b'"'
    out.size = to + 1 - out.data
    return 0


cdef bint _put_value(Buffer out, object value) except -1:
    """The canonical text of a value; False for those whose sameness their text does not tell."""
    cdef int overflow = 0
    cdef int64_t number
    cdef Span span
    if PyUnicode_CheckExact(value):
        _put_text(out, value)
    elif PyLong_CheckExact(value):
        number = PyLong_AsLongLongAndOverflow(value, &overflow)
        if overflow:
            return False
        if number < 0:
            out.put(b"-", 1)
            out.put_number(0 - <uint64_t>number)
        else:
            out.put_number(<uint64_t>number)
    elif value is None:
        out.put(b"null", 4)
    elif value is True:
        out.put(b"true", 4)
    elif value is False:
        out.put(b"false", 5)
    elif value is TOMBSTONE or (PyFloat_Check(value) and value == 0.0):  # 0.0 is the same as -0.0
        return False
    else:
        text = canonical(value)
        span = _span(text)
        out.put(span.at, span.size)
    return True


# --- the meta of a row ---------------------------------------------------------------------------

cdef struct Writer:
    uint64_t hlc, site, mask


cdef struct Meta:
    Writer base
    Writer[WRITERS_MAX] others
    int count


cdef inline bint _is(const char** at, const char* end, char c) noexcept nogil:
    """Whether the next character is this one; it is then behind us."""
    if at[0] < end and at[0][0] == c:
        at[0] += 1
        return True
    return False


cdef inline bint _number(const char** at, const char* end, uint64_t* number) noexcept nogil:
    cdef const char* start = at[0]
    cdef uint64_t found = 0
    while at[0] < end and b"0" <= at[0][0] <= b"9":
        found = found * 10 + (at[0][0] - 48)
        at[0] += 1
    number[0] = found
    return 0 < at[0] - start < 20


cdef bint _read_meta(const char* at, const char* end, Meta* meta) noexcept nogil:
    """Whether a meta names its writers by masks, and has no leaves that the body does not show."""
    cdef Writer* writer
    meta.count = 0
    if not (_is(&at, end, b"[") and _number(&at, end, &meta.base.hlc) and _is(&at, end, b",")
            and _number(&at, end, &meta.base.site)):
        return False
    if _is(&at, end, b","):
        if not _is(&at, end, b"["):
            return False
        while True:
            if meta.count == WRITERS_MAX - 1:
                return False
            writer = &meta.others[meta.count]
            if not (_is(&at, end, b"[") and _number(&at, end, &writer.hlc) and _is(&at, end, b",")
                    and _number(&at, end, &writer.site) and _is(&at, end, b",")
                    and _number(&at, end, &writer.mask) and _is(&at, end, b"]")):
                return False
            meta.count += 1
            if not _is(&at, end, b","):
                break
        if not _is(&at, end, b"]"):
            return False
    return _is(&at, end, b"]") and at == end


cdef int _put_meta(Buffer out, Meta* meta) except -1:
    cdef int i
    cdef Writer* writer
    out.put(b"[", 1)
    out.put_number(meta.base.hlc)
    out.put(b",", 1)
    out.put_number(meta.base.site)
    out.put(b",[", 2)
    cdef bint is_first = True
    for i in range(meta.count):
        writer = &meta.others[i]
        if writer.mask == 0:
            continue
        out.put(b"[" if is_first else b",[", 1 if is_first else 2)
        is_first = False
        out.put_number(writer.hlc)
        out.put(b",", 1)
        out.put_number(writer.site)
        out.put(b",", 1)
        out.put_number(writer.mask)
        out.put(b"]", 1)
    return out.put(b"]]", 2)


# --- the check of a row --------------------------------------------------------------------------

cdef uint32_t[16][256] _crc


cdef void _prepare() noexcept:
    cdef uint32_t n, i, value
    for n in range(256):
        value = n
        for i in range(8):
            value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
        _crc[0][n] = value
    for n in range(256):
        for i in range(1, 16):
            _crc[i][n] = (_crc[i - 1][n] >> 8) ^ _crc[0][_crc[i - 1][n] & 255]


_prepare()


cdef uint32_t _check(uint32_t crc, const char* text, Py_ssize_t size) noexcept nogil:
    """CRC-32 as ``zlib`` has it, sixteen bytes a step, of what follows what ``crc`` is of."""
    cdef const uint8_t* at = <const uint8_t*>text
    crc = ~crc
    while size >= 16:
        crc ^= at[0] | at[1] << 8 | at[2] << 16 | <uint32_t>at[3] << 24
        crc = (
            _crc[15][crc & 255] ^ _crc[14][crc >> 8 & 255] ^ _crc[13][crc >> 16 & 255]
            ^ _crc[12][crc >> 24] ^ _crc[11][at[4]] ^ _crc[10][at[5]] ^ _crc[9][at[6]]
            ^ _crc[8][at[7]] ^ _crc[7][at[8]] ^ _crc[6][at[9]] ^ _crc[5][at[10]]
            ^ _crc[4][at[11]] ^ _crc[3][at[12]] ^ _crc[2][at[13]] ^ _crc[1][at[14]]
            ^ _crc[0][at[15]]
        )
        at += 16
        size -= 16
    while size > 0:
        crc = crc >> 8 ^ _crc[0][(crc ^ at[0]) & 255]
        at += 1
        size -= 1
    return ~crc


cdef uint32_t _check_of(Span doc_id, Span meta, Span body, Span ghost) noexcept nogil:
    cdef uint32_t crc = _check(0, doc_id.at, doc_id.size)
    crc = _check(crc, b"\n", 1)
    crc = _check(crc, meta.at, meta.size)
    crc = _check(crc, b"\n", 1)
    crc = _check(crc, body.at, body.size)
    crc = _check(crc, b"\n", 1)
    return _check(crc, ghost.at, ghost.size)


cdef inline Span _shown(object text) except *:
    """A text, or what an f-string makes of None."""
    cdef Span span
    if text is None:
        span.at, span.size = b"None", 4
        return span
    return _span(text)


cdef inline int _put_check(Buffer out, uint32_t crc) except -1:
    cdef int i
    cdef uint32_t digit
    out.put(b"~", 1)
    out.reserve(8)
    for i in range(8):
        digit = crc >> (28 - 4 * i) & 15
        out.data[out.size + i] = (48 if digit < 10 else 87) + digit
    out.size += 8
    return 0


cdef Buffer _sealing = Buffer()


def sealed(str doc_id, str body, str meta, str ghost):
    """``intact.sealed``."""
    cdef Buffer out = _sealing
    cdef Span text = _span(meta)
    out.size = 0
    out.put(text.at, text.size)
    _put_check(out, _check_of(_span(doc_id), text, _shown(body), _shown(ghost)))
    return out.text(0)


def opened(doc_id, body, stored, ghost):
    """``intact.opened``."""
    cdef Span text
    for each in (doc_id, stored):
        if not PyUnicode_Check(each):
            return None
    for each in (body, ghost):
        if each is not None and not PyUnicode_Check(each):
            return None
    text = _span(stored)
    if _is_sealed(_span(doc_id), &text, _shown(body), _shown(ghost)):
        return PyUnicode_DecodeUTF8(text.at, text.size, NULL)
    return stored if stored.endswith("]") else None


cdef bint _is_sealed(Span doc_id, Span* stored, Span body, Span ghost) except -1:
    """Whether the check at the end of a stored meta is that of the row; it is then cut off."""
    cdef Span meta = stored[0]
    cdef Buffer out = _sealing
    if meta.size < 9:
        return False
    meta.size -= 9
    out.size = 0
    _put_check(out, _check_of(doc_id, meta, body, ghost))
    if memcmp(out.data, meta.at + meta.size, 9) != 0:
        return False
    stored[0] = meta
    return True


# --- merging -------------------------------------------------------------------------------------

@cython.final
cdef class _Template:
    """A template, ready for use."""

    cdef tuple pieces, keys
    cdef Span[REGISTERS_MAX + 1] between
    cdef uint64_t[REGISTERS_MAX] bits
    cdef int[REGISTERS_MAX] places
    cdef int count, deleted, values
    cdef uint64_t touched
    cdef dict picked

    def __init__(self, pieces, bits, places, keys, deleted):
        cdef bytes piece
        cdef int i
        self.count, self.deleted = len(bits), deleted
        if self.count > REGISTERS_MAX:
            raise ValueError("too many registers")
        self.pieces, self.keys, self.picked = tuple(pieces), keys, {}
        for i in range(self.count + 1):
            piece = self.pieces[i]
            self.between[i].at, self.between[i].size = piece, len(piece)
        for i in range(self.count):
            self.bits[i], self.places[i] = bits[i], places[i]
            if self.places[i] >= 0:
                self.touched |= self.bits[i]
                self.values += 1

    cdef bint fits(self, const char* at, const char* end, Span* found) noexcept nogil:
        """Find the values in a body, if it is one of these."""
        cdef int i
        cdef Span* piece
        for i in range(self.count):
            piece = &self.between[i]
            if end - at < piece.size or memcmp(at, piece.at, piece.size) != 0:
                return False
            at += piece.size
            found[i].at = at
            at = _value_end(at, end)
            if at == NULL:
                return False
            found[i].size = at - found[i].at
        piece = &self.between[self.count]
        return end - at == piece.size and memcmp(at, piece.at, piece.size) == 0

    cdef tuple picks(self, uint64_t mask):
        """The keys of some slots."""
        found = self.picked.get(mask)
        if found is None:
            if len(self.picked) >= FORMS_MAX:
                self.picked.clear()
            chosen = tuple([self.keys[i] for i in range(self.count) if self.bits[i] & mask])
            found = self.picked[mask] = chosen
        return found


cdef struct Known:
    uint64_t hlc, site


@cython.final
cdef class Splicing:
    """Merges changes of one stamp by their texts: ``Overwriting`` for the commonest of them."""

    cdef object stamp, site_of, replica_of, losses, doc_id
    cdef bytes start
    cdef uint64_t now
    cdef int64_t site
    cdef Py_ssize_t split, count
    cdef tuple keys
    cdef list templates, kept, others
    cdef dict by_keys, places
    cdef Buffer out, came, told
    cdef Known[KNOWN_MAX] known
    cdef Span[REGISTERS_MAX] held, new
    cdef Meta meta

    def __init__(self, stamp, site_of, replica_of, losses):
        self.stamp, self.site_of, self.replica_of, self.losses = stamp, site_of, replica_of, losses
        self.now, self.site = stamp[0], -1
        self.out, self.came, self.told = Buffer(), Buffer(), Buffer()
        self.kept, self.others, self.by_keys, self.places = [], [], {}, {}

    def turn_to(self, stamp, losses):
        """Merge changes of another stamp from here on, and tell of what lost elsewhere."""
        self.stamp, self.losses, self.now, self.site = stamp, losses, stamp[0], -1
        self.others.clear()
        self.places.clear()
        if len(self.kept) > FORMS_MAX:
            self.keys = None
            self.by_keys.clear()
            self.kept.clear()

    def merged(self, str body, str meta, tuple keys, tuple values):
        """``Overwriting.merged``, or None where it has to do it."""
        cdef Span text = _span(meta)
        lost = []
        if self.losses is not None or not self._merge(body, text, keys, values, lost):
            return None
        if self.out.size == 0:
            return None, meta, lost
        return PyUnicode_DecodeUTF8(self.out.data, self.split, NULL), self.out.text(self.split), lost

    def over(self, collection, list rows, changes):
        """``Overwriting.over`` of those rows that it need not do: (ids, bodies, sealed metas,
        places, the other rows)."""
        cdef list ids = [], bodies = [], metas = [], places = [], rest = []
        cdef Span stored, named, text, none = _shown(None)
        cdef tuple row
        self.start, self.told.size, self.count = f'["{collection}",'.encode(), 0, 0
        for row in rows:
            doc_id, body, meta, ghost, place = row
            if (ghost is not None or not PyUnicode_Check(body) or not PyUnicode_Check(meta)
                    or not PyUnicode_Check(doc_id)):
                rest.append(row)
                continue
            change, stored, named, text = changes[doc_id], _span(meta), _span(doc_id), _span(body)
            if not (_is_sealed(named, &stored, text, none)
                    and self._overwrite(doc_id, body, stored, change)):
                rest.append(row)
                continue
            if self.out.size:
                text.at, text.size = self.out.data, self.split
                stored.at, stored.size = text.at + text.size, self.out.size - text.size
                _put_check(self.out, _check_of(named, stored, text, none))
                ids.append(doc_id)
                bodies.append(PyUnicode_DecodeUTF8(self.out.data, self.split, NULL))
                metas.append(self.out.text(self.split))
                places.append(place)
        if self.count:
            self.losses.take(self.told.text(0), self.count)
        return ids, bodies, metas, places, rest

    cdef bint _overwrite(self, doc_id, body, Span meta, change) except -1:
        """``_merge``, and put what lost among what is told."""
        cdef Py_ssize_t told = self.told.size, count = self.count
        self.doc_id = doc_id
        if self._merge(body, meta, change[2], change[3], None):
            return True
        self.told.size, self.count = told, count
        return False

    cdef _Template _fitting(self, str body, const char* at, const char* end):
        """The template of a body, with its values in ``held``."""
        cdef _Template template
        if self.templates is None:
            return None
        for each in self.templates:
            template = <_Template>each
            if template.fits(at, end, self.held):
                return template
        if len(self.templates) >= TEMPLATES_MAX:
            return None
        made = template_of(body, self.keys)
        if made is None:
            return None
        template = _Template(*made)
        self.templates.append(template)
        return template if template.fits(at, end, self.held) else None

    cdef int _turn_to(self, tuple keys) except -1:
        """Look for templates for changes of these keys."""
        found = self.by_keys.get(<size_t><void*>keys)
        if found is None and any([is_increment(key) for key in keys]):
            self.keys, self.templates = keys, None  # of one batch alone, and not for us
            return 0
        if found is None:
            if len(_templates) >= FORMS_MAX:
                _templates.clear()
            found = _templates.setdefault(keys, [])
            self.by_keys[<size_t><void*>keys] = found
            self.kept.append(keys)  # or its number could become another's
        self.keys, self.templates = keys, found
        return 0

    cdef bint _merge(self, str body, Span text, tuple keys, tuple values, list lost) except -1:
        """Merge into ``out``: body, then meta from ``split`` on; nothing where nothing won."""
        cdef Span whole = _span(body)
        cdef Meta* meta = &self.meta
        cdef _Template template
        cdef Writer* writer
        cdef uint64_t differing = 0, left, won, both
        cdef int i
        if keys is not self.keys:
            self._turn_to(keys)
        if not _read_meta(text.at, text.at + text.size, meta):
            return False
        template = self._fitting(body, whole.at, whole.at + whole.size)
        if template is None or template.values != len(values):
            return False
        i = template.deleted
        if i >= 0 and self.held[i].size == 4 and memcmp(self.held[i].at, b"true", 4) == 0:
            return False
        if not self._read(template, values, &differing):
            return False
        left = won = template.touched
        for i in range(meta.count + 1):
            writer = &meta.base if i == meta.count else &meta.others[i]
            both = left if i == meta.count else writer.mask & left
            if both == 0:
                continue
            if writer.hlc > self.now:
                won ^= both
            elif writer.hlc == self.now:
                return False
            elif i < meta.count:
                writer.mask ^= both
            left ^= both
            if both & differing:
                self._lose(template, writer, both & differing, lost)
        self.out.size = 0
        if won:
            self._write(template, won)
        return True

    cdef bint _read(self, _Template template, tuple values, uint64_t* differing) except -1:
        """Spell what came for each register into ``new``, and find where it says another thing."""
        cdef Buffer came = self.came
        cdef Py_ssize_t start
        cdef Span* held
        cdef Span* new
        cdef int i
        came.size = 0
        for i in range(template.count):
            if template.places[i] < 0:
                continue
            start = came.size
            if not _put_value(came, values[template.places[i]]):
                return False
            self.new[i].at, self.new[i].size = <const char*>start, came.size - start
        for i in range(template.count):  # now that the buffer stays where it is
            if template.places[i] < 0:
                continue
            held, new = &self.held[i], &self.new[i]
            new.at = came.data + <Py_ssize_t>new.at
            if held.size != new.size or memcmp(held.at, new.at, held.size) != 0:
                differing[0] |= template.bits[i]
        return True

    cdef int _write(self, _Template template, uint64_t won) except -1:
        cdef Buffer out = self.out
        cdef Meta* meta = &self.meta
        cdef Writer* writer
        cdef Span* value
        cdef int i
        for i in range(template.count):
            out.put(template.between[i].at, template.between[i].size)
            value = &self.new[i] if template.bits[i] & won else &self.held[i]
            out.put(value.at, value.size)
        value = &template.between[template.count]
        out.put(value.at, value.size)
        self.split = out.size
        writer = &meta.others[meta.count]
        meta.count += 1
        if self.site < 0:
            self.site = self.site_of(self.stamp[1])
        writer.hlc, writer.site, writer.mask = self.now, self.site, won
        return _put_meta(out, meta)

    cdef int _lose(self, _Template template, Writer* writer, uint64_t mask, list lost) except -1:
        """What lost between the change and a writer, who wrote what is held, if that is asked.
        Without a list for it, it is told."""
        cdef Span* losing = self.held
        cdef Span* winning = self.new
        cdef Buffer out
        between = self._between(writer)
        if between is None:
            return 0
        if writer.hlc > self.now:
            losing, winning = winning, losing
        keys = template.picks(mask)
        if lost is None:
            self._tell(template, <bytes>between, mask, keys, losing, winning)
            return 0
        out = self.out
        for values in range(2):
            out.size = 0
            _put_list(out, template, mask, winning if values else losing)
            between += (tuple(parse(out.text(0))),)
        lost.append(_new_tuple(Lost, ("overwritten", *between[:2], keys, *between[2:])))
        return 0

    cdef int _tell(
        self, _Template template, bytes between, uint64_t mask, tuple keys,
        Span* losing, Span* winning,
    ) except -1:
        """Put a record as ``Losses.text`` has it."""
        cdef Buffer told = self.told
        place = self.places.get(<size_t><void*>keys)
        if place is None:
            place = self.losses.place(keys)
            self.places[<size_t><void*>keys] = place
            self.kept.append(keys)  # or its number could become another's
        if told.size:
            told.put(b",", 1)
        told.put(self.start, len(self.start))
        _put_text(told, self.doc_id)
        told.put(between, len(between))
        told.put_number(place)
        told.put(b",", 1)
        _put_list(told, template, mask, losing)
        told.put(b",", 1)
        _put_list(told, template, mask, winning)
        self.count += len(keys)
        return told.put(b"]", 1)

    cdef object _between(self, Writer* writer):
        """The change and another writer, loser first, or what records say of the two; None where
        nobody asks."""
        cdef int i
        cdef int count = len(self.others)
        for i in range(count):
            if self.known[i].hlc == writer.hlc and self.known[i].site == writer.site:
                return self.others[i]
        if count == KNOWN_MAX:
            self.others.clear()
            count = 0
        other = _new_tuple(Stamp, (writer.hlc, self.replica_of(writer.site)))
        between = (self.stamp, other) if writer.hlc > self.now else (other, self.stamp)
        if self.losses is not None:
            pair = self.losses.pair("overwritten", *between)
            between = None if pair is None else b',"overwritten",%d,%d,' % pair
        self.others.append(between)
        self.known[count].hlc, self.known[count].site = writer.hlc, writer.site
        return between


cdef int _put_list(Buffer out, _Template template, uint64_t mask, Span* values) except -1:
    """A list of the values of some slots."""
    cdef int i
    cdef bint is_first = True
    for i in range(template.count):
        if template.bits[i] & mask:
            out.put(b"[" if is_first else b",", 1)
            is_first = False
            out.put(values[i].at, values[i].size)
    return out.put(b"]", 1)
