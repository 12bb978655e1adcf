/**
 * Whether a text says that it is somebody else's: reprinted from, source, via. A credit is what tells syndication from
 * copying; it speaks for whoever gives it, and whoever gives a false one has still other ties against him.
 */
export function namesACredit(text: string): boolean {
  return credit.test(text)
}

const credit =
  /转载|轉載|转自|轉自|来源[:：]|來源[:：]|原文[:：]|供稿|\breprinted (?:from|with)|\bsource\s*[:：]|\bcourtesy of\b|\bvia @?\p{L}|\boriginally (?:published|appeared)|\bh\/t\b/iu
