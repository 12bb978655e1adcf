/* Folds a text as ../../../text/fold.ts does: to lower case, one form of Chinese, letters and digits only, without links,
 * mentions and emoji in brackets. It knows the letters of Western Europe, Cyrillic, Chinese, Japanese and Korean; of a
 * text with others, or a word of two alphabets, for which there NFKC is asked, it says that it does not know it. */
#include <stdint.h>
#include <string.h>

enum { MOST_TEXT_BYTES = 8192, FIRST_IDEOGRAPH = 0x3400, LAST_IDEOGRAPH = 0x9fff };
enum { NOTHING = 1, LATIN = 1, CYRILLIC = 2, TWO_ALPHABETS = 3, MOST_MENTION = 30, MOST_EMOJI = 8 };

/* By ideograph, counted from the first: its simplified form, as ../../../text/simplified.ts has them. */
static uint16_t simplified[LAST_IDEOGRAPH - FIRST_IDEOGRAPH + 1];
static uint8_t folded[MOST_TEXT_BYTES * 3];
static uint32_t foldedLength, foldedCharacters;
/* Of ASCII, in lower case: whether it is a letter or a digit, whether a letter. */
static uint8_t isWord[256], isLatin[256], lowerAscii[128], letterLike[256];
/* The letters from U+00E0 on without their accents. */
static const uint16_t withoutAccent[] = {'a', 'a', 'a', 'a', 'a', 'a', 0xe6, 'c', 'e', 'e', 'e', 'e', 'i', 'i', 'i', 'i',
                                         0xf0, 'n', 'o', 'o', 'o', 'o', 'o', 0, 0xf8, 'u', 'u', 'u', 'u', 'y', 0xfe, 'y'};

static void prepareFold(void) {
  for (int byte = 0; byte < 128; byte++) {
    lowerAscii[byte] = byte >= 'A' && byte <= 'Z' ? byte + 0x20 : byte;
    isLatin[byte] = byte >= 'a' && byte <= 'z' ? LATIN : 0;
    isWord[byte] = isLatin[byte] == LATIN || (byte >= '0' && byte <= '9');
  }
  for (const char *pair = "0o1i3e4a5s7t"; *pair != 0; pair += 2) letterLike[(uint8_t)pair[0]] = pair[1];
}

static int isPlainLetter(uint32_t code) {
  return (code >= 0x4e00 && code <= LAST_IDEOGRAPH) || (code >= 0x3041 && code <= 0x3096) ||
         (code >= 0x30a1 && code <= 0x30fa) || (code >= 0xac00 && code <= 0xd7a3);
}

