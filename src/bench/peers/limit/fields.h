/* Finds the fields of the contract in a line of JSON, as strictly as ../../../ingest/decode-json.ts: what JSON.parse
 * refuses is refused, and so is what is not UTF-8. A line ends in a newline, which stops every loop, and 32 bytes behind
 * it can be read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

typedef const uint8_t *Place;

/* Why a record is refused; `ADMITTED` is no reason. */
#define REASONS(X) \
  X(ADMITTED, "admitted") X(DUPLICATE, "duplicates") X(TOO_LATE, "tooLate") X(MALFORMED_JSON, "malformed-json") \
  X(NOT_AN_OBJECT, "not-an-object") X(TOO_DEEP, "too-deep") X(INVALID_UTF8, "invalid-utf8") \
  X(RECORD_TOO_LARGE, "record-too-large") X(FIELD_TOO_LARGE, "field-too-large") X(MISSING_FIELD, "missing-field") \
  X(WRONG_TYPE, "wrong-type") X(UNKNOWN_KIND, "unknown-kind") X(UNKNOWN_VALUE, "unknown-value") \
  X(IMPOSSIBLE_NUMBER, "impossible-number") X(IMPOSSIBLE_TIME, "impossible-time") X(AHEAD_OF_TIME, "ahead-of-time") \
  X(ID_COLLISION, "id-collision") X(MISPLACED_POLICY, "misplaced-policy")
#define NAME_OF(name, text) name,
#define TEXT_OF(name, text) text,
typedef enum { REASONS(NAME_OF) REASON_COUNT } Reason;
static const char *const reasonNames[] = {REASONS(TEXT_OF)};

#define FIELDS(X) \
  X(EVENT_ID, "eventId") X(OCCURRED_AT, "occurredAt") X(ACTOR_ID, "actorId") X(ACCOUNT_ID, "accountId") X(KIND, "kind") \
  X(CONTENT_ID, "contentId") X(DEVICE_ID, "deviceId") X(USER_AGENT, "userAgent") X(ADDRESS, "address") \
  X(ACTOR_CREATED_AT, "actorCreatedAt") X(ACTION, "action") X(ACTIVITY, "activity") X(DECISION, "decision") \
  X(SOURCE, "source") X(REFERRER, "referrer") X(CHANNEL, "channel") X(TEXT, "text") X(DWELL_MS, "dwellMs") \
  X(COUNT, "count") X(VERDICT_ID, "verdictId") X(TITLE, "title") X(LINKS, "links") X(TAGS, "tags") \
  X(MEDIA_HASHES, "mediaHashes") X(ORIGINAL, "original") X(SUBJECT_ID, "subjectId") X(CATEGORY, "category") \
  X(NAME, "name") X(DECLARED_NETWORK, "declaredNetwork") X(GRADE, "grade")
enum { FIELDS(NAME_OF) FIELD_COUNT, UNKNOWN_FIELD = FIELD_COUNT };
static const char *const fieldNames[] = {FIELDS(TEXT_OF)};

enum { ABSENT, TEXT_VALUE, BROKEN_TEXT, NUMERIC, TRUTH, TEXTS, OTHER };
enum { MOST_DEPTH = 16, MOST_RECORD_BYTES = 262144 };

/* `at` and `length` are of a text, or of a list as it is written. */
typedef struct { Place at; uint32_t length; uint32_t type; double number; } Field;

static Field fields[FIELD_COUNT];
static Reason refusal;
/* Texts with escapes, put together. They are shorter than they were written, so a record that does not fit is too large. */
static uint8_t scratch[MOST_RECORD_BYTES + 8];
static uint8_t *scratchEnd;

static Place refuse(Reason reason) { refusal = reason; return NULL; }

static Place skipSpace(Place at) {
  while (*at == ' ' || *at == '\t' || *at == '\r') at++;
  return at;
}

static int isDigit(uint8_t byte) { return (uint8_t)(byte - '0') <= 9; }

/* The next byte that does not stand for itself in a text: a quote, a backslash, a control character, none of ASCII. */
static Place plainEnd(Place at) {
#ifdef __AVX2__
  for (;; at += 32) {
    __m256i bytes = _mm256_loadu_si256((const __m256i *)at);
    /* Compared with a sign, what is none of ASCII is less than a space as well. */
    __m256i special = _mm256_or_si256(
        _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), bytes),
        _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')), _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'))));
    uint32_t places = (uint32_t)_mm256_movemask_epi8(special);
    if (places != 0) return at + __builtin_ctz(places);
  }
