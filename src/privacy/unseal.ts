import type { KeyObject } from 'node:crypto'
import { allNames } from './rewrite'
import { pseudonymOf } from './vault'
import type { Vault } from './vault'

/** Lines with names in the place of pseudonyms, and how many were opened. */
export interface Unsealed {
  readonly lines: readonly string[]
  /** Different pseudonyms that have a name. */
  readonly opened: number
}

/**
 * Puts the ids of the platform where pseudonyms stand in lines of JSON: in verdicts, corrections, answers of the API.
 * A pseudonym without a name, since it was erased or is too old, stays. One pass over the vault for all lines.
 */
export async function unsealLines(
  lines: readonly string[],
  { vault, privateKeys }: { readonly vault: Vault; readonly privateKeys: readonly KeyObject[] },
): Promise<Unsealed> {
  const wanted = new Set(lines.flatMap((line) => line.match(pseudonymPattern) ?? []))
  const names = new Map<string, string>()
  if (wanted.size > 0) {
    for await (const name of allNames(vault, privateKeys)) {
      const pseudonym = pseudonymOf(name)
      // As it stands inside quotation marks, whatever characters the id has.
      if (wanted.has(pseudonym)) names.set(pseudonym, JSON.stringify(decoder.decode(name.id)).slice(1, -1))
    }
  }
  return {
    lines: lines.map((line) =>
      line.replace(pseudonymPattern, (pseudonym) => names.get(pseudonym) ?? pseudonym),
    ),
    opened: names.size,
  }
}

/** A word of 16 hexadecimal digits; ids of verdicts and clusters have more of them, or a letter and a hyphen before. */
const pseudonymPattern = /(?<![\w-])[0-9a-f]{16}(?![\w-])/g
const decoder = new TextDecoder()
