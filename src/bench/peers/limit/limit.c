/* The question of ../question.ts as near to the machine as is reasonable: one thread, one pass over the mapped file. It
 * checks nothing and survives nothing: it is here as the limit. Usage: limit EVENTS ANSWERS */
#include "windows.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

static uint64_t hashOf(const char *at, uint32_t length, uint64_t seed) {
  uint64_t hash = seed ^ length;
  for (; length >= 8; at += 8, length -= 8) { uint64_t word; memcpy(&word, at, 8); hash = mix(hash ^ word); }
  uint64_t word = 0;
  memcpy(&word, at, length);
  return mix(hash ^ word);
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
    uint64_t kindSeed = (uint64_t)(kind.at[0] << 8 | kind.at[1]) << 16;
    takeEvent(hashOf(account.at, account.length, kindSeed), account, kind, hashOf(actor.at, actor.length, 7), timeMs,
              createdMs / 1000);
  }
  closeAll();
  fclose(answers);
  return 0;
}