#else
  while (*at >= ' ' && *at < 0x80 && *at != '"' && *at != '\\') at++;
  return at;
#endif
}

static int isContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/* Length of the UTF-8 sequence of several bytes at a place, or 0 where there is none. */
static int sequenceLength(Place at) {
  uint8_t first = at[0], second = at[1];
  if (first < 0xc2 || first > 0xf4 || !isContinuation(second)) return 0;
  if (first < 0xe0) return 2;
  if (!isContinuation(at[2])) return 0;
  if (first < 0xf0) return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
  if (!isContinuation(at[3])) return 0;
  return (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? 0 : 4;
}

static uint8_t *writeCodePoint(uint8_t *to, uint32_t code) {
  if (code < 0x80) { *to++ = code; return to; }
  if (code < 0x800) { *to++ = 0xc0 | code >> 6; *to++ = 0x80 | (code & 0x3f); return to; }
  if (code < 0x10000) *to++ = 0xe0 | code >> 12;
  else { *to++ = 0xf0 | code >> 18; *to++ = 0x80 | (code >> 12 & 0x3f); }
  *to++ = 0x80 | (code >> 6 & 0x3f);
  *to++ = 0x80 | (code & 0x3f);
  return to;
}

/* The UTF-16 unit that four hexadecimal digits name, or -1. */
static int32_t hexUnit(Place at) {
  int32_t unit = 0;
  for (int i = 0; i < 4; i++) {
    int digit = isDigit(at[i]) ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10;
    if (digit > 15 || (!isDigit(at[i]) && digit < 10)) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

static uint8_t meantBy(uint8_t escape) {
  switch (escape) {
    case '"': case '\\': case '/': return escape;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

/* Puts a text with an escape at a place together in `scratch`. */
static Place unescape(Place start, Place at, Field *text) {
  uint8_t *to = scratchEnd, *last = scratch + MOST_RECORD_BYTES;
  text->type = TEXT_VALUE;
  text->at = to;
  if (at - start > last - to) return refuse(RECORD_TOO_LARGE);
  memcpy(to, start, at - start);
  to += at - start;
  for (;;) {
    if (to >= last) return refuse(RECORD_TOO_LARGE);
    uint8_t byte = *at;
    if (byte == '"') {
      text->length = to - text->at;
      scratchEnd = to;
      return at;
    }
    if (byte == '\\') {
      if (at[1] != 'u') {
        uint8_t meant = meantBy(at[1]);
        if (meant == 0) return refuse(MALFORMED_JSON);
        *to++ = meant;
        at += 2;
        continue;
      }
      int32_t code = hexUnit(at + 2);
      if (code < 0) return refuse(MALFORMED_JSON);
      at += 6;
      if (code >= 0xd800 && code <= 0xdfff) {
        int32_t second = at[0] == '\\' && at[1] == 'u' ? hexUnit(at + 2) : -1;
        if (code < 0xdc00 && second >= 0xdc00 && second <= 0xdfff) {
          code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
          at += 6;
        } else {
          code = 0xfffd;
          text->type = BROKEN_TEXT;
        }
      }
      to = writeCodePoint(to, code);
    } else if (byte < ' ') {
      return refuse(MALFORMED_JSON);
    } else {
      int length = byte < 0x80 ? 1 : sequenceLength(at);
      if (length == 0) return refuse(INVALID_UTF8);
      while (length-- > 0) *to++ = *at++;
    }
  }
}

/* Reads the text that begins at a place; gives the place of the quote that ends it. */
static Place readText(Place start, Field *text) {
  Place at = plainEnd(start);
  for (;;) {
    if (*at == '"') {
      *text = (Field){start, at - start, TEXT_VALUE, 0};
      return at;
    }
    if (*at == '\\') return unescape(start, at, text);
    if (*at < ' ') return refuse(MALFORMED_JSON);
    do {
      int length = sequenceLength(at);
      if (length == 0) return refuse(INVALID_UTF8);
      at += length;
    } while (*at >= 0x80);
    at = plainEnd(at);
  }
}

static Place skipDigits(Place at) {
  while (isDigit(*at)) at++;
  return at;
}

/* The place after a number; up to 15 digits are exact as they are, all others are left to the library. */
static Place readNumber(Place start, double *number) {
  Place at = start;
  int64_t value = 0;
  if (*at > '0') while (isDigit(*at) && at - start < 15) value = value * 10 + (*at++ - '0');
  if (value > 0 && !isDigit(*at) && *at != '.' && (*at | 0x20) != 'e') {
    *number = value;
    return at;
  }
  at = start + (*start == '-');
  Place whole = at;
  at = skipDigits(at);
  if (at == whole || (at - whole > 1 && *whole == '0')) return refuse(MALFORMED_JSON);
  if (*at == '.') {
    Place fraction = ++at;
    at = skipDigits(at);
    if (at == fraction) return refuse(MALFORMED_JSON);
  }
  if ((*at | 0x20) == 'e') {
    at++;
    if (*at == '-' || *at == '+') at++;
    Place exponent = at;
    at = skipDigits(at);
    if (at == exponent) return refuse(MALFORMED_JSON);
  }
  *number = strtod((const char *)start, NULL);
  return at;
}

static Place skipMembers(Place at, int depth, uint8_t close);

/* The place after any value; an object or a list there has a depth. */
static Place skipValue(Place at, int depth) {
  if (*at == '"') {
    Field text;
    uint8_t *before = scratchEnd;
    at = readText(at + 1, &text);
    scratchEnd = before;
    return at == NULL ? NULL : at + 1;
  }
  if (isDigit(*at) || *at == '-') {
    double number;
    return readNumber(at, &number);
  }
  if (*at == '{') return skipMembers(at + 1, depth, '}');
  if (*at == '[') return skipMembers(at + 1, depth, ']');
  if (memcmp(at, "true", 4) == 0 || memcmp(at, "null", 4) == 0) return at + 4;
  if (memcmp(at, "false", 5) == 0) return at + 5;
  return refuse(MALFORMED_JSON);
}

static Place skipMembers(Place at, int depth, uint8_t close) {
  if (depth > MOST_DEPTH) return refuse(TOO_DEEP);
  at = skipSpace(at);
  if (*at == close) return at + 1;
  for (;;) {
    if (close == '}') {
      if (*at != '"') return refuse(MALFORMED_JSON);
      at = skipValue(at, depth + 1);
      if (at == NULL) return NULL;
      at = skipSpace(at);
      if (*at != ':') return refuse(MALFORMED_JSON);
      at = skipSpace(at + 1);
    }
    at = skipValue(at, depth + 1);
    if (at == NULL) return NULL;
    at = skipSpace(at);
    if (*at == close) return at + 1;
    if (*at != ',') return refuse(MALFORMED_JSON);
    at = skipSpace(at + 1);
  }
}

/* Field numbers plus one by a small hash of the name: no two of ours share a place, so one comparison tells. */
static uint8_t fieldTable[128];
static uint8_t fieldNameLengths[FIELD_COUNT];

static uint32_t fieldPlace(Place at, uint32_t length) {
  return (length + at[0] * 6 + at[length - 1] + at[length >> 1] * 5) & 127;
}

static void prepareFields(void) {
  for (int field = 0; field < FIELD_COUNT; field++) {
    fieldNameLengths[field] = strlen(fieldNames[field]);
    uint8_t *place = &fieldTable[fieldPlace((Place)fieldNames[field], fieldNameLengths[field])];
    if (*place != 0) { fprintf(stderr, "%s and %s share a place\n", fieldNames[field], fieldNames[*place - 1]); exit(1); }
    *place = field + 1;
  }
}

static int fieldNamed(Place at, uint32_t length) {
  if (length == 0) return UNKNOWN_FIELD;
  int field = fieldTable[fieldPlace(at, length)] - 1;
  if (field < 0 || fieldNameLengths[field] != length || memcmp(at, fieldNames[field], length) != 0) return UNKNOWN_FIELD;
  return field;
}

/* Keys as they were written, with the quote and the colon behind them, and which of them followed which: a producer writes
 * its fields in an order, so that a key mostly costs one comparison. Those that nobody reads are known as well. */
enum { MOST_KEYS = 64, MOST_FOLLOWERS = 4, KEY_BYTES = 32, NO_KEY = 0 };
typedef struct { uint8_t written[KEY_BYTES]; uint32_t mask; uint8_t width, field; } Key;
static Key keys[MOST_KEYS];
static uint8_t keyCount = 1, followers[MOST_KEYS][MOST_FOLLOWERS], turns[MOST_KEYS];

static int isWritten(const Key *key, Place at) {
#ifdef __AVX2__
  __m256i bytes = _mm256_loadu_si256((const __m256i *)at), written = _mm256_loadu_si256((const __m256i *)key->written);
  return (~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, written)) & key->mask) == 0;
#else
  return memcmp(at, key->written, key->width) == 0;
#endif
}

/* The key at a place, where it is one that followed another before; that of the beginning of a record is NO_KEY as well. */
static int keyAfter(int before, Place at) {
  for (int turn = 0; turn < MOST_FOLLOWERS && followers[before][turn] != NO_KEY; turn++) {
    if (isWritten(&keys[followers[before][turn]], at)) return followers[before][turn];
  }
  return NO_KEY;
}

/* Remembers a key that came after another one and is written as it is, its colon behind it. */
static int learn(int before, Place at, uint32_t length, int field) {
  if (length > KEY_BYTES - 2) return NO_KEY;
  int key = 1;
  while (key < keyCount && (keys[key].width != length + 2 || memcmp(keys[key].written, at, length) != 0)) key++;
  if (key == MOST_KEYS) return NO_KEY;
  if (key == keyCount) {
    keyCount++;
    memcpy(keys[key].written, at, length + 2);
    keys[key].width = length + 2;
    keys[key].mask = UINT32_MAX >> (KEY_BYTES - 2 - length);
    keys[key].field = field;
  }
  followers[before][turns[before]++ % MOST_FOLLOWERS] = key;
  return key;
}

/* Whether a list that is written right holds texts alone; without any it counts as absent. */
static int typeOfList(Place at) {
  int type = ABSENT;
  for (at = skipSpace(at + 1); *at != ']'; at = skipSpace(at)) {
    if (*at == ',') { at++; continue; }
    if (*at != '"') return OTHER;
    type = TEXTS;
    at = skipValue(at, 0);
  }
  return type;
}

static Place endOfRecord(Place at) {
  at = skipSpace(at);
  return *at == '\n' ? at : refuse(MALFORMED_JSON);
}

/* Finds the fields of a line; gives the place of its newline, or NULL with `refusal`. */
static Place readRecord(Place at) {
  for (int field = 0; field < FIELD_COUNT; field++) fields[field].type = ABSENT;
  scratchEnd = scratch;
  at = skipSpace(at);
  if (*at != '{') {
    at = skipValue(at, 1);
    if (at == NULL || endOfRecord(at) == NULL) return NULL;
    return refuse(NOT_AN_OBJECT);
  }
  at = skipSpace(at + 1);
  if (*at == '}') return endOfRecord(at + 1);
  for (int key = NO_KEY;;) {
    if (*at != '"') return refuse(MALFORMED_JSON);
    int before = key, number;
    key = keyAfter(before, ++at);
    if (key != NO_KEY) {
      number = keys[key].field;
      at += keys[key].width;
    } else {
      Field name;
      Place start = at;
      at = readText(start, &name);
      if (at == NULL) return NULL;
      number = fieldNamed(name.at, name.length);
      if (*++at == ':') {
        if (name.at == start) key = learn(before, start, name.length, number);
      } else {
        at = skipSpace(at);
        if (*at != ':') return refuse(MALFORMED_JSON);
      }
      at++;
    }
    Field spare, *field = number == UNKNOWN_FIELD ? &spare : &fields[number];
    if (*at <= ' ') at = skipSpace(at);
    uint8_t first = *at;
    if (first == '"') {
      uint8_t *unused = scratchEnd;
      at = readText(at + 1, field);
      if (at == NULL) return NULL;
      if (number == UNKNOWN_FIELD) scratchEnd = unused;
      at++;
    } else if (isDigit(first) || first == '-') {
      field->type = NUMERIC;
      at = readNumber(at, &field->number);
      if (at == NULL) return NULL;
    } else {
      Place start = at;
      at = skipValue(at, 2);
      if (at == NULL) return NULL;
      field->at = start;
      field->number = first == 't';
      field->type = first == 'n' ? ABSENT : first == 't' || first == 'f' ? TRUTH : OTHER;
      int isList = number == LINKS || number == TAGS || number == MEDIA_HASHES;
      if (first == '[' && isList) field->type = typeOfList(start);
    }
    if (*at <= ' ') at = skipSpace(at);
    if (*at == '}') return endOfRecord(at + 1);
    if (*at != ',') return refuse(MALFORMED_JSON);
    if (*++at != '"') at = skipSpace(at);
  }
}

/* The next text of a list of texts, from a place behind the bracket or behind a text on; NULL at its end. */
static Place nextText(Place at, Field *text) {
  at = skipSpace(at);
  if (*at == ',') at = skipSpace(at + 1);
  return *at == ']' ? NULL : readText(at + 1, text) + 1;
}
