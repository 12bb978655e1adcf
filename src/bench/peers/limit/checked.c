/* The question of ../question.ts with the duties of assay's intake: one thread, one pass over the mapped file, but every
 * line and every field is checked, ids are hashed under a key, repeats, late and impossible events are refused with a
 * reason, and what is admitted is packed into columns before the windows see it. It survives nothing.
 * Usage: checked EVENTS ANSWERS FORMS [BOOKS]: FORMS are the simplified forms of ideographs, two bytes each; into BOOKS it
 * writes how many records there were by reason, and a sum of each column. */
#define _GNU_SOURCE /* rawmemchr */
#include "windows.h"
#include "fields.h"
#include "fold.h"
#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { MOST_ID_BYTES = 128, MOST_ITEMS = 64, MOST_ITEM_BYTES = 2048, MOST_DETAIL_BYTES = 0xffff };
enum { ROWS = 1000, HEAVY_BYTES = 4 << 20, MOST_IDS = 4000000, ID_SPAN_MS = DISORDER_MS + 60000, ENOUGH_WAITING = 8 };
static const int64_t DAY_MS = 86400000, EARLIEST_MS = 946684800000, LATEST_MS = 4102444800000, NEVER_MS = INT64_MIN / 2;

typedef struct { Place start, end; int64_t timeMs; } Record;
static Place fileStart;
static uint64_t books[REASON_COUNT], unknownTexts;

/* HalfSipHash-1-3 with 64 bits, as ../../../model/hash.ts has it, under the first bytes of the key of ../assay.ts. */
static const uint32_t key[2] = {0x8cc2321b, 0x48058cb3};

