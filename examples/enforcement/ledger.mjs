// @ts-check
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sanctions } from './acts.mjs'

/**
 * @typedef {import('./acts.mjs').Act} Act
 * @typedef {{ setAside: string, because: string, bytes: string | null }} SetAside `topic/partition/offset` of a record
 */

/** What was done, one JSON object a line in a file that only grows and that one process writes. */
export class Ledger {
  /** @type {Map<string, Act>} The latest act by verdict. */
  #latest = new Map()
  /** @type {Set<string>} */
  #setAside = new Set()
  #pending = ''
  #flushed = Promise.resolve()

  /** @param {import('node:fs/promises').FileHandle} file */
  constructor(file) {
    this.file = file
  }

  /** @param {string} path */
  static async open(path) {
    const ledger = new Ledger(await open(path, 'a+'))
    const bytes = await ledger.file.readFile()
    // A line that a crash has cut was never counted on.
    const end = bytes.lastIndexOf('\n') + 1
    await ledger.file.truncate(end)
    for (const [index, line] of bytes.subarray(0, end).toString().split('\n').slice(0, -1).entries()) {
      try {
        ledger.#take(JSON.parse(line))
      } catch {
        throw new Error(
          `line ${index + 1} of ${path} is broken: restore the file, or things would be done twice`,
        )
      }
    }
    // A new file survives a power cut only when its folder was written as well.
    const folder = await open(dirname(path))
    await folder.sync()
    await folder.close()
    return ledger
  }

  /** @param {string} verdictId */
  latest(verdictId) {
    return this.#latest.get(verdictId)
  }

  /** @param {string} position */
  isSetAside(position) {
    return this.#setAside.has(position)
  }

  /** The gravest of all that is in force on somebody. @param {string} id */
  standingOf(id) {
    const inForce = [...this.#latest.values()].flatMap(({ whom, sanction }) =>
      whom.includes(id) ? [sanction] : [],
    )
    return sanctions.filter((sanction) => inForce.includes(sanction)).at(-1) ?? 'good standing'
  }

  /** What is in force although its time is over. @param {number} nowMs */
  overdue(nowMs) {
    return [...this.#latest.values()].filter(({ sanction, untilMs }) => sanction !== null && untilMs <= nowMs)
  }

  /** Counts at once; it is on the disk when the next `flush` resolves. @param {Act | SetAside} entry */
  add(entry) {
    this.#take(entry)
    this.#pending += `${JSON.stringify(entry)}\n`
  }

  /** After a failure the process must end, since memory is ahead of the disk. */
  flush() {
    this.#flushed = this.#flushed.then(async () => {
      const lines = this.#pending
      this.#pending = ''
      if (lines === '') return
      await this.file.appendFile(lines)
      await this.file.datasync()
    })
    return this.#flushed
  }

  /** @param {Act | SetAside} entry */
  #take(entry) {
    if ('setAside' in entry) this.#setAside.add(entry.setAside)
    else this.#latest.set(entry.verdictId, entry)
  }
}
