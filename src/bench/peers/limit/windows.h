/* The windows of ../question.ts as near to the machine as is reasonable: ids interned by their hashes, panes in typed
 * arrays, actors exact. Its programs include it once each. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
static int64_t latestMs, nextPane = -1, latestPane = -1;
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

/* A copy, since what the text lies in may be written over. */
static Text kept(Text text) {
  char *copy = more(NULL, text.length + 1);
  memcpy(copy, text.at, text.length);
  return (Text){copy, text.length};
}

/* Counts one event; panes that are over by its time are closed before. */
static void takeEvent(uint64_t seriesHash, Text account, Text kind, uint64_t actorHash, int64_t timeMs, int64_t createdS) {
  uint32_t number = numberOf(&seriesNumbers, seriesHash);
  if (number >= seriesRoom) {
    uint32_t room = seriesRoom == 0 ? 1024 : seriesRoom * 2;
    series = more(series, room * sizeof *series);
    live = more(live, room * sizeof *live);
    memset(series + seriesRoom, 0, (room - seriesRoom) * sizeof *series);
    seriesRoom = room;
  }
  if (series[number].account.at == NULL) { series[number].account = kept(account); series[number].kind = kept(kind); }
  int64_t pane = timeMs / HOP_MS;
  if (nextPane < 0 || pane < nextPane) nextPane = pane;
  if (timeMs > latestMs) latestMs = timeMs;
  while ((nextPane + 1) * HOP_MS <= latestMs - DISORDER_MS) closePane(nextPane++);
  if (pane > latestPane) latestPane = pane;
  OpenPane *into = &openPanes[pane % KEPT];
  if (into->length == into->room) into->rows = more(into->rows, (into->room = into->room * 2 + 64) * sizeof(Row));
  uint8_t fresh = createdS != 0 && timeMs - createdS * 1000 < FRESH_MS;
  into->rows[into->length++] = (Row){number, numberOf(&actorNumbers, actorHash), fresh};
}

static void closeAll(void) {
  while (nextPane >= 0 && nextPane < latestPane + PANES) closePane(nextPane++);
}