static inline uint32_t turned(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

#define ROUND \
  v0 += v1; v1 = turned(v1, 5) ^ v0; v0 = turned(v0, 16); v2 += v3; v3 = turned(v3, 8) ^ v2; \
  v0 += v3; v3 = turned(v3, 7) ^ v0; v2 += v1; v1 = turned(v1, 13) ^ v2; v2 = turned(v2, 16);

static uint64_t keyedHash(Place at, uint32_t length) {
  uint32_t v0 = key[0], v1 = key[1] ^ 0xee, v2 = 0x6c796765 ^ key[0], v3 = 0x74656462 ^ key[1], word;
  for (Place end = at + (length & ~3u); at < end; at += 4) {
    memcpy(&word, at, 4);
    v3 ^= word;
    ROUND
    v0 ^= word;
  }
  word = length << 24;
  switch (length & 3) {
    case 3: word |= (uint32_t)at[2] << 16; /* fall through */
    case 2: word |= (uint32_t)at[1] << 8; /* fall through */
    case 1: word |= at[0];
  }
  v3 ^= word;
  ROUND
  v0 ^= word;
  v2 ^= 0xee;
  ROUND ROUND ROUND
  uint32_t low = v1 ^ v3;
  v1 ^= 0xdd;
  ROUND ROUND ROUND
  return (uint64_t)(v1 ^ v3) << 32 | low;
}

/* Zero means that an event does not say. */
static uint32_t notZero(uint32_t hash) { return hash == 0 ? 1 : hash; }

/* Bytes of rows or names, one behind the other. */
typedef struct { uint8_t *bytes; size_t room; uint32_t *ends; } Bytes;

static void append(Bytes *to, uint32_t index, const void *at, uint32_t length) {
  size_t from = to->ends[index];
  if (from + length > to->room) to->bytes = more(to->bytes, to->room = (from + length) * 2);
  memcpy(to->bytes + from, at, length);
  to->ends[index] = from + length;
}

/* Names of one block, each once, found by their hashes. */
typedef struct { uint64_t *hashes; uint16_t *slots; Bytes names; uint32_t size; } Dictionary;
enum { SLOTS = 2048 };

static uint16_t indexOf(Dictionary *in, uint64_t hash, const Field *name) {
  uint32_t slot = hash & (SLOTS - 1);
  for (; in->slots[slot] != 0; slot = (slot + 1) & (SLOTS - 1)) {
    if (in->hashes[in->slots[slot] - 1] == hash) return in->slots[slot] - 1;
  }
  uint32_t index = in->size++;
  in->slots[slot] = index + 1;
  in->hashes[index] = hash;
  in->names.ends[index] = index == 0 ? 0 : in->names.ends[index - 1];
  append(&in->names, index, name->at, name->length);
  return index;
}

static Text nameOf(const Dictionary *in, uint32_t index) {
  uint32_t start = index == 0 ? 0 : in->names.ends[index - 1];
  return (Text){(const char *)in->names.bytes + start, in->names.ends[index] - start};
}

/* The columns of ../../../model/block.ts, but that the halves of a hash are one. Of an index the names are in a dictionary. */
#define COLUMNS(X) \
  X(int64_t, timeMs) X(uint64_t, id) X(uint64_t, actor) X(uint32_t, createdS) X(uint32_t, device) X(uint32_t, network) \
  X(uint32_t, agent) X(uint32_t, text) X(uint32_t, dwellMs) X(uint32_t, amount) X(uint32_t, place) X(uint16_t, account) \
  X(uint16_t, content) X(uint16_t, textLength) X(uint8_t, kind) X(uint8_t, action) X(uint8_t, entry) \
  X(uint8_t, breadth) X(uint8_t, visits) X(uint8_t, facts)
#define COLUMN_OF(type, name) type *name;
static struct {
  uint32_t rows;
  COLUMNS(COLUMN_OF)
  Bytes ids, details;
  Dictionary accounts, contents;
} block;
static uint64_t fromPosition, toPosition;

static void prepareBlock(void) {
#define ALLOCATE(type, name) block.name = more(NULL, ROWS * sizeof(type));
  COLUMNS(ALLOCATE)
  Bytes *all[] = {&block.ids, &block.details, &block.accounts.names, &block.contents.names};
  for (int i = 0; i < 4; i++) all[i]->ends = more(NULL, ROWS * sizeof(uint32_t));
  Dictionary *both[] = {&block.accounts, &block.contents};
  for (int i = 0; i < 2; i++) {
    both[i]->hashes = more(NULL, ROWS * sizeof(uint64_t));
    both[i]->slots = calloc(SLOTS, sizeof(uint16_t));
    if (both[i]->slots == NULL) exit(1);
  }
}

enum { SUBSCRIPTION, CLICK, FORWARD, COMMENT, POST, IMPRESSION, ACCOUNT, FEEDBACK, POLICY };
typedef struct { const char *text; uint8_t length, code; } Word;
#define WORD(text, code) {text, sizeof text - 1, code}
#define NO_WORD {NULL, 0, 0}
static const Word kindWords[] = {
    WORD("subscription", SUBSCRIPTION), WORD("click", CLICK), WORD("forward", FORWARD), WORD("comment", COMMENT),
    WORD("post", POST), WORD("impression", IMPRESSION), WORD("account", ACCOUNT), WORD("feedback", FEEDBACK),
    WORD("policy", POLICY), NO_WORD};
/* By kind: a field that must hold one of a few words, and one that may hold one. Codes are those of ../../../model/event.ts. */
static const struct { int field; Word words[6]; } actions[] = {
    [SUBSCRIPTION] = {ACTION, {WORD("subscribe", 1), WORD("unsubscribe", 2)}},
    [ACCOUNT] = {ACTIVITY, {WORD("registered", 3), WORD("login", 4), WORD("transferred", 5), WORD("renamed", 6), WORD("closed", 7)}},
    [FEEDBACK] = {DECISION, {WORD("confirmed", 8), WORD("overturned", 9)}}};
static const struct { int field; Word words[8]; uint8_t unknown; } entries[POLICY] = {
    [SUBSCRIPTION] = {SOURCE, {WORD("search", 1), WORD("article", 2), WORD("qr-code", 3), WORD("advert", 4),
                      WORD("recommendation", 5), WORD("import", 6), WORD("unknown", 7)}, 7},
    [CLICK] = {REFERRER, {WORD("feed", 8), WORD("chat", 9), WORD("search", 1), WORD("direct", 10), WORD("external", 11),
               WORD("unknown", 7)}, 7},
    [FORWARD] = {CHANNEL, {WORD("chat", 9), WORD("group", 12), WORD("timeline", 13), WORD("external", 11)}, 0}};
/* By kind: what is kept as it was written, under the codes of ../../../model/details.ts. */
enum { ACTOR_DETAIL, TEXT_DETAIL };
typedef struct { int field; uint8_t code; uint32_t is; } Detail;
static const struct { int count; Detail list[6]; } details[POLICY] = {
    [FORWARD] = {1, {{TEXT, TEXT_DETAIL, ABSENT}}},
    [COMMENT] = {1, {{TEXT, TEXT_DETAIL, ABSENT}}},
    [POST] = {6, {{TEXT, TEXT_DETAIL, ABSENT}, {TITLE, 2, TEXT_VALUE}, {LINKS, 3, TEXTS}, {TAGS, 4, TEXTS},
              {MEDIA_HASHES, 5, TEXTS}, {ORIGINAL, 6, TRUTH}}},
    [ACCOUNT] = {5, {{SUBJECT_ID, 7, TEXT_VALUE}, {CATEGORY, 8, TEXT_VALUE}, {NAME, 9, TEXT_VALUE},
                 {DECLARED_NETWORK, 10, TEXT_VALUE}, {GRADE, 11, TEXT_VALUE}}}};

static int isText(const Field *field) { return field->type == TEXT_VALUE || field->type == BROKEN_TEXT; }

static int wordIn(const Word *words, const Field *field) {
  for (int index = 0; words[index].text != NULL; index++) {
    if (words[index].length == field->length && memcmp(words[index].text, field->at, field->length) == 0) return index;
  }
  return -1;
}

static int twoDigits(Place at) { return isDigit(at[0]) && isDigit(at[1]) ? (at[0] - '0') * 10 + at[1] - '0' : -10000; }

/* Days of the proleptic Gregorian calendar, by Hinnant's days_from_civil. */
static int64_t daysSince1970(int year, int month, int day) {
  int marchYear = month <= 2 ? year - 1 : year;
  int era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400;
  int yearOfEra = marchYear - era * 400;
  int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097LL + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

static int daysIn(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* The moment that ISO 8601 names, with a time to the second and an offset, or NAN. */
static double isoTime(Place start, Place end) {
  if (end - start < 20 || start[4] != '-' || start[7] != '-' || start[13] != ':' || start[16] != ':') return NAN;
  if ((start[10] | 0x20) != 't' && start[10] != ' ') return NAN;
  int year = twoDigits(start) * 100 + twoDigits(start + 2);
  int month = twoDigits(start + 5), day = twoDigits(start + 8);
  int hour = twoDigits(start + 11), minute = twoDigits(start + 14), second = twoDigits(start + 17);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return NAN;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return NAN;
  Place at = start + 19;
  int millis = 0;
  if (*at == '.') {
    Place from = ++at;
    for (int scale = 100; at < end && isDigit(*at); at++, scale /= 10) millis += (*at - '0') * scale;
    if (at == from || at - from > 9) return NAN;
  }
  int offset = 0;
  if (end - at != 1 || (*at | 0x20) != 'z') {
    if (*at != '+' && *at != '-') return NAN;
    int minutes = 0;
    if (end - at == 6 && at[3] == ':') minutes = twoDigits(at + 4);
    else if (end - at == 5) minutes = twoDigits(at + 3);
    else if (end - at != 3) return NAN;
    int hours = twoDigits(at + 1);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NAN;
    offset = (hours * 60 + minutes) * (*at == '-' ? -1 : 1);
  }
  return daysSince1970(year, month, day) * (double)DAY_MS + ((hour * 60 + minute - offset) * 60 + second) * 1000.0 + millis;
}

static double timeIn(int name) {
  const Field *field = &fields[name];
  if (field->type == NUMERIC) return field->number;
  return isText(field) ? isoTime(field->at, field->at + field->length) : NAN;
}

static int readIpv4(Place at, Place end, uint8_t *octets) {
  for (int part = 0; part < 4; part++) {
    if (part > 0 && (at >= end || *at++ != '.')) return 0;
    Place from = at;
    int value = 0;
    for (; at < end && at - from < 3 && isDigit(*at); at++) value = value * 10 + *at - '0';
    if (at == from || value > 255 || (at - from > 1 && *from == '0')) return 0;
    octets[part] = value;
  }
  return at == end;
}

/* The groups of an address of IPv6; 0 where it is none. */
static int readIpv6(Place at, Place end, uint16_t *groups) {
  int count = 0, gapAt = -1;
  uint8_t octets[4];
  if (*at == ':') {
    if (at[1] != ':') return 0;
    gapAt = 0;
    at += 2;
  }
  while (at < end) {
    if (count == 8) return 0;
    Place from = at;
    uint32_t value = 0;
    for (; at < end && at - from < 4; at++) {
      int digit = isDigit(*at) ? *at - '0' : (*at | 0x20) - 'a' + 10;
      if (digit > 15 || (!isDigit(*at) && digit < 10)) break;
      value = value * 16 + digit;
    }
    if (at < end && *at == '.') {
      if (count > 6 || !readIpv4(from, end, octets)) return 0;
      groups[count++] = octets[0] << 8 | octets[1];
      groups[count++] = octets[2] << 8 | octets[3];
      break;
    }
    if (at == from) return 0;
    groups[count++] = value;
    if (at == end) break;
    if (*at++ != ':' || at == end) return 0;
    if (*at == ':') {
      if (gapAt >= 0) return 0;
      gapAt = count;
      at++;
    }
  }
  if (gapAt < 0) return count == 8;
  if (count == 8) return 0;
  int moved = count - gapAt;
  for (int i = 1; i <= moved; i++) groups[8 - i] = groups[count - i];
  for (int i = gapAt; i < 8 - moved; i++) groups[i] = 0;
  return 1;
}

/* The hash of the first 24 bits of IPv4 or 48 of IPv6, or 0 where a text is no address. */
static uint32_t networkOf(Place at, uint32_t length) {
  uint8_t network[7], octets[4];
  if (length < 2 || length > 45) return 0;
  if (readIpv4(at, at + length, octets)) {
    network[0] = 4;
    memcpy(network + 1, octets, 3);
    return notZero(keyedHash(network, 4));
  }
  uint16_t groups[8];
  if (!readIpv6(at, at + length, groups)) return 0;
  int isMapped = (groups[0] | groups[1] | groups[2] | groups[3] | groups[4]) == 0 && groups[5] == 0xffff;
  network[0] = isMapped ? 4 : 6;
  for (int i = 0; i < 3; i++) {
    uint16_t group = groups[isMapped ? 6 + (i & 1) : i];
    network[1 + 2 * i] = group >> 8;
    network[2 + 2 * i] = group;
  }
  return notZero(keyedHash(network, isMapped ? 4 : 7));
}

/* What of the open row is hashed and not in a column yet; the content is a hash of all that the row says but its id. */
static uint64_t accountHash, contentNameHash;
static uint32_t contentHash;
static int contentField;

static void stir(uint32_t word) {
  uint32_t mixed = (contentHash ^ word) * 0x9e3779b1u;
  contentHash = mixed ^ mixed >> 15;
}

static Reason hashUpTo(int name, uint32_t most, uint64_t *hash) {
  const Field *field = &fields[name];
  if (field->type == ABSENT) return MISSING_FIELD;
  if (field->type == BROKEN_TEXT) return INVALID_UTF8;
  if (field->type != TEXT_VALUE) return WRONG_TYPE;
  if (field->length == 0) return MISSING_FIELD;
  if (field->length > most) return FIELD_TOO_LARGE;
  *hash = keyedHash(field->at, field->length);
  return ADMITTED;
}

static Reason writeText(uint32_t row) {
  const Field *text = &fields[TEXT];
  if (!isText(text)) return WRONG_TYPE;
  if (text->length > MOST_TEXT_BYTES) return FIELD_TOO_LARGE;
  if (!fold(text->at, text->at + text->length)) {
    /* Taken as it is, and told in the books, so that nobody takes it for folded. */
    unknownTexts++;
    memcpy(folded, text->at, foldedLength = foldedCharacters = text->length);
  }
  block.textLength[row] = foldedCharacters < 0xffff ? foldedCharacters : 0xffff;
  if (foldedLength == 0) return ADMITTED;
  stir(block.text[row] = notZero(keyedHash(folded, foldedLength)));
  return ADMITTED;
}

static Reason checkDetail(const Detail *detail) {
  const Field *field = &fields[detail->field];
  if (field->type == ABSENT || detail->is == ABSENT) return ADMITTED;
  if (detail->is == TEXT_VALUE) {
    uint64_t hash = 0;
    Reason reason = hashUpTo(detail->field, MOST_TEXT_BYTES, &hash);
    if (reason == MISSING_FIELD) return ADMITTED;
    stir(hash);
    return reason;
  }
  if (field->type != detail->is) return WRONG_TYPE;
  if (detail->is == TRUTH) {
    stir(field->number);
    return ADMITTED;
  }
  Field item;
  uint8_t *before = scratchEnd;
  for (Place at = field->at + 1; (at = nextText(at, &item)) != NULL; scratchEnd = before) {
    if (item.length > MOST_ITEM_BYTES) return FIELD_TOO_LARGE;
    stir(keyedHash(item.at, item.length));
  }
  return ADMITTED;
}

static Reason writeByKind(uint32_t kind, uint32_t row) {
  if (kind == SUBSCRIPTION || kind == ACCOUNT || kind == FEEDBACK) {
    const Field *field = &fields[actions[kind].field];
    if (field->type == ABSENT) return MISSING_FIELD;
    if (!isText(field)) return WRONG_TYPE;
    int word = wordIn(actions[kind].words, field);
    if (word < 0) return UNKNOWN_VALUE;
    block.action[row] = actions[kind].words[word].code;
    stir(word);
  }
  if (kind <= FORWARD && fields[entries[kind].field].type != ABSENT) {
    const Field *field = &fields[entries[kind].field];
    if (!isText(field)) return WRONG_TYPE;
    int word = wordIn(entries[kind].words, field);
    block.entry[row] = word < 0 ? entries[kind].unknown : entries[kind].words[word].code;
    stir(word);
  }
  for (int i = 0; i < details[kind].count; i++) {
    Reason reason = checkDetail(&details[kind].list[i]);
    if (reason != ADMITTED) return reason;
  }
  if (kind == CLICK && fields[DWELL_MS].type != ABSENT) {
    if (fields[DWELL_MS].type != NUMERIC) return WRONG_TYPE;
    double dwell = floor(fields[DWELL_MS].number);
    if (!(dwell >= 0 && dwell < 0xffffffff)) return IMPOSSIBLE_NUMBER;
    stir(block.dwellMs[row] = dwell);
  }
  if (kind == IMPRESSION) {
    if (fields[COUNT].type == ABSENT) return MISSING_FIELD;
    if (fields[COUNT].type != NUMERIC) return WRONG_TYPE;
    double amount = fields[COUNT].number;
    if (!(amount >= 0 && amount <= 0xffffffff) || amount != floor(amount)) return IMPOSSIBLE_NUMBER;
    stir(block.amount[row] = amount);
  }
  if (kind == COMMENT || kind == POST || kind == FORWARD) {
    if (fields[TEXT].type != ABSENT) return writeText(row);
    if (kind != FORWARD) return MISSING_FIELD;
  }
  return ADMITTED;
}

/* Writes the fields into the row behind the last one, checked as ../../../ingest/row.ts does and in its order. */
static Reason writeRow(uint32_t row) {
  block.createdS[row] = block.device[row] = block.network[row] = block.agent[row] = block.text[row] = 0;
  block.dwellMs[row] = UINT32_MAX;
  block.amount[row] = 1;
  block.content[row] = UINT16_MAX;
  block.textLength[row] = block.action[row] = block.entry[row] = 0;
  block.breadth[row] = block.visits[row] = block.facts[row] = 0;

  if (fields[KIND].type == ABSENT) return MISSING_FIELD;
  if (!isText(&fields[KIND])) return WRONG_TYPE;
  int kind = wordIn(kindWords, &fields[KIND]);
  if (kind < 0) return UNKNOWN_KIND;
  if (kind == POLICY) return MISPLACED_POLICY;
  block.kind[row] = contentHash = kind;

  Reason reason = hashUpTo(EVENT_ID, MOST_ID_BYTES, &block.id[row]);
  if (reason != ADMITTED) return reason;

  double timeMs = timeIn(OCCURRED_AT);
  if (!(timeMs >= EARLIEST_MS && timeMs <= LATEST_MS) || timeMs != floor(timeMs)) {
    if (fields[OCCURRED_AT].type == ABSENT) return MISSING_FIELD;
    return fields[OCCURRED_AT].type == NUMERIC || isText(&fields[OCCURRED_AT]) ? IMPOSSIBLE_TIME : WRONG_TYPE;
  }
  int64_t atMs = block.timeMs[row] = timeMs;
  stir(atMs);
  stir(atMs >> 32);

  reason = hashUpTo(ACTOR_ID, MOST_ID_BYTES, &block.actor[row]);
  if (reason != ADMITTED) return reason;
  stir(block.actor[row]);
  reason = hashUpTo(ACCOUNT_ID, MOST_ID_BYTES, &accountHash);
  if (reason != ADMITTED) return reason;
  stir(accountHash);

  contentField = kind == FEEDBACK ? VERDICT_ID : CONTENT_ID;
  reason = hashUpTo(contentField, MOST_ID_BYTES, &contentNameHash);
  if (reason != ADMITTED) {
    if (reason != MISSING_FIELD || kind == FEEDBACK) return reason;
    contentField = -1;
  }
  stir(contentField < 0 ? 0 : contentNameHash);

  uint64_t hash;
  reason = hashUpTo(DEVICE_ID, MOST_ID_BYTES, &hash);
  if (reason == ADMITTED) block.device[row] = notZero(hash);
  else if (reason != MISSING_FIELD) return reason;
  stir(block.device[row]);
  reason = hashUpTo(USER_AGENT, MOST_TEXT_BYTES, &hash);
  if (reason == ADMITTED) block.agent[row] = notZero(hash);
  else if (reason != MISSING_FIELD) return reason;
  stir(block.agent[row]);

  const Field *address = &fields[ADDRESS];
  if (address->type != ABSENT) {
    if (!isText(address)) return WRONG_TYPE;
    block.network[row] = networkOf(address->at, address->length);
  }
  stir(block.network[row]);

  const Field *created = &fields[ACTOR_CREATED_AT];
  if (created->type != ABSENT && !(isText(created) && created->length == 0)) {
    double createdMs = timeIn(ACTOR_CREATED_AT);
    if (isnan(createdMs)) return WRONG_TYPE;
    /* A moment that cannot be loses nothing but the age of the actor. */
    if (createdMs >= EARLIEST_MS && createdMs <= timeMs + DAY_MS) block.createdS[row] = (int64_t)createdMs / 1000;
  }
  stir(block.createdS[row]);
  return writeByKind(kind, row);
}

static void addDetail(uint32_t row, uint8_t code, Place at, uint32_t length) {
  if (length > MOST_DETAIL_BYTES) length = MOST_DETAIL_BYTES;
  append(&block.details, row, (uint8_t[]){code, length, length >> 8}, 3);
  append(&block.details, row, at, length);
}

/* Names the event of an admitted row, its account and content, and keeps what is kept as it was written. */
static void keepRow(uint32_t row) {
  block.ids.ends[row] = row == 0 ? 0 : block.ids.ends[row - 1];
  block.details.ends[row] = row == 0 ? 0 : block.details.ends[row - 1];
  append(&block.ids, row, fields[EVENT_ID].at, fields[EVENT_ID].length);
  block.account[row] = indexOf(&block.accounts, accountHash, &fields[ACCOUNT_ID]);
  if (contentField >= 0) block.content[row] = indexOf(&block.contents, contentNameHash, &fields[contentField]);
  addDetail(row, ACTOR_DETAIL, fields[ACTOR_ID].at, fields[ACTOR_ID].length);
  uint32_t kind = block.kind[row];
  for (int i = 0; i < details[kind].count; i++) {
    const Detail *detail = &details[kind].list[i];
    const Field *field = &fields[detail->field];
    if (field->type == TEXTS) {
      Field item;
      uint8_t *before = scratchEnd;
      Place at = field->at + 1;
      for (int items = 0; items < MOST_ITEMS && (at = nextText(at, &item)) != NULL; items++, scratchEnd = before) {
        addDetail(row, detail->code, item.at, item.length);
      }
    } else if (field->type == TRUTH) {
      if (field->number == 1) addDetail(row, detail->code, field->at, 0);
    } else if (field->type != ABSENT) {
      addDetail(row, detail->code, field->at, field->length);
    }
  }
}

/* Ids of events in two generations, each of which is dropped whole when event time has passed. */
typedef struct { uint64_t id; uint32_t content, stamp; } Id;
typedef struct { Id *ids; uint32_t slots, size, stamp; } Generation;
static Generation young, old;
static int64_t clockMs, believedMs, watermarkMs, spanStartMs;

static void prepareAdmission(void) {
  clockMs = believedMs = watermarkMs = spanStartMs = NEVER_MS;
  for (int i = 0; i < 2; i++) {
    Generation *one = i == 0 ? &young : &old;
    *one = (Generation){calloc(1024, sizeof(Id)), 1024, 0, 1};
    if (one->ids == NULL) exit(1);
  }
}

/* Where an id lies or belongs; it lies there when the stamp is that of the generation. */
static Id *placeOf(const Generation *in, uint64_t id) {
  uint32_t slot = (id ^ id >> 32) & (in->slots - 1);
  while (in->ids[slot].stamp == in->stamp && in->ids[slot].id != id) slot = (slot + 1) & (in->slots - 1);
  return &in->ids[slot];
}

static void widen(Generation *one) {
  Generation wider = {calloc(one->slots * 2, sizeof(Id)), one->slots * 2, one->size, one->stamp};
  if (wider.ids == NULL) exit(1);
  for (uint32_t slot = 0; slot < one->slots; slot++) {
    if (one->ids[slot].stamp == one->stamp) *placeOf(&wider, one->ids[slot].id) = one->ids[slot];
  }
  free(one->ids);
  *one = wider;
}

static void rotate(void) {
  Generation dropped = old;
  old = young;
  young = dropped;
  young.size = 0;
  young.stamp++;
}

static Reason admitId(uint64_t id, uint32_t content) {
  Id *here = placeOf(&young, id);
  if (here->stamp == young.stamp) return here->content == content ? DUPLICATE : ID_COLLISION;
  const Id *before = placeOf(&old, id);
  int isNew = before->stamp != old.stamp;
  uint32_t known = isNew ? content : before->content;
  if (young.size == MOST_IDS) {
    rotate();
    here = placeOf(&young, id);
  }
  *here = (Id){id, known, young.stamp};
  if (++young.size * 2 > young.slots) widen(&young);
  return isNew ? ADMITTED : known == content ? DUPLICATE : ID_COLLISION;
}

static void moveClock(int64_t timeMs) {
  clockMs = timeMs;
  watermarkMs = timeMs - DISORDER_MS;
  if (timeMs < spanStartMs + ID_SPAN_MS) return;
  int isFirst = spanStartMs == NEVER_MS;
  spanStartMs = timeMs / ID_SPAN_MS * ID_SPAN_MS;
  if (!isFirst) rotate();
}

/* Sums of the columns for the books: of their values in the order of the rows, so that one in another row would show. */
#define SUM_OF(type, name) uint64_t name;
static struct { COLUMNS(SUM_OF) uint64_t ids, details, accounts, contents; } sums;
static FILE *booksFile;

static uint64_t sumBytes(uint64_t sum, const uint8_t *at, size_t length) {
  for (size_t i = 0; i < length; i++) sum = sum * 31 + at[i];
  return sum;
}

static void sumBlock(void) {
  uint32_t last = block.rows - 1;
#define SUM(type, name) for (uint32_t row = 0; row <= last; row++) sums.name = sums.name * 31 + block.name[row];
  COLUMNS(SUM)
  sums.ids = sumBytes(sums.ids, block.ids.bytes, block.ids.ends[last]);
  sums.details = sumBytes(sums.details, block.details.bytes, block.details.ends[last]);
  for (uint32_t name = 0; name < block.accounts.size; name++) {
    Text text = nameOf(&block.accounts, name);
    sums.accounts = sumBytes(sums.accounts * 31 + block.accounts.hashes[name], (Place)text.at, text.length);
  }
  for (uint32_t name = 0; name < block.contents.size; name++) {
    Text text = nameOf(&block.contents, name);
    sums.contents = sumBytes(sums.contents * 31 + block.contents.hashes[name], (Place)text.at, text.length);
  }
}

/* Hands the rows to the windows and begins the next block in the same memory. */
static void cut(void) {
  if (booksFile != NULL) sumBlock();
  for (uint32_t row = 0; row < block.rows; row++) {
    uint32_t account = block.account[row], kind = block.kind[row];
    /* What people decide is of no window, and may be older than any that is open. */
    if (kind == FEEDBACK) continue;
    uint64_t hash = mix(block.accounts.hashes[account] ^ (uint64_t)kind << 56);
    Text name = {kindWords[kind].text, kindWords[kind].length};
    takeEvent(hash, nameOf(&block.accounts, account), name, block.actor[row], block.timeMs[row], block.createdS[row]);
  }
  block.rows = block.accounts.size = block.contents.size = 0;
  memset(block.accounts.slots, 0, SLOTS * sizeof(uint16_t));
  memset(block.contents.slots, 0, SLOTS * sizeof(uint16_t));
  fromPosition = toPosition;
}

/* Records far ahead of the clock, which the next ones prove right or wrong; see ../../../ingest/ingest.ts. */
static Record waiting[ENOUGH_WAITING];
static int waitingCount;

static void takeFound(Record record, Reason reason);

static void putAllWaitingAside(void) {
  books[AHEAD_OF_TIME] += waitingCount;
  waitingCount = 0;
}

static void decideOldestWaiting(void) {
  Record all[ENOUGH_WAITING];
  int count = waitingCount, before = 0;
  memcpy(all, waiting, sizeof all);
  for (int i = 1; i < count; i++) before += all[i].timeMs < all[0].timeMs - DAY_MS;
  waitingCount = 0;
  if (before * 2 > count - 1) {
    books[AHEAD_OF_TIME]++;
    memcpy(waiting, all + 1, (waitingCount = count - 1) * sizeof *waiting);
    return;
  }
  believedMs = all[0].timeMs;
  for (int i = 0; i < count; i++) {
    readRecord(all[i].start);
    takeFound(all[i], ADMITTED);
  }
}

static void settle(Record record) {
  uint32_t row = block.rows;
  int64_t timeMs = record.timeMs = block.timeMs[row];
  /* Feedback is never late, and moves no clock. */
  int isRuling = block.kind[row] == FEEDBACK;
  if (!isRuling && timeMs > (clockMs > believedMs ? clockMs : believedMs) + DAY_MS) {
    waiting[waitingCount++] = record;
    while (waitingCount >= ENOUGH_WAITING) decideOldestWaiting();
    return;
  }
  if (!isRuling && waitingCount > 0 && timeMs >= watermarkMs) putAllWaitingAside();
  Reason reason = !isRuling && timeMs < watermarkMs ? TOO_LATE : admitId(block.id[row], contentHash);
  books[reason]++;
  if (reason != ADMITTED) return;
  if (!isRuling && timeMs > clockMs) moveClock(timeMs);
  keepRow(row);
  uint64_t position = record.start - fileStart, next = record.end + 1 - fileStart;
  block.place[row] = position < toPosition ? UINT32_MAX : position - fromPosition;
  if (next > toPosition) toPosition = next;
  block.rows++;
  if (block.rows == ROWS || block.details.ends[row] >= HEAVY_BYTES) cut();
}

static void takeFound(Record record, Reason reason) {
  if (reason == ADMITTED) reason = writeRow(block.rows);
  if (reason == ADMITTED) settle(record);
  else books[reason]++;
}

/* Takes the line that begins at a place and gives the place of its newline. */
static Place takeLine(Place at) {
  Place end = readRecord(at);
  Reason reason = end == NULL ? refusal : ADMITTED;
  if (end == NULL) end = rawmemchr(at, '\n');
  if (end - at > MOST_RECORD_BYTES) books[RECORD_TOO_LARGE]++;
  else if (reason == ADMITTED || skipSpace(at) < end) takeFound((Record){at, end, 0}, reason);
  return end;
}

static void tellBooks(void) {
  for (int reason = 0; reason < REASON_COUNT; reason++) {
    if (books[reason] > 0) fprintf(booksFile, "%s\t%llu\n", reasonNames[reason], (unsigned long long)books[reason]);
  }
  fprintf(booksFile, "texts not folded\t%llu\n", (unsigned long long)unknownTexts);
#define TELL(type, name) fprintf(booksFile, "sum of " #name "\t%llu\n", (unsigned long long)sums.name);
  COLUMNS(TELL) TELL(, ids) TELL(, details) TELL(, accounts) TELL(, contents)
}

/* The file in memory, with a newline and a page that can be read behind it. */
static Place mapped(const char *path, Place *end) {
  int file = open(path, O_RDONLY);
  struct stat about;
  if (file < 0 || fstat(file, &about) != 0) { perror(path); exit(69); }
  uint8_t *start = mmap(NULL, about.st_size + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) { perror(path); exit(69); }
  if (about.st_size > 0 &&
      mmap(start, about.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file, 0) == MAP_FAILED) {
    perror(path);
    exit(69);
  }
  start[about.st_size] = '\n';
  *end = start + about.st_size;
  return start;
}

static FILE *opened(const char *path, const char *mode) {
  FILE *file = fopen(path, mode);
  if (file == NULL) { perror(path); exit(69); }
  return file;
}

int main(int count, char **arguments) {
  if (count != 4 && count != 5) { fputs("usage: checked EVENTS ANSWERS FORMS [BOOKS]\n", stderr); return 64; }
  Place end;
  fileStart = mapped(arguments[1], &end);
  answers = opened(arguments[2], "w");
  FILE *forms = opened(arguments[3], "r");
  if (fread(simplified, sizeof simplified, 1, forms) != 1) { fprintf(stderr, "%s is too short\n", arguments[3]); return 69; }
  fclose(forms);
  if (count == 5) booksFile = opened(arguments[4], "w");
  prepareFields();
  prepareFold();
  prepareBlock();
  prepareAdmission();
  Place at = fileStart;
  if (memcmp(at, "\xef\xbb\xbf", 3) == 0) at += 3;
  while (at < end) at = takeLine(at) + 1;
  /* Nothing follows, so only where there is no clock yet one that waits is believed. */
  while (waitingCount > 0 && clockMs == NEVER_MS) decideOldestWaiting();
  putAllWaitingAside();
  if (block.rows > 0) cut();
  closeAll();
  fclose(answers);
  if (booksFile != NULL) tellBooks();
  return 0;
}
