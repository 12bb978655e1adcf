import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { laws } from './laws'
import { corpusFolder, corpusOf } from './laws/law'

jest.setTimeout(120_000)

afterAll(async () => {
  for (const { close } of laws) await close?.()
})

describe.each(laws.map((law) => [law.name, law] as const))('%s', (name, { runs, arbitrary, check }) => {
  it('holds for every value that once broke it', async () => {
    for (const [file, value] of corpusOf(name)) {
      try {
        await check(value)
      } catch (cause) {
        throw new Error(`${file}: ${(cause as Error).message}`, { cause })
      }
    }
  })

  it('holds for whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (value) => {
        await check(value)
      }),
      { numRuns: runs },
    )
  })
})

it('has no corpus of a law that is none', () => {
  const names = laws.map(({ name }) => name)
  expect(readdirSync(corpusFolder).filter((name) => name !== 'README.md' && !names.includes(name))).toEqual(
    [],
  )
})
