import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type fc from 'fast-check'

/** A promise that holds for every value that can be made up. Values are plain JSON, so that one can be kept in a file. */
export interface Law<Value = unknown> {
  /** The folder of its corpus. */
  readonly name: string
  /** How many values `npm test` makes up; as many as take a second or two. */
  readonly runs: number
  readonly arbitrary: fc.Arbitrary<Value>
  /** Throws where the promise is broken. */
  readonly check: (value: Value) => void | Promise<void>
  /** Lets go of what checking opened. */
  readonly close?: () => Promise<void>
}

export const corpusFolder = join(__dirname, '../../corpus')

/** The values that once broke a law, by the names of their files. */
export function corpusOf(law: string): readonly (readonly [file: string, value: unknown])[] {
  const folder = join(corpusFolder, law)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown])
}

/** Keeps a value that broke a law; gives its file. */
export function keepInCorpus(law: string, value: unknown): string {
  const text = `${JSON.stringify(value)}\n`
  const folder = join(corpusFolder, law)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`)
  writeFileSync(file, text)
  return file
}

/** A law among others, whose values only it knows. */
export function anyLaw<Value>(law: Law<Value>): Law {
  return law as unknown as Law
}
