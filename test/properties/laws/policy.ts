import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { SettingsError, UnreachableError } from '../../../src/model/errors'
import { parsePolicy } from '../../../src/policy/policy'
import { loadSettings, settingsList } from '../../../src/settings/load-settings'
import { replayed, smallDayLines, textSource } from '../../support/pipeline'
import { newFolder, removeFolder } from './formats'
import { anyLaw } from './law'

/** Another value at a place of a document; the place is counted among all there are. */
type Edit = readonly [place: number, value: unknown]

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, 1, -1, 0.5, 1e-9, 1e300, 5e-324, 2 ** 53),
)
const value = fc.oneof(
  { weight: 3, arbitrary: number },
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('off', 'shadow', 'live', '', '__proto__'),
)
const edits: fc.Arbitrary<readonly Edit[]> = fc.array(fc.tuple(fc.nat(), value), { maxLength: 4 })

export const policyLaw = anyLaw({
  name: 'policy',
  runs: 300,
  arbitrary: fc.oneof(
    { weight: 6, arbitrary: fc.record({ edits }) },
    { weight: 1, arbitrary: fc.record({ whole: fc.jsonValue() }) },
  ),
  /** Any document is accepted, and then runs and can be written and read again, or is refused with its faults by name. */
  async check(made: { readonly edits: readonly Edit[] } | { readonly whole: unknown }) {
    const document = 'whole' in made ? made.whole : edited(parsePolicy({}), made.edits)
    let policy: ReturnType<typeof parsePolicy>
    try {
      policy = parsePolicy(document)
    } catch (error) {
      if (error instanceof SettingsError && error.message.includes('does not hold: ')) return
      throw error
    }
    const again = parsePolicy(JSON.parse(JSON.stringify(policy)) as unknown)
    if (JSON.stringify(again) !== JSON.stringify(policy))
      throw new Error('is another one when it is read again')
    // One in many: running takes time.
    if (!('edits' in made) || made.edits.length === 0 || made.edits.length > 2) return
    lines ??= smallDayLines().slice(0, 150).join('')
    const { books } = await replayed([textSource(lines)], { policy })
    if (books.read === 0) throw new Error('nothing was read')
  },
})

let lines: string | undefined

function edited(document: unknown, changes: readonly Edit[]): unknown {
  const copy = JSON.parse(JSON.stringify(document)) as Record<string, unknown>
  for (const [place, other] of changes) {
    const places = placesIn(copy)
    const [holder, key] = places[place % places.length]!
    holder[key] = other
  }
  return copy
}

function placesIn(holder: Record<string, unknown>): [Record<string, unknown>, string][] {
  return Object.entries(holder).flatMap(([key, inner]): [Record<string, unknown>, string][] => [
    [holder, key],
    ...(typeof inner === 'object' && inner !== null ? placesIn(inner as Record<string, unknown>) : []),
  ])
}

const secret = 'canary-of-a-secret'
const envNames = settingsList.map(({ env }) => env)
const envValue = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e9',
    'true',
    '{',
    '[]',
    '{}',
    'localhost:9092',
    'http://x',
    'redis://a:b@c',
    ',',
    ' ',
    '\u0000',
    '/nowhere',
  ),
)

export const settingsLaw = anyLaw({
  name: 'settings',
  runs: 400,
  arbitrary: fc.record({
    env: fc.dictionary(fc.constantFrom(...envNames), envValue, { maxKeys: 4 }),
    file: fc.option(
      fc.oneof(
        fc.jsonValue({ maxDepth: 3 }).map((one) => JSON.stringify(one)),
        fc
          .dictionary(
            fc.constantFrom('kafka', 'registry', 'http', 'state', 'redis', 'intake', '__proto__'),
            fc.jsonValue({ maxDepth: 2 }),
          )
          .map((one) => JSON.stringify(one)),
        fc.string(),
      ),
    ),
  }),
  /** Any settings are taken, or refused with a sentence that shows no secret. */
  check({ env, file }: { env: Record<string, string>; file: string | null }) {
    const folder = newFolder()
    try {
      const path = join(folder, 'settings.json')
      if (file !== null) writeFileSync(path, file)
      loadSettings(file === null ? undefined : path, { ASSAY_KAFKA_PASSWORD: secret, ...env })
    } catch (error) {
      const isSaid = error instanceof SettingsError || error instanceof UnreachableError
      if (!isSaid) throw error
      if (error.message.includes(secret)) throw new Error('shows a secret')
    } finally {
      removeFolder(folder)
    }
  },
})
