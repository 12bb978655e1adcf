import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { laws } from '../properties/laws'
import { corpusOf, keepInCorpus } from '../properties/laws/law'
import type { Law } from '../properties/laws/law'
import { runTrial } from './trial'

/** Tries laws for minutes, each its share of the time; a value that breaks one is made as small as can be and kept. */
async function fuzz(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      target: { type: 'string' },
      seed: { type: 'string' },
    },
  })
  const chosen = laws.filter(({ name }) => values.target === undefined || name === values.target)
  if (chosen.length === 0) {
    throw new Error(`there is no law ${values.target!}; there are ${laws.map(({ name }) => name).join(', ')}`)
  }
  const shareMs = (Number(values.minutes) * 60_000) / chosen.length
  const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
  let broken = 0
  for (const law of chosen) {
    for (const [file, value] of corpusOf(law.name)) {
      const fault = await faultOf(law, value)
      if (fault === undefined) continue
      broken++
      process.stdout.write(`${JSON.stringify({ law: law.name, file, fault })}\n`)
    }
    broken += await tried(law, { seed, shareMs })
    await law.close?.()
  }
  if (broken > 0) throw new Error(`${broken} values break a law; they are in test/corpus`)
}

async function faultOf({ check }: Law, value: unknown): Promise<string | undefined> {
  try {
    await check(value)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Values of one law until its time is over, or until it is broken. */
async function tried(law: Law, { seed, shareMs }: { seed: number; shareMs: number }): Promise<number> {
  const startMs = Date.now()
  const details = await fc.check(
    fc.asyncProperty(law.arbitrary, async (value) => {
      await law.check(value)
    }),
    { seed, numRuns: 2 ** 31 - 1, interruptAfterTimeLimit: shareMs, markInterruptAsFailure: false },
  )
  const told = {
    law: law.name,
    seed,
    values: details.numRuns,
    seconds: Math.round((Date.now() - startMs) / 1_000),
  }
  if (!details.failed || details.counterexample === null) {
    process.stdout.write(`${JSON.stringify(told)}\n`)
    return 0
  }
  const [value] = details.counterexample
  const fault = (await faultOf(law, value)) ?? 'it did not break again'
  const file = keepInCorpus(law.name, value)
  process.stdout.write(`${JSON.stringify({ ...told, fault, value, file })}\n`)
  return 1
}

runTrial(fuzz)
