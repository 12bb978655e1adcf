import { isSameHash } from '../../model/hash'
import { widened } from '../../state/memory'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/** The latest sixteen posts of each account: the hash of the content, and when it came. */
export class OwnPosts {
  private words = new Uint32Array(64 * accountWords)

  get byteLength(): number {
    return this.words.byteLength
  }

  /** Notes a post; false when it is known already. */
  add(account: number, high: number, low: number, posted: number): boolean {
    if (this.postedAt(account, high, low) !== 0) return false
    while ((account + 1) * accountWords > this.words.length)
      this.words = widened(this.words, Math.ceil(this.words.length * 1.25))
    const at = account * accountWords
    this.words.copyWithin(at, at + postWords, at + accountWords)
    this.words.set([high, low, posted], at + accountWords - postWords)
    return true
  }

  /** When a content was published, as it was noted; 0 where that is not known. */
  postedAt(account: number, high: number, low: number): number {
    const { words } = this
    const from = account * accountWords
    if (from >= words.length) return 0
    for (let at = from + accountWords - postWords; at >= from; at -= postWords) {
      if (isSameHash(words[at]!, words[at + 1]!, high, low)) return words[at + 2]!
      // The latest come last, so that there is none before a place that is free.
      if (words[at + 2] === 0) return 0
    }
    return 0
  }

  latest(account: number): { readonly high: number; readonly low: number } | undefined {
    const at = (account + 1) * accountWords - postWords
    if (at >= this.words.length || this.words[at + 2] === 0) return undefined
    return { high: this.words[at]!, low: this.words[at + 1]! }
  }

  /** The oldest first. */
  forEach(account: number, visit: (high: number, low: number) => void): void {
    const from = account * accountWords
    for (let at = from; at < from + accountWords && at < this.words.length; at += postWords) {
      if (this.words[at + 2] !== 0) visit(this.words[at]!, this.words[at + 1]!)
    }
  }

  save(out: SnapshotWriter): void {
    out.array('posts', this.words)
  }

  load(from: SnapshotReader): void {
    this.words = from.uint32('posts')
  }
}

const postWords = 3
const accountWords = 16 * postWords
