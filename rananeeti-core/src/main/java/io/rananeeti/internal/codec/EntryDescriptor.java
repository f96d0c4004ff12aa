package io.rananeeti.internal.codec;

/**
 * The layout of an entry, format version 1. Numbers are big-endian.
 *
 * <pre>
 * offset  bytes  field
 *      0      1  format version, {@value #VERSION}
 *      1      1  flags, 0; a reader refuses any it does not know
 *      2      2  reserved, 0
 *      4      4  key id, 0 for "not encrypted"; reserved for encryption
 *      8      n  the record: one CBOR map (RFC 8949) of definite length with integer keys
 * </pre>
 *
 * <p>The maps, each with its keys; "?" marks what is left out where there is none. {@link
 * RecordCodec}, {@link TransactionCodec}, {@link ParameterFormat}, {@link ArrayFormat} and {@link
 * ValueCodec} write and read them.
 *
 * <pre>
 * record        0  kind, first of all: 1 opened, 2 registered, 3 accepted, 4 mark, 5 adopted,
 *                  6 lost, 7 leased, 8 drawn, 9 held, 10 retained, 11 era, 12 copied, 13 moved,
 *                  14 deferred
 *  opened       1  incarnation: uuid
 *               2  at: instant
 *  registered   1  store: text
 *               2  incarnation: uuid
 *  accepted     1  transaction: map
 *               2  in doubt: boolean
 *               3  by?: text
 *               4  reason?: text
 *  mark         1  id: [uuid, number]
 *               2  outcome: 1 applied, 2 accepted, 3 in doubt, 4 refused, 5 replaced, 6 discarded,
 *                  7 aborted, 8 unknown, 9 duplicate
 *               3  refusal?: [SQLSTATE, message]
 *               4  note?: text
 *               5  at: instant
 *               6  entry: sequence number of the entry that it marks
 *               7  by?: text
 *  adopted      1  store: text
 *               2  set aside below: sequence number
 *               3  at: instant
 *  lost         1  at: instant
 *  leased       1  store: text
 *               2  sequence: text
 *               3  from: number of the first value
 *               4  values: [first, count, step, first, count, step...]
 *  drawn        1  store: text
 *               2  sequence: text
 *               3  below: number of a value
 *  held         1  store: text
 *               2  held: boolean
 *               3  by: text
 *               4  reason: text
 *               5  at: instant
 *  retained     1  transaction: map
 *               2  again: boolean
 *               3  seen?: [sequence, value, sequence, value...]
 *  era          1  store: text
 *               2  epoch: integer
 *               3  lineage: integer
 *               4  writer: text
 *  copied       1  up to: sequence number of the copied log
 *               2  ticket: integer, 0 for none
 *  moved        1  id: [uuid, number]
 *               2  ticket: integer
 *  deferred     1  id: [uuid, number]
 *               2  entry: sequence number of what waits again
 * transaction   0  id: [uuid, number]
 *               1  store: text
 *               2  operations: [operation...]
 *               3  context: map
 *               4  ordering key?: text
 *               5  trace parent?: text
 *               6  accepted at: instant
 *               7  replaces?: [uuid, number]
 *               8  intent?: [key, digest as bytes]
 *               9  before?: [part...], what it has for other stores
 * part          0  store: text
 *               1  operations: [operation...]
 *               2  formerly?: [[uuid, number]...]
 * context       0  isolation: JDBC's number
 *               1  settings: [name, value, name, value...]
 *               2  user?: text
 * operation     0  sql: text
 *               1  prepared: boolean
 *               2  rows: [[parameter...]...]
 *               3  promised: [count...], one for each row
 *               4  answered?: [[parameter...]...], the rows that it must answer again
 * parameter     0  kind, before the value: code
 *               1  value?: by kind
 *               2  JDBC type?: integer
 *               3  scale?: integer
 *               4  type name?: text
 *               5  content?: [SHA-256 as 32 bytes, length], in the place of the value, which is in a
 *                  file beside the log: text in UTF-8 or bytes. With the kinds 9, 10, 11, 18, 19, 21
 *                  (text) and 15 (bytes with the JDBC types -2, -3 and -4, else text)
 * </pre>
 *
 * <p>The values of a parameter. Nothing of one is lost: not the scale of a decimal, not the sign of
 * a zero, not the bits of a NaN, no nanosecond, no offset.
 *
 * <pre>
 * kind                     value           kind                     value
 *  0 NULL                  none            11 BYTES                 bytes
 *  1 BOOLEAN               boolean         12 DATE                  date
 *  2 INT8                  integer         13 TIME                  time
 *  3 INT16                 integer         14 TIMESTAMP             offset date-time
 *  4 INT32                 integer         15 OBJECT                [type, value]
 *  5 INT64                 integer         16 DATE_WITH_OFFSET      offset date-time
 *  6 FLOAT32               float           17 TIME_WITH_OFFSET      offset time
 *  7 FLOAT64               double          18 BLOB                  bytes
 *  8 DECIMAL               decimal         19 CLOB                  text
 *  9 STRING                text            20 ARRAY                 array
 * 10 NSTRING               text            21 DRIVER                [type, value], of type 5 or 6
 *
 * type                     value
 *  0 boolean               true or false
 *  1 long                  integer
 *  2 float                 32-bit float, bit for bit
 *  3 double                64-bit float, bit for bit
 *  4 decimal               tag 4: [-scale, unscaled: as type 17]
 *  5 text                  text; tag {@value Cbor#UTF16}, bytes in UTF-16BE, where a surrogate has no partner
 *  6 bytes                 byte string
 *  7 date                  day since 1970-01-01
 *  8 time                  nanosecond of the day
 *  9 date-time             [day, nanosecond of the day]
 * 10 offset time           [nanosecond of the day, offset in seconds]
 * 11 offset date-time      [day, nanosecond of the day, offset in seconds], day and time local
 * 12 instant               [seconds since 1970, nanoseconds]
 * 13 uuid                  tag 37: 16 bytes
 * 14 byte, 15 short,
 * 16 int, 18 char          integer
 * 17 big integer           integer; tag 2 or 3 beyond 64 bits
 *
 * array                    [type of the elements, dimensions: 1 to 6, elements]
 *                          type -1: of any type, each element then being [type, value]
 * elements                 [elements...] of the next dimension; in the last, values or null
 * </pre>
 *
 * <p>Key 5 of a parameter needed no new format version: a reader that skips it finds a kind without
 * its value, which it has refused ever since.
 *
 * <p>A reader skips integer keys that it does not know, so a later version may add some without a
 * new number as long as leaving them out is harmless. Whatever changes the meaning of what is there
 * takes a new format version, which older readers refuse; and so they do with a kind, type or
 * outcome that they do not know, since without it they would apply something else.
 */
final class EntryDescriptor {

  static final int VERSION = 1;

  static final int VERSION_OFFSET = 0;
  static final int FLAGS_OFFSET = 1;
  static final int RESERVED_OFFSET = 2;
  static final int KEY_ID_OFFSET = 4;
  static final int HEADER_LENGTH = 8;

  static final int NO_FLAGS = 0;
  static final int NO_KEY = 0;

  private EntryDescriptor() {}
}