static int isInvisible(uint32_t code) {
  return (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
         (code >= 0xfe00 && code <= 0xfe0f) || code == 0xfeff;
}

static int isNoLetter(uint32_t code) {
  return (code >= 0x2000 && code <= 0x205f) || (code >= 0x3000 && code <= 0x3003) || (code >= 0x3008 && code <= 0x301f) ||
         (code >= 0x2600 && code <= 0x2775) || (code >= 0x2794 && code <= 0x27bf) || (code >= 0x1f300 && code <= 0x1faff);
}

static int isSeveralMarks(uint32_t code) {
  return (code >= 0x2024 && code <= 0x2026) || code == 0x203c || (code >= 0x2047 && code <= 0x2049);
}

static uint32_t lowerTwoByte(uint32_t code) {
  if (code == 0xdf) return code;
  if (code >= 0xc0 && code <= 0xff && code != 0xd7) return withoutAccent[code & 0x1f];
  if (code >= 0x410 && code <= 0x42f) return code + 0x20;
  if (code >= 0x400 && code <= 0x40f) return code + 0x50;
  return code >= 0x430 && code <= 0x45f ? code : 0;
}

/* Writes the text in normal form, `NOTHING` for what is no letter; gives its length, or -1 for a text that it does not know. */
static int normalise(const uint8_t *at, const uint8_t *end) {
  uint8_t *to = folded;
  int alphabets = 0;
  while (at < end) {
    uint32_t code = *at, ascii = 0;
    if (code < 0x80) {
      ascii = code;
      at++;
    } else if (code < 0xe0) {
      uint32_t lower = lowerTwoByte((code & 0x1f) << 6 | (at[1] & 0x3f));
      at += 2;
      if (lower == 0) return -1;
      if (lower < 0x80) {
        alphabets |= LATIN;
        *to++ = lower;
      } else {
        alphabets = lower < 0x400 ? 0 : alphabets | CYRILLIC;
        *to++ = 0xc0 | lower >> 6;
        *to++ = 0x80 | (lower & 0x3f);
      }
      if (alphabets == TWO_ALPHABETS) return -1;
      continue;
    } else if (code < 0xf0) {
      code = (code & 0x0f) << 12 | (at[1] & 0x3f) << 6 | (at[2] & 0x3f);
      at += 3;
      /* Forms of ASCII that are as wide as an ideograph. */
      if (code >= 0xff01 && code <= 0xff5e) ascii = code - 0xfee0;
    } else {
      code = (code & 0x07) << 18 | (at[1] & 0x3f) << 12 | (at[2] & 0x3f) << 6 | (at[3] & 0x3f);
      at += 4;
    }
    if (code < 0x80 || ascii != 0) {
      uint8_t byte = lowerAscii[ascii];
      alphabets = (isWord[byte] ? alphabets : 0) | isLatin[byte];
      if (alphabets == TWO_ALPHABETS) return -1;
      *to++ = byte;
      continue;
    }
    if (isPlainLetter(code)) {
      if (code >= 0x4e00 && code <= LAST_IDEOGRAPH) code = simplified[code - FIRST_IDEOGRAPH];
      *to++ = 0xe0 | code >> 12;
      *to++ = 0x80 | (code >> 6 & 0x3f);
      *to++ = 0x80 | (code & 0x3f);
    } else if (isInvisible(code)) {
      continue;
    } else if (isNoLetter(code)) {
      *to++ = isSeveralMarks(code) ? '.' : NOTHING;
    } else {
      return -1;
    }
    alphabets = 0;
  }
  return to - folded;
}

static int startsWith(const uint8_t *at, const uint8_t *end, const char *prefix) {
  size_t length = strlen(prefix);
  return (size_t)(end - at) >= length && memcmp(at, prefix, length) == 0;
}

static const uint8_t *linkEnd(const uint8_t *at, const uint8_t *end, uint8_t before) {
  int isLink = *at == 'w' ? startsWith(at, end, "www.") && !isWord[before]
                          : startsWith(at, end, "http://") || startsWith(at, end, "https://");
  if (isLink) while (at < end && *at > 0x20 && *at < 0x7f) at++;
  return at;
}

static const uint8_t *mentionEnd(const uint8_t *at, const uint8_t *end) {
  for (int characters = 0; at < end; at++) {
    if ((*at & 0xc0) == 0x80) continue;
    if (*at < 0x80 && !isWord[*at] && *at != '_' && *at != '-') break;
    if (++characters > MOST_MENTION) break;
  }
  return at;
}

static const uint8_t *emojiEnd(const uint8_t *start, const uint8_t *end) {
  int characters = 0;
  for (const uint8_t *at = start + 1; at < end; at++) {
    if (*at == ']') return characters > 0 ? at + 1 : start;
    if ((*at & 0xc0) == 0x80) continue;
    if ((*at < 0x80 && !isWord[*at]) || ++characters > MOST_EMOJI) return start;
  }
  return start;
}

/* Takes links, mentions, emoji in brackets and all that is no letter or digit out, in place. */
static void strip(int length) {
  const uint8_t *at = folded, *end = folded + length;
  uint8_t *to = folded, before = NOTHING;
  foldedCharacters = 0;
  while (at < end) {
    uint8_t byte = *at;
    const uint8_t *after = at;
    if (byte == 'h' || byte == 'w') after = linkEnd(at, end, before);
    else if (byte == '@' && !isWord[before]) after = mentionEnd(at + 1, end);
    else if (byte == '[') after = emojiEnd(at, end);
    if (after > at) {
      before = NOTHING;
      at = after;
      continue;
    }
    if (byte >= 0x80 || isWord[byte]) {
      int isStandIn = letterLike[byte] > 0 && isLatin[before] && at + 1 < end && isLatin[at[1]];
      *to++ = isStandIn ? letterLike[byte] : byte;
      foldedCharacters += (byte & 0xc0) != 0x80;
    }
    before = byte;
    at++;
  }
  foldedLength = to - folded;
}

/* Whether it knows the text, which is then in `folded`. */
static int fold(const uint8_t *at, const uint8_t *end) {
  int length = normalise(at, end);
  if (length < 0) return 0;
  strip(length);
  return 1;
}
