/* The question of ../question.ts as near to the machine as is reasonable: one thread, one pass over the mapped file,
 * ids interned by their bytes, panes in typed arrays, actors exact. It checks nothing and survives nothing: it is here
 * as the limit. Usage: limit EVENTS ANSWERS */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { HOP_MS = 10000, PANES = 60, KEPT = PANES + 1, DISORDER_MS = 60000, SAMPLE_MS = 600000, LEAST_COUNT = 30 };
static const int64_t FRESH_MS = 7LL * 86400000;

typedef struct { const char *at; uint32_t length; } Text;
typedef struct { Text account, kind; uint32_t count, fresh, distinct; uint32_t ring[KEPT][3]; } Series;
typedef struct { uint32_t series, actor; int64_t last; } Pair;
typedef struct { uint32_t series, actor; uint8_t fresh; } Row;
typedef struct { Row *rows; size_t length, room; } OpenPane;

static void *more(void *old, size_t bytes) {
  void *memory = realloc(old, bytes);
  if (memory == NULL) { fputs("out of memory\n", stderr); exit(1); }
  return memory;
}

static uint64_t mix(uint64_t x) {
  x ^= x >> 32; x *= 0xd6e8feb86659fd93ULL; x ^= x >> 32;
  return x;
}

static uint64_t hashOf(const char *at, uint32_t length, uint64_t seed) {
  uint64_t hash = seed ^ length;
  for (; length >= 8; at += 8, length -= 8) { uint64_t word; memcpy(&word, at, 8); hash = mix(hash ^ word); }
  uint64_t word = 0;
  memcpy(&word, at, length);
  return mix(hash ^ word);
}

/* Interning: from a 64-bit hash of the bytes to a small number. */
typedef struct { uint64_t *hashes; uint32_t *numbers; uint32_t size, slots; } Interned;

static uint32_t numberOf(Interned *table, uint64_t hash) {
  if (hash == 0) hash = 1;
  if ((table->size + 1) * 2 > table->slots) {
    Interned wider = {NULL, NULL, table->size, table->slots == 0 ? 1024 : table->slots * 2};
    wider.hashes = more(NULL, wider.slots * sizeof *wider.hashes);
    wider.numbers = more(NULL, wider.slots * sizeof *wider.numbers);
    memset(wider.hashes, 0, wider.slots * sizeof *wider.hashes);
    for (uint32_t old = 0; old < table->slots; old++) {
      if (table->hashes[old] == 0) continue;
      uint32_t slot = table->hashes[old] & (wider.slots - 1);
      while (wider.hashes[slot] != 0) slot = (slot + 1) & (wider.slots - 1);
      wider.hashes[slot] = table->hashes[old];
      wider.numbers[slot] = table->numbers[old];
    }
    free(table->hashes);
    free(table->numbers);
    *table = wider;
  }
  uint32_t slot = hash & (table->slots - 1);
  while (table->hashes[slot] != 0) {
    if (table->hashes[slot] == hash) return table->numbers[slot];
    slot = (slot + 1) & (table->slots - 1);
  }
  table->hashes[slot] = hash;
  table->numbers[slot] = table->size;
  return table->size++;
}

static Interned seriesNumbers, actorNumbers;
static Series *series;
static uint32_t seriesRoom, *live, liveLength;
static Pair *pairs;
static uint32_t pairSlots, pairSize;
static OpenPane openPanes[KEPT];
static FILE *answers;

static Pair *pairOf(uint32_t ofSeries, uint32_t actor) {
  if ((pairSize + 1) * 2 > pairSlots) {
    Pair *old = pairs;
    uint32_t oldSlots = pairSlots;
    pairSlots = oldSlots == 0 ? 4096 : oldSlots * 2;
    pairs = more(NULL, pairSlots * sizeof *pairs);
    for (uint32_t slot = 0; slot < pairSlots; slot++) pairs[slot].last = -1;
    for (uint32_t from = 0; from < oldSlots; from++) {
      if (old[from].last < 0) continue;
      uint32_t slot = mix((uint64_t)old[from].series << 32 | old[from].actor) & (pairSlots - 1);
      while (pairs[slot].last >= 0) slot = (slot + 1) & (pairSlots - 1);
      pairs[slot] = old[from];
    }
    free(old);
  }
  uint32_t slot = mix((uint64_t)ofSeries << 32 | actor) & (pairSlots - 1);
  while (pairs[slot].last >= 0 && (pairs[slot].series != ofSeries || pairs[slot].actor != actor))
    slot = (slot + 1) & (pairSlots - 1);
  if (pairs[slot].last < 0) { pairs[slot] = (Pair){ofSeries, actor, -1}; pairSize++; }
  return &pairs[slot];
}

