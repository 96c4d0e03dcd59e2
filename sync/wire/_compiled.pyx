# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""What ``compiled`` is the door to: the commonest line, read.

Does what ``small_parts`` does, or says that it does not and leaves it to it; ``tests/laws`` hold
both to the same outcome. Every step is bounded by the end of the line.
"""

from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcmp, strlen

from sync.core.batch import Change, Context
from sync.core.conflicts import Provenance
from sync.core.decode import NAME_BYTES_MAX
from sync.core.text import parse
from sync.core.values import ID_BYTES_MAX
from sync.wire.messages import Part
from sync.wire.remembered import counting, new_shape, new_writer, shapes, writers

cdef extern from *:
    """
    /* A named tuple of these fields, as tuple.__new__ makes one. */
    static PyObject* named(PyObject* kind, PyObject* fields) {
        Py_ssize_t i, size = PyTuple_GET_SIZE(fields);
        PyObject* made = ((PyTypeObject*)kind)->tp_alloc((PyTypeObject*)kind, size);
        for (i = 0; made != NULL && i < size; i++) {
            Py_INCREF(PyTuple_GET_ITEM(fields, i));
            PyTuple_SET_ITEM(made, i, PyTuple_GET_ITEM(fields, i));
        }
        return made;
    }
    """
    object named(object kind, tuple fields)
    object PyUnicode_FromStringAndSize(const char* text, Py_ssize_t size)

cdef Py_ssize_t _NAME_MAX = NAME_BYTES_MAX, _ID_MAX = ID_BYTES_MAX
cdef dict _writers = writers, _shapes = shapes

cdef enum:
    DIGITS_MAX = 18


cdef struct Cursor:
    const char* at
    const char* end


cdef inline bint _skip(Cursor* cursor, const char* text) noexcept nogil:
    """Whether a text comes next; it is then behind us."""
    cdef Py_ssize_t size = strlen(text)
    if cursor.end - cursor.at < size or memcmp(cursor.at, text, size) != 0:
        return False
    cursor.at += size
    return True


cdef inline bint _number(Cursor* cursor, int64_t* number) noexcept nogil:
    """Whether a whole number comes next, spelt as ours are."""
    cdef const char* start = cursor.at
    cdef int64_t found = 0
    while cursor.at < cursor.end and b"0" <= cursor.at[0] <= b"9":
        if cursor.at - start == DIGITS_MAX:
            return False
        found = found * 10 + (cursor.at[0] - 48)
        cursor.at += 1
    number[0] = found
    return cursor.at - start == 1 or (cursor.at > start and start[0] != b"0")


cdef inline bint _string(Cursor* cursor, const char** start, Py_ssize_t* size) noexcept nogil:
    """Whether a text of plain ASCII comes next."""
    if not _skip(cursor, b'"'):
        return False
    start[0] = cursor.at
    while cursor.at < cursor.end and cursor.at[0] != b'"':
        if not 0x20 <= <uint8_t>cursor.at[0] < 0x80 or cursor.at[0] == b"\\":
            return False
        cursor.at += 1
    size[0] = cursor.at - start[0]
    return _skip(cursor, b'"')


cdef inline object _text(Cursor* cursor):
    cdef const char* start
    cdef Py_ssize_t size
    return PyUnicode_FromStringAndSize(start, size) if _string(cursor, &start, &size) else None


cdef inline bytes _columns(Cursor* cursor):
    """The text of a list of lists of texts."""
    cdef const char* start = cursor.at
    cdef const char* text
    cdef Py_ssize_t size, depth = 0
    while cursor.at < cursor.end:
        if cursor.at[0] == b'"':
            if not _string(cursor, &text, &size):
                return None
            continue
        if cursor.at[0] == b"[":
            depth += 1
        elif cursor.at[0] == b"]":
            depth -= 1
        elif cursor.at[0] != b",":
            return None
        cursor.at += 1
        if depth == 0:
            return start[: cursor.at - start]
    return None


cdef bint _values(Cursor* cursor, list values) except -1:
    """Whether plain values come next, each behind a comma, up to the end of a list."""
    cdef int64_t number
    cdef bint is_less
    while _skip(cursor, b","):
        if cursor.at < cursor.end and cursor.at[0] == b'"':
            text = _text(cursor)
            if text is None:
                return False
            values.append(text)
        elif _skip(cursor, b"null"):
            values.append(None)
        elif _skip(cursor, b"true"):
            values.append(True)
        elif _skip(cursor, b"false"):
            values.append(False)
        else:
            is_less = _skip(cursor, b"-")
            if not _number(cursor, &number):
                return False
            values.append(-number if is_less else number)
    return _skip(cursor, b"]")


def small_part(bytes line):
    """``small_parts.small_part``, or None where that has to look."""
    cdef Cursor cursor
    cdef int64_t seq, n, hlc, known, hub_seq
    cdef list values = []
    cursor.at = line
    cursor.end = cursor.at + len(line)
    if not (_skip(&cursor, b'{"k":"part","seq":') and _number(&cursor, &seq)
            and _skip(&cursor, b',"g":')):
        return None
    chain = _text(&cursor)
    if chain is None or not _skip(&cursor, b',"s":['):
        return None
    replica = _text(&cursor)
    if replica is None or not (_skip(&cursor, b",") and _number(&cursor, &n)
                               and _skip(&cursor, b",") and _number(&cursor, &hlc)
                               and _skip(&cursor, b",")):
        return None
    user = _text(&cursor)
    if user is None or not _skip(&cursor, b",["):
        return None
    epoch = _text(&cursor)
    if epoch is None or not (_skip(&cursor, b",") and _number(&cursor, &known)
                             and _skip(&cursor, b",[]],") and _number(&cursor, &hub_seq)
                             and _skip(&cursor, b'],"d":[[')):
        return None
    name = _text(&cursor)
    if name is None or not _skip(&cursor, b","):
        return None
    columns = _columns(&cursor)
    if columns is None or not _skip(&cursor, b",[["):
        return None
    doc_id = _text(&cursor)
    if doc_id is None or not (_values(&cursor, values)
                              and _skip(&cursor, b']]],"w":[],"x":[]}')):
        return None
    _skip(&cursor, b"\n")
    if cursor.at != cursor.end:
        return None
    if not (seq and n and hub_seq and len(chain) <= _NAME_MAX and 0 < len(doc_id) <= _ID_MAX):
        return None
    writer = _writers.get((replica, user, epoch))
    if writer is None:
        writer = new_writer(replica, user, epoch)
    shape = _shapes.get((name, columns))
    if shape is None:
        shape = new_shape((name, columns), parse(columns.decode()))
    collection, keys, counted = shape
    if len(keys) != len(values):
        return None
    replica, user, epoch = writer
    given = (*values,)
    if counted:
        keys = counting(keys, counted, given, (replica, n))
    context = named(Context, (epoch, known, ()))
    source = named(Provenance, (replica, n, hlc, user, context, hub_seq))
    change = named(Change, (collection, doc_id, keys, given))
    return named(Part, (seq, chain, source, (change,), (), (), None))