static void closePane(int64_t pane) {
  OpenPane *rows = &openPanes[pane % KEPT];
  uint32_t here = pane % KEPT;
  /* What leaves the window had its counts in the very place that the new pane takes. */
  uint32_t kept = 0;
  for (uint32_t i = 0; i < liveLength; i++) {
    Series *one = &series[live[i]];
    uint32_t *leaving = one->ring[(pane + 1) % KEPT];
    one->count -= leaving[0]; one->fresh -= leaving[1]; one->distinct -= leaving[2];
    leaving[0] = leaving[1] = leaving[2] = 0;
    if (one->count > 0) live[kept++] = live[i];
  }
  liveLength = kept;
  for (size_t i = 0; i < rows->length; i++) {
    Row *row = &rows->rows[i];
    Series *one = &series[row->series];
    Pair *pair = pairOf(row->series, row->actor);
    if (one->count++ == 0) live[liveLength++] = row->series;
    one->fresh += row->fresh;
    one->ring[here][0]++;
    one->ring[here][1] += row->fresh;
    if (pair->last == pane) continue;
    one->ring[here][2]++;
    if (pair->last > pane - PANES) one->ring[pair->last % KEPT][2]--;
    else one->distinct++;
    pair->last = pane;
  }
  rows->length = 0;
  int64_t endMs = (pane + 1) * HOP_MS;
  int isSample = endMs % SAMPLE_MS == 0;
  for (uint32_t i = 0; i < liveLength; i++) {
    Series *one = &series[live[i]];
    int isAlert = one->count >= LEAST_COUNT && (uint64_t)one->fresh * 5 > one->count;
    for (int list = 0; list < 2; list++) {
      if (!(list == 0 ? isAlert : isSample)) continue;
      fprintf(answers, "%s\t%.*s\t%.*s\t%lld\t%u\t%u\t%u\n", list == 0 ? "alert" : "sample", (int)one->account.length,
              one->account.at, (int)one->kind.length, one->kind.at, (long long)endMs, one->count, one->distinct, one->fresh);
    }
  }
}

static int64_t numberAt(const char *at) {
  int64_t number = 0;
  for (; *at >= '0' && *at <= '9'; at++) number = number * 10 + (*at - '0');
  return number;
}

static const char *textEnd(const char *at) {
  while (*at != '"') at += *at == '\\' ? 2 : 1;
  return at;
}

static int is(Text key, const char *name) {
  return key.length == strlen(name) && memcmp(key.at, name, key.length) == 0;
}

int main(int count, char **arguments) {
  if (count != 3) { fputs("usage: limit EVENTS ANSWERS\n", stderr); return 64; }
  int file = open(arguments[1], O_RDONLY);
  struct stat about;
  if (file < 0 || fstat(file, &about) != 0) { perror(arguments[1]); return 69; }
  const char *at = mmap(NULL, about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  const char *end = at + about.st_size;
  answers = fopen(arguments[2], "w");
  if (at == MAP_FAILED || answers == NULL) { perror(arguments[2]); return 69; }
  int64_t latestMs = 0, nextPane = -1, latestPane = -1;
  while (at < end) {
    Text kind = {0}, account = {0}, actor = {0};
    int64_t timeMs = 0, createdMs = 0;
    /* Flat objects of texts and numbers, which is what the stream has. */
    for (at++; *at != '\n';) {
      Text key = {++at, 0};
      at = textEnd(at);
      key.length = at - key.at;
      at += 2;
      if (*at == '"') {
        Text value = {++at, 0};
        at = textEnd(at);
        value.length = at++ - value.at;
        if (is(key, "kind")) kind = value;
        else if (is(key, "accountId")) account = value;
        else if (is(key, "actorId")) actor = value;
      } else {
        if (is(key, "occurredAt")) timeMs = numberAt(at);
        else if (is(key, "actorCreatedAt")) createdMs = numberAt(at);
        while (*at != ',' && *at != '}') at++;
      }
      at++;
    }
    at++;
    /* The kinds of the stream are told apart by two letters: click, comment, forward, subscription. */
    uint32_t number = numberOf(&seriesNumbers, hashOf(account.at, account.length, (uint64_t)(kind.at[0] << 8 | kind.at[1]) << 16));
    if (number >= seriesRoom) {
      uint32_t room = seriesRoom == 0 ? 1024 : seriesRoom * 2;
      series = more(series, room * sizeof *series);
      live = more(live, room * sizeof *live);
      memset(series + seriesRoom, 0, (room - seriesRoom) * sizeof *series);
      seriesRoom = room;
    }
    if (series[number].account.at == NULL) { series[number].account = account; series[number].kind = kind; }
    int64_t pane = timeMs / HOP_MS;
    if (nextPane < 0 || pane < nextPane) nextPane = pane;
    if (timeMs > latestMs) latestMs = timeMs;
    while ((nextPane + 1) * HOP_MS <= latestMs - DISORDER_MS) closePane(nextPane++);
    if (pane > latestPane) latestPane = pane;
    OpenPane *into = &openPanes[pane % KEPT];
    if (into->length == into->room) into->rows = more(into->rows, (into->room = into->room * 2 + 64) * sizeof(Row));
    uint8_t fresh = createdMs != 0 && timeMs - createdMs / 1000 * 1000 < FRESH_MS;
    into->rows[into->length++] = (Row){number, numberOf(&actorNumbers, hashOf(actor.at, actor.length, 7)), fresh};
  }
  while (nextPane < latestPane + PANES) closePane(nextPane++);
  fclose(answers);
  return 0;
}
